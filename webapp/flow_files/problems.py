"""What is wrong with one file, collected while it is read, in words for the person who wrote it."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Literal, NamedTuple, TypeVar

from webapp.core.errors import Mend, Problem, Where

T = TypeVar("T")

MOST_PROBLEMS = 100
MOST_CANDIDATES = 400
SURE = 0.7
"""How alike two words are of which one is surely the other mistyped: `gaol` and `goal` are, by
0.75; `quarter` and `later`, by 0.67, are not."""


class Fix(NamedTuple):
    """What to do about a problem, and what of it a button can do."""

    says: str
    mends: tuple[Mend, ...] = ()


TAKE_OUT = Mend()
DELETE_IT = Fix("Delete it.", (TAKE_OUT,))


class TooManyProblems(Exception):
    """Reading on would only add to a list nobody reads to its end."""


class Problems:
    """The problems of one file. Reading goes on after each, up to ``MOST_PROBLEMS`` errors."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors = 0
        self._found: dict[Problem, None] = {}

    def error(self, where: Where, what: str, fix: str | Fix) -> None:
        self._add(where, what, fix, "error")
        self.errors += 1
        if self.errors == MOST_PROBLEMS:
            self._add(
                where, f"Stopped after {MOST_PROBLEMS} problems.", "Fix these first.", "error"
            )
            raise TooManyProblems

    def warning(self, where: Where, what: str, fix: str | Fix) -> None:
        if len(self._found) < 2 * MOST_PROBLEMS:
            self._add(where, what, fix, "warning")

    def in_order(self) -> list[Problem]:
        """As they stand in the file, from top to bottom."""
        return sorted(self._found, key=lambda problem: (problem.where.line, problem.where.column))

    def _add(
        self, where: Where, what: str, fix: str | Fix, severity: Literal["error", "warning"]
    ) -> None:
        says, mends = fix if isinstance(fix, Fix) else Fix(fix)
        self._found[Problem(where, what, says, severity, mends)] = None


def as_far_as_it_goes(read: Callable[[], T]) -> T | None:
    """What ``read`` makes of a file; None if it gave up over too many problems."""
    try:
        return read()
    except TooManyProblems:
        return None


def quoted(text: str) -> str:
    """A word of the author's, short and printable whatever it was."""
    short = text if len(text) <= 60 else text[:57] + "..."
    return f"`{short}`" if short.isprintable() else repr(short)


def listing(words: Iterable[str]) -> str:
    """``a, b and c``; long lists are cut."""
    shown = [quoted(word) for word in islice(words, 13)]
    if len(shown) == 13:
        return ", ".join(shown[:12]) + " and others"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that was probably meant."""
    candidates = list(islice(known, MOST_CANDIDATES))
    found = get_close_matches(word[:80].casefold(), candidates, n=1, cutoff=likeness)
    return next(iter(found), None)


def did_you_mean(
    word: str, known: Iterable[str], otherwise: str, *, else_take_out: bool = False
) -> Fix:
    """A fix that names the nearest known word, or says what else to do."""
    known = tuple(dict.fromkeys(known))
    near = nearest(word, known)
    mends = (TAKE_OUT,) if else_take_out else ()
    if near:
        if nearest(word, (near,), SURE):
            mends = (Mend(near), *mends)
        return Fix(f"Did you mean {quoted(near)}?", mends)
    return Fix(f"{otherwise} Known are {listing(known)}." if known else otherwise, mends)
