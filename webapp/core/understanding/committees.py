"""Who has a say, as choices: "me and our CFO", "IT must sign it off", "just me"."""

from webapp.core.understanding import concepts
from webapp.core.understanding.books import Book
from webapp.core.understanding.choices import Meant
from webapp.core.understanding.words import Said

_DECIDES = frozenset(
    "decide decides decision decisions approve approves approval involved sign signs signoff agree "
    "convince check checks consult together entscheidet entscheiden entscheidung zustimmen "
    "mitentscheiden freigeben beteiligt absegnen prueft pruefen".split()
)
_TOGETHER = frozenset({("and", "our"), ("and", "my"), ("with", "our"), ("with", "my")})
_TOGETHER |= {("und", "unser"), ("und", "unsere")}
_ONLY_ME = frozenset({("me",), ("i",), ("i", "do"), ("ich",)})


def people(book: Book, said: Said, *, asked: bool) -> list[Meant]:
    """The people named, as choices; "just me" only where nobody else is."""
    found: list[Meant] = []
    for place, end, choice in book.phrases.find(said):
        if choice == book.roles.get("alone") or not _someone(said, place, end):
            continue
        found.append(Meant(choice, "sure", place, end))
    for place, end, role in concepts.PEOPLE_SAID.find(said):
        named = any(each.start < end and place < each.end for each in found)
        role_choice = book.roles.get(role)
        if not named and _someone(said, place, end):
            if role_choice:
                found.append(Meant(role_choice, "sure", place, end))
            elif role == "manager" and (owner := book.roles.get("executive")):
                # Whose boss decides may well mean the owner.
                found.append(Meant(owner, "likely", place, end))
    alone = book.roles.get("alone")
    if not found and alone:
        for place, end, _ in concepts.ALONE_SAID.find(said):
            if not said.denied(place, end) or said.words[place] in ("nobody", "no", "niemand"):
                return [Meant(alone, "sure" if asked else "likely", place, end)]
        if asked and tuple(said.words[i] for i in said.plain) in _ONLY_ME:
            return [Meant(alone, "sure", 0, len(said))]
    if asked:
        return found
    # Somebody who says "I am the CFO" tells who they are, not who else decides.
    return [each._replace(certainty="likely") for each in found if _decides(said, each)]


def _someone(said: Said, start: int, end: int) -> bool:
    """Not denied, and IT only in capitals: "it" is mostly no department."""
    first = said.tokens[start]
    short = end - start == 1 and len(first.text) <= 2
    if short and not first.text.isupper() and len(said.plain) > 1:
        return False
    return not said.denied(start, end)


def _decides(said: Said, meant: Meant) -> bool:
    before = tuple(said.words[max(0, meant.start - 2) : meant.start])
    return before in _TOGETHER or bool(_DECIDES & set(said.clause(meant.start)))
