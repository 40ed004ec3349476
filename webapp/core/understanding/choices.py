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

    Sure, unless it is one word that may well mean nothing here: an id inside a longer sentence.
    """
    found: list[Meant] = []
    short = len(said.plain) <= 4
    for start, end, choice in book.phrases.find(said):
        words = _plain_words(said, start, end)
        whole = len(words) == len(said.plain)
        if _denied(said, start, end) or (
            not whole and not short and _may_be_a_pronoun(said, start, end)
        ):
            continue
        if not whole and not short and _ANYTHING.issuperset(words):
            found.append(Meant(choice, "likely", start, end))
            continue
        telling = len(words) > 1 or (words[0] not in SMALL and (short or not book.is_id(words)))
        sure = whole or telling
        found.append(Meant(choice, "sure" if sure else "likely", start, end))
    return found


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
    for start, end, idea in concepts.OTHERS_SAID.find(said) if book.ideas else ():
        choice = book.ideas.get(idea)
        if choice is None:
            continue
        if idea in _BUDGET_IDEAS:
            about_it = any(w in book.cues or w.startswith("budget") for w in said.clause(start))
            if book.about_money and (asked or about_it) and not _denied(said, start, end):
                found.append(Meant(choice, "sure", start, end))
        elif asked:
            found.append(Meant(choice, "likely" if idea == "later" else "sure", start, end))
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


def _plain_words(said: Said, start: int, end: int) -> tuple[str, ...]:
    return tuple(said.words[place] for place in said.plain if start <= place < end)


def _denied(said: Said, start: int, end: int) -> bool:
    """Whether a "not" stands by, other than one of its own: "No budget yet" is no denial."""
    return said.denied(start, end) and not _NOT & set(said.words[start:end])


def _may_be_a_pronoun(said: Said, start: int, end: int) -> bool:
    """ "It" and "us" in small letters are no department and no country."""
    text = said.tokens[start].text
    return end - start == 1 and len(text) <= 3 and not text.isupper()
