"""When somebody wants it: deadlines, dates and spells, counted from a given day."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from webapp.core.understanding.calendar_words import AT_ONCE, LAST, PREPOSITIONS
from webapp.core.understanding.periods import Calendar, Period, later
from webapp.core.understanding.quantities import Quantity
from webapp.core.understanding.words import Said

# How soon "as soon as possible" is.
AT_ONCE_IS = timedelta(days=14)

_MAY_STAND_BETWEEN = frozenset({"the", "der", "dem", "den", "about", "around", "etwa", "ca"})


@dataclass(frozen=True, slots=True)
class When:
    """A time somebody named, at tokens ``start`` to before ``end``.

    ``by``: at any time up to ``last``. ``in``: between ``first`` and ``last``. ``after``: from
    ``first`` on. ``past``: it was, so it answers nothing. ``bare`` durations ("3 months") tell a
    time only to whoever asked for one. ``edge`` is the day of "end of March" or "early March".
    """

    manner: Literal["by", "in", "after", "past"]
    first: date
    last: date
    start: int
    end: int
    rough: bool = False
    bare: bool = False
    at_once: bool = False
    edge: date | None = None

    @property
    def day(self) -> date | None:
        """The one day that was named, for a question that asks for a date."""
        if self.rough or self.at_once or self.manner in ("after", "past"):
            return None
        return self.last if self.manner == "by" or self.first == self.last else None


def times(said: Said, amounts: list[Quantity], today: date, *, day_first: bool) -> list[When]:
    """Every time in the text, from left to right."""
    reader = _Reader(said, amounts, today, day_first=day_first)
    at_once = {found.start: found.end for found in AT_ONCE.find(said)}
    found: list[When] = []
    place = 0
    while place < len(said):
        when = reader.when(place)
        if place in at_once:
            end = at_once[place]
            when = When("by", today, today + AT_ONCE_IS, place, end, at_once=True)
        if when:
            found.append(when)
        place = max(when.end if when else 0, place + 1)
    return found


def is_deadline(said: Said, when: When) -> bool:
    """Whether a deadline was named as one: "by March", not "this quarter"."""
    kinds = (
        k for w, k in PREPOSITIONS.get(said.word(when.start), ()) if said.starts(when.start, w)
    )
    return when.manner == "by" and next(kinds, "") in ("by", "at_most", "before")


class _Reader:
    def __init__(
        self, said: Said, amounts: list[Quantity], today: date, *, day_first: bool
    ) -> None:
        self.said = said
        self.today = today
        self.calendar = Calendar(said, today, day_first=day_first)
        # By every token they hold: "about 3 months" is entered at "about" as well as at "3".
        self.spells = {
            place: each
            for each in amounts
            if each.time_unit
            for place in range(each.start, each.end)
        }

    def when(self, place: int) -> When | None:
        """The time that begins at a token, with the preposition before it."""
        for words, kind in PREPOSITIONS.get(self.said.word(place), ()):
            if self.said.starts(place, words):
                when = self._after_preposition(place, place + len(words), kind)
                if when:
                    return when
        if spell := self.spells.get(place):
            return self._bare_spell(place, spell)
        period = self.calendar.period(place, named=False)
        return self._in(period, place) if period else None

    def _after_preposition(self, start: int, place: int, kind: str) -> When | None:
        last_word = self.said.word(place - 1)
        for _ in range(2):
            place += self.said.word(place) in _MAY_STAND_BETWEEN
        if spell := self.spells.get(place):
            return self._spell(start, spell, kind)
        if kind in ("at_most", "at_least"):
            return None
        if kind == "past":
            # "last" belongs to the period: the last quarter.
            period = last_word in LAST and self.calendar.period(place - 1, named=True)
            return self._past(start, period.end) if period else None
        period = self.calendar.period(place, named=True)
        if not period:
            return None
        match kind:
            case "by":
                # By March is up to its end, but by summer is before it begins.
                season = self.calendar.is_season(place) and period.first > self.today
                last = period.first if season else period.last
                return When("by", self.today, last, start, period.end)
            case "before":
                eve = period.first - timedelta(days=1)
                return When("by", self.today, eve, start, period.end)
            case "after":
                return self._after(start, period)
        return self._in(period, start)

    def _after(self, start: int, period: Period) -> When:
        """ "After the summer" begins when it ends, "from March" when March begins."""
        over = self.said.word(start) in ("after", "nach")
        first = period.last if over else period.first
        if first < self.today:
            first = later(first, Decimal(1), "year")
        return When("after", first, first, start, period.end)

    def _in(self, period: Period, start: int) -> When:
        """A period that has begun is meant up to its end: this quarter, in November."""
        if period.first < self.today <= period.last:
            return When("by", self.today, period.last, start, period.end, edge=period.day)
        return When("in", period.first, period.last, start, period.end, edge=period.day)

    def _past(self, start: int, end: int) -> When:
        return When("past", self.today, self.today, start, end)

    def _spell(self, start: int, spell: Quantity, kind: str) -> When | None:
        """A length of time behind a preposition: in 3 months, vor 3 Monaten, for 3 months."""
        if self._is_ago(spell.end):
            return self._past(start, spell.end + 1)
        first, last = self._reach(spell)
        word = self.said.word(start)
        match kind:
            case "by" | "at_most":
                return When("by", self.today, last, start, spell.end, spell.rough)
            case "at" if word in ("in", "around", "im"):
                return When("in", first, last, start, spell.end, spell.rough)
            case "after" | "at_least" if word not in ("from", "ab"):
                return When("after", last, last, start, spell.end, spell.rough)
            case "past" | "before" if word != "before":
                return self._past(start, spell.end)
        return None

    def _bare_spell(self, start: int, spell: Quantity) -> When:
        end = spell.end
        if self._is_ago(end):
            return self._past(start, end + 1)
        first, last = self._reach(spell)
        from_now = self.said.starts(end, ("from", "now"))
        end += 2 * from_now
        if spell.low is None:
            return When("by", self.today, last, start, end, spell.rough, not from_now)
        if spell.high is None:
            return When("after", last, last, start, end, spell.rough, not from_now)
        return When("in", first, last, start, end, spell.rough, not from_now)

    def _is_ago(self, place: int) -> bool:
        return self.said.word(place) in ("ago", "earlier", "zuvor", "her")

    def _reach(self, spell: Quantity) -> tuple[date, date]:
        """The first and last day a length of time leads to."""
        unit = spell.time_unit or "day"
        high = spell.high if spell.high is not None else spell.least
        return later(self.today, spell.least, unit), later(self.today, high, unit)
