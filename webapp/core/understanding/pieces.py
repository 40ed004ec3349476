"""A value found whole in a text, with the place it was found at."""

from typing import Literal, NamedTuple

from webapp.core.understanding.words import Said

# A sure reading is taken, a likely one is asked back.
Certainty = Literal["sure", "likely"]


class Piece(NamedTuple):
    """A value with the words it came from, ``start`` and ``end`` counted in characters."""

    value: str
    start: int
    end: int
    certainty: Certainty = "sure"


def piece(
    said: Said, start: int, end: int, certainty: Certainty, value: str | None = None
) -> Piece:
    """The piece at tokens ``start`` to before ``end``; its value is its words unless told."""
    quote = said.quote(start, end)
    return Piece(value or quote, said.tokens[start].start, said.tokens[end - 1].end, certainty)
