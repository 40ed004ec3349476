"""Which of a property's choices somebody means: by its words, their idea, or a near spelling."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from webapp.core.understanding import bands, concepts
from webapp.core.understanding.books import SMALL, Book
from webapp.core.understanding.pieces import Certainty
from webapp.core.understanding.quantities import Quantity
from webapp.core.understanding.words import Said, distance, key, slips

_NOT = frozenset({"no", "not", "kein", "nicht", "noch", "don't", "without"})
_BUDGET_IDEAS = frozenset({"approved", "planned", "no_budget"})
_ANYTHING = frozenset(
    "something anything else other others another none of the these etwas anderes andere "
    "sonstiges keins nichts davon".split()
)
_IF = frozenset("if once when soon wenn falls sobald".split())
# What somebody else did who is spoken of: they tell how the visitor came to us, not who it is.
_TOLD = frozenset(
    "told recommended recommends suggested mentioned asked sent referred showed said says "
    "empfohlen empfahl erzaehlt gesagt geschickt genannt gezeigt".split()
)
# What may follow a choice's word without another meaning.
_LEADS_ELSEWHERE = frozenset(
    "of for at in on with from to by than as so but because since while if when where fuer im bei "
    "mit aus von zum zur als weil da wenn".split()
)
_SAYS_NOTHING = SMALL | frozenset(
    "please thanks thank bitte danke things stuff something anything everything more now today "
    "here really mostly mainly only just too also again etc lol ok company firm business sector "
    "industry department team person guy people work project job role level firma branche "
    "unternehmen abteilung team sache sachen etwas alles mehr jetzt heute hier nur auch".split()
)
_ABOUT_US = frozenset("we we're i'm our company wir unser unsere firma unternehmen".split())


class Meant(NamedTuple):
    """A choice, how surely it was meant, and the tokens that say so."""

    choice: str
    certainty: Certainty
    start: int
    end: int


def in_bands(book: Book, amounts: Iterable[Quantity]) -> list[Meant]:
    """The bands that amounts fall into."""
    return [
        Meant(*fit, amount.start, amount.end)
        for amount in amounts
        for fit in bands.fitting(book.bands, amount)
    ]


def named(book: Book, said: Said) -> list[Meant]:
    """Choices named in a reply, by label, id or synonym.

    Sure, unless it is one word that may well mean nothing here: an id inside a longer sentence, or
    a word that goes on to something else ("we sell shoes", "support our sales team"). Whoever was
    told by a student is none.
    """
    found: list[Meant] = []
    unclear = False
    short = len(said.plain) <= 4
    names = list(book.phrases.find(said))
    for start, end, choice in names:
        words = _plain_words(said, start, end)
        whole = len(words) == len(said.plain)
        same = {said.words[each.start] for each in names if each.payload == choice}
        goes_on = _goes_on(said, end) - same if len(words) == 1 else set()
        pronoun = not whole and not short and _may_be_a_pronoun(said, start, end)
        if _denied(said, start, end) or pronoun or _TOLD.intersection(goes_on):
            continue
        if not whole and not short and _ANYTHING.issuperset(words):
            found.append(Meant(choice, "likely", start, end))
            continue
        telling = len(words) > 1 or (words[0] not in SMALL and (short or not book.is_id(words)))
        hoped = book.about_money and _is_hoped(said, start)
        unclear = unclear or (telling and not whole and (bool(goes_on) or hoped))
        found.append(Meant(choice, "sure" if whole or telling else "likely", start, end))
    # With one of them in doubt so is the rest: "automate our reporting" wants either.
    return [each._replace(certainty="likely") for each in found] if unclear else found


def mentioned(book: Book, said: Said) -> list[Meant]:
    """Choices named in passing. One word counts only where the sentence points at the property."""
    found: list[Meant] = []
    for start, end, choice in book.phrases.find(said):
        telling = [word for word in _plain_words(said, start, end) if word not in SMALL]
        if said.asks or not telling or _denied(said, start, end):
            continue
        clause = set(said.clause(start)) - set(said.words[start:end])
        pointed = bool(clause & book.cues)
        if len(telling) == 1 and not (pointed and len(telling[0]) > 2):
            continue
        sure = pointed or (len(telling) > 1 and bool(clause & _ABOUT_US))
        found.append(Meant(choice, "sure" if sure else "likely", start, end))
    return found


def by_idea(book: Book, said: Said, *, asked: bool) -> list[Meant]:
    """Choices meant by what visitors say for the same idea: "signed off" for Allocated."""
    found: list[Meant] = []
    for start, end, (idea, certainty) in concepts.OTHERS_SAID.find(said) if book.ideas else ():
        choice = book.ideas.get(idea)
        if choice is None or _denied(said, start, end):
            continue
        if idea in _BUDGET_IDEAS:
            about_it = any(w in book.cues or w.startswith("budget") for w in said.clause(start))
            if book.about_money and (asked or about_it) and not _is_hoped(said, start):
                found.append(Meant(choice, certainty, start, end))
        elif asked:
            found.append(Meant(choice, certainty, start, end))
    return found


def by_spelling(book: Book, said: Said, allowed: Iterable[str]) -> list[Meant]:
    """The one or two choices whose words, or some of them, a short text spells nearly."""
    plain = said.plain
    if not 1 <= len(plain) <= 6:
        return []
    typed = [said.words[place] for place in plain]
    telling = [word for word in typed if word not in SMALL]
    near: dict[str, int] = {}
    for choice in allowed:
        for text in book.texts(choice):
            slip = _slip(typed, telling, key(text))
            if slip is not None:
                near[choice] = min(near.get(choice, slip), slip)
    best = min(near.values(), default=None)
    chosen = [choice for choice, slip in near.items() if slip == best]
    if len(chosen) > 2:
        return []
    return [Meant(choice, "likely", plain[0], plain[-1] + 1) for choice in chosen]


_SOME_WORDS = 3


def _slip(typed: Sequence[str], telling: Sequence[str], words: Sequence[str]) -> int | None:
    """How far a text is from a wording: letters amiss, or 3 where only some words are there."""
    whole, wanted = " ".join(typed), " ".join(words)
    most = min(slips(wanted), slips(whole))
    slip = distance(whole, wanted, most)
    if slip <= most:
        return slip
    rest = [word for word in words if word not in SMALL and len(word) > 3]
    near = (w in words or any(distance(w, r, slips(r)) <= slips(r) for r in rest) for w in telling)
    return _SOME_WORDS if telling and rest and all(near) else None


def _goes_on(said: Said, end: int) -> set[str]:
    """The telling words behind a choice's word, up to where its clause turns elsewhere."""
    found: set[str] = set()
    for place in range(end, len(said)):
        word = said.words[place]
        if said.clauses[place] != said.clauses[end - 1] or word in _LEADS_ELSEWHERE:
            break
        if said.tokens[place].is_word and word not in _SAYS_NOTHING:
            found.add(word)
    return found


def _plain_words(said: Said, start: int, end: int) -> tuple[str, ...]:
    return tuple(said.words[place] for place in said.plain if start <= place < end)


def _denied(said: Said, start: int, end: int) -> bool:
    """Whether a "not" stands by, other than one of its own: "No budget yet" is no denial."""
    return said.denied(start, end) and not _NOT & set(said.words[start:end])


def _is_hoped(said: Said, start: int) -> bool:
    """ "Once it is approved" it will be, and is not yet."""
    return not _IF.isdisjoint(said.clause(start))


def _may_be_a_pronoun(said: Said, start: int, end: int) -> bool:
    """ "It" and "us" in small letters are no department and no country."""
    text = said.tokens[start].text
    return end - start == 1 and len(text) <= 3 and not text.isupper()
