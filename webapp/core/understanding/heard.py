"""A typed text with everything found in it, each looked for once and only when needed."""

from datetime import date
from functools import cached_property, lru_cache

from babel.core import get_global
from babel.numbers import get_territory_currencies

from webapp.core.playbook import Playbook
from webapp.core.understanding import addresses, replies
from webapp.core.understanding.periods import dates_in_digits
from webapp.core.understanding.pieces import Piece
from webapp.core.understanding.quantities import Quantity, quantities
from webapp.core.understanding.times import When, times
from webapp.core.understanding.words import Said


class Heard:
    def __init__(self, text: str, playbook: Playbook, today: date, locale: str) -> None:
        self.text = text
        self.playbook = playbook
        self.today = today
        self.locale = locale
        self.said = Said(text)
        self._used: list[tuple[int, int]] = []

    @cached_property
    def email(self) -> Piece | None:
        return next(addresses.emails_in(self.text), None)

    @cached_property
    def url(self) -> Piece | None:
        return addresses.url_in(self.text, asked=False)

    @cached_property
    def phone(self) -> Piece | None:
        return addresses.phone_in(self.text, self.territory, asked=False)

    @cached_property
    def amounts(self) -> list[Quantity]:
        """The numbers that are no part of an address, a telephone number or a date."""
        taken = [False] * len(self.said)
        for piece in (self.email, self.url, self.phone):
            if piece:
                for i, token in enumerate(self.said.tokens):
                    taken[i] |= piece.start <= token.start < piece.end
        for start, end, _ in dates_in_digits(self.said):
            taken[start:end] = [True] * (end - start)
        return quantities(self.said, taken)

    @cached_property
    def times(self) -> list[When]:
        # Only Americans write the month first; plain "en" says nothing, so the territory decides.
        day_first = self.territory != "US"
        return times(self.said, self.amounts, self.today, day_first=day_first)

    @cached_property
    def declines(self) -> bool:
        """Whether the whole text says "I don't know", "rather not" or "skip"."""
        return replies.is_unsure(self.said) or replies.skips(self.said)

    @cached_property
    def territory(self) -> str | None:
        return _territory(self.locale, self.playbook.timezone)

    @cached_property
    def currency(self) -> str | None:
        """What people here pay with, for an amount that names no currency."""
        return _currency(self.territory) if self.territory else None

    def use(self, start: int, end: int) -> None:
        """Remember that these tokens answered the question asked: they answer no other."""
        self._used.append((start, end))

    def is_used(self, found: Quantity | When) -> bool:
        return any(start <= found.start and found.end <= end for start, end in self._used)


@lru_cache(maxsize=256)
def _territory(locale: str, timezone: str) -> str | None:
    """The country whose manner of writing numbers, dates and money counts."""
    parts = locale.replace("_", "-").split("-")
    if len(parts) > 1 and len(parts[-1]) == 2:
        return parts[-1].upper()
    found = get_global("zone_territories").get(timezone)
    return str(found) if found else None


@lru_cache(maxsize=256)
def _currency(territory: str) -> str | None:
    found = get_territory_currencies(territory)
    return str(found[0]) if found else None
