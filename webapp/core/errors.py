"""Every refusal of the core, in words for people: what, where, how to fix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file people edit. Lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Where("", 0, 0)


@dataclass(frozen=True, slots=True)
class Mend:
    """What settles a problem without a thought: the word at its place becomes ``text``, or is taken
    out where that is empty."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: where, what, and what to do about it."""

    where: Where
    what: str
    fix: str
    severity: Literal["error", "warning"] = "error"
    mends: tuple[Mend, ...] = ()

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.what} {self.fix}".rstrip()


def sentence(english: str) -> str:
    """Mark a sentence for translation where it is written; it is translated where it is shown."""
    return english


class BatonError(Exception):
    """A refusal that a person can act on."""


class FlowError(BatonError):
    """Files that cannot be loaded, with every problem found, in file and line order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class AnswerRefused(BatonError):
    """An answer that is not a value of its property.

    ``message`` is an English sentence with ``{name}`` fields, also the key of its translation;
    ``params`` fills them, numbers as numbers. ``property`` names what was being answered.
    """

    def __init__(
        self, property: str, message: str, params: Mapping[str, object] | None = None
    ) -> None:
        self.property = property
        self.message = message
        self.params = dict(params or {})
        words = {k: f"{v:,}" if isinstance(v, int) else v for k, v in self.params.items()}
        super().__init__(message.format(**words))
