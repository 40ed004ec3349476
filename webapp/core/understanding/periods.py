"""The calendar as people name it: Q1, early 2027, next summer, 15 March, year end."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from webapp.core.understanding.calendar_words import (
    ALSO_OTHER_WORDS,
    DAYS_AWAY,
    EDGES,
    FEASTS,
    LAST,
    LITTLE,
    MONTHS,
    NEXT,
    ORDINALS,
    PERIOD_ENDS,
    SEASONS,
    THIS,
    WEEKDAYS,
)
from webapp.core.understanding.number_words import TIME_UNITS
from webapp.core.understanding.words import Said

_IN_DIGITS = re.compile(
    r"(?:(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<one>\d{1,2})(?P<mark>[./-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2}))(?!\w)",
    re.ASCII,
)
_FIRST_WORDS = frozenset(words[0] for words in (*FEASTS, *PERIOD_ENDS))
_ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th"})


@dataclass(frozen=True, slots=True)
class Period:
    """Days ``first`` to ``last``, named by the tokens up to before ``end``.

    ``day`` is the one meant where only an edge was named: the last of "end of March".
    """

    first: date
    last: date
    end: int
    day: date | None = None


class Calendar:
    """Reads the periods that a text names, counted from a day.

    ``day_first`` decides between 3 April and 4 March for 3/4/2027.
    """

    def __init__(self, said: Said, today: date, *, day_first: bool) -> None:
        self.said = said
        self.today = today
        self._away = {found.start: found for found in DAYS_AWAY.find(said)}
        self._dates = {
            start: (end, _date(found, day_first)) for start, end, found in dates_in_digits(said)
        }

    def period(self, place: int, *, named: bool) -> Period | None:
        """The period that begins at a token: a day, month, quarter, season, year or part of one.

        ``named`` says that a preposition went before, so that May is a month and not a wish.
        """
        if self.said.word(place) in EDGES and (edge := self._edge(place)):
            return edge
        return self._whole(place, named=named)

    def _whole(self, place: int, *, named: bool) -> Period | None:
        said, today = self.said, self.today
        word = said.word(place)
        if not word:
            return None
        if place in self._dates:
            end, day = self._dates[place]
            return Period(day, day, end) if day else None
        if found := self._away.get(place):
            return _single(today + timedelta(days=found.payload), found.end)
        if word in THIS or word in NEXT or word in LAST:
            return self._relative(place)
        if word in ("later", "spaeter") and said.word(place + 1) in THIS:
            whole = self._relative(place + 1)
            return whole and replace(whole, first=max(whole.first, today))
        if named and word in WEEKDAYS:
            return _single(_next_weekday(today, WEEKDAYS[word]), place + 1)
        return (
            self._day(place)
            or self._quarter(place)
            or self._month(place, named=named)
            or self._season(place, named=named)
            or self._year(place)
            or self._feast(place)
        )

    def _edge(self, place: int) -> Period | None:
        """A third of a period: early 2027, mid March, end of the quarter."""
        said = self.said
        word, at = said.word(place), place + 1
        if word == "start" and said.word(at) != "of":
            return None
        while said.word(at) in LITTLE and at < place + 4:
            at += 1
        whole = self._whole(at, named=True)
        if whole is None and (unit := TIME_UNITS.get(said.word(at))):
            whole = around(self.today, unit, 0)
            whole = whole and replace(whole, end=at + 1)
        if whole is None:
            return None
        days, third = (whole.last - whole.first).days + 1, EDGES[word]
        first = whole.first + timedelta(days=days * third // 3)
        if third == 2:
            if word in ("end", "ende"):
                first = max(first, whole.last - timedelta(days=14))
            return Period(first, whole.last, whole.end, whole.last)
        last = whole.first + timedelta(days=days * (third + 1) // 3 - 1)
        return Period(first, last, whole.end, whole.first if third == 0 else None)

    def _relative(self, place: int) -> Period | None:
        said, today = self.said, self.today
        word, what = said.word(place), said.word(place + 1)
        step = 0 if word in THIS else -1 if word in LAST else 1
        if unit := TIME_UNITS.get(what):
            found = around(today, unit, step)
            return found and replace(found, end=place + 2)
        if step < 0:
            return None
        if what in WEEKDAYS:
            return _single(_next_weekday(today, WEEKDAYS[what]), place + 2)
        found = self._season(place + 1, named=True) or self._month(place + 1, named=True)
        if found and step and found.first <= today:
            # In November, next autumn is the one after this.
            year = found.first.year + 1
            months = 1 + (found.last.month - found.first.month) % 12
            return self._next_or_named(year, found.first.month, months, found.end)
        return found

    def _day(self, place: int) -> Period | None:
        """15 March 2027, 15. März, March 15th; without a year the next one."""
        said = self.said
        token = said.tokens[place]
        if token.text.isdecimal() and len(token.text) <= 2:
            number, at = int(token.text), place + 1
            while (said.word(at) in _ORDINAL_ENDS or said.word(at) in ".of") and at < place + 4:
                at += 1
            month = MONTHS.get(said.word(at))
            at += 1
        elif token.word in ORDINALS and said.word(place + 1) in ("of", *MONTHS):
            number, at = ORDINALS[token.word], place + 1 + (said.word(place + 1) == "of")
            month = MONTHS.get(said.word(at))
            at += 1
        elif (month := MONTHS.get(token.word)) and re.fullmatch(r"\d\d?", said.word(place + 1)):
            number, at = int(said.word(place + 1)), place + 2
            at += said.word(at) in _ORDINAL_ENDS
        else:
            return None
        if not month:
            return None
        year, end = self._year_after(at)
        for candidate in (year,) if year else (self.today.year, self.today.year + 1):
            if not 1 <= number <= monthrange(candidate, month)[1]:
                continue
            day = date(candidate, month, number)
            if year or day >= self.today:
                return _single(day, end)
        return None

    def _quarter(self, place: int) -> Period | None:
        """Q1, H2, first quarter, zweites Halbjahr; without a year the first that is not over."""
        said = self.said
        word, what, end = said.word(place), said.word(place + 1), place + 2
        if word in ("q", "h") and said.adjoins(place + 1) and re.fullmatch(r"[1-4]", what):
            number, months = int(what), 3 if word == "q" else 6
        else:
            if re.fullmatch(r"[1-4]", word) and what in (".", "st", "nd", "rd", "th"):
                number, what, end = int(word), said.word(place + 2), place + 3
            elif word in ORDINALS:
                number = ORDINALS[word]
            else:
                return None
            if what not in ("quarter", "quartal", "half", "halbjahr", "haelfte"):
                return None
            months = 3 if what in ("quarter", "quartal") else 6
        if number > 12 // months:
            return None
        year, end = self._year_after(end)
        return self._next_or_named(year, (number - 1) * months + 1, months, end)

    def _month(self, place: int, *, named: bool) -> Period | None:
        said = self.said
        number = MONTHS.get(said.word(place))
        if number is None:
            return None
        year, end = self._year_after(place + 1)
        doubtful = said.word(place) in ALSO_OTHER_WORDS and not named and year is None
        if doubtful and len(said.plain) > 2:
            return None
        return self._next_or_named(year, number, 1, end)

    def is_season(self, place: int) -> bool:
        return self.said.word(place) in SEASONS

    def _season(self, place: int, *, named: bool) -> Period | None:
        said = self.said
        word = said.word(place)
        month = SEASONS.get(word)
        # A fall is a season only after a preposition, and "auf jeden Fall" is none at all.
        if month is None or (word == "fall" and (not named or said.word(place - 1) == "im")):
            return None
        year, end = self._year_after(place + 1)
        return self._next_or_named(year, month, 3, end)

    def _year(self, place: int) -> Period | None:
        year = self._as_year(place)
        return Period(date(year, 1, 1), date(year, 12, 31), place + 1) if year else None

    def _feast(self, place: int) -> Period | None:
        """Christmas, New Year, and the ends of things: EOY, Jahresende, year-end."""
        said, today = self.said, self.today
        if said.word(place) not in _FIRST_WORDS:
            return None
        for words, (month, number) in FEASTS.items():
            if said.starts(place, words):
                year = today.year + ((today.month, today.day) > (month, number))
                return _single(date(year, month, number), place + len(words))
        for words, unit in PERIOD_ENDS.items():
            if said.starts(place, words) and (whole := around(today, unit, 0)):
                first = max(today, whole.last - timedelta(days=14))
                return Period(first, whole.last, place + len(words))
        return None

    def _year_after(self, place: int) -> tuple[int | None, int]:
        """A year that follows, and where it ends."""
        said = self.said
        at = place
        while said.word(at) in (",", "of", "in", "/", "'", "vom", "des") and at < place + 2:
            at += 1
        # Also one long ago: without it the day would be taken for the next of its name.
        if re.fullmatch(r"[12]\d{3}", said.word(at), re.ASCII):
            return int(said.word(at)), at + 1
        if said.word(at) in NEXT | THIS and said.word(at + 1) in ("year", "jahr", "jahres"):
            return self.today.year + (said.word(at) in NEXT), at + 2
        if at == place + 1 and said.word(place) in "/'" and re.fullmatch(r"\d\d", said.word(at)):
            return 2000 + int(said.word(at)), at + 1
        return None, place

    def _as_year(self, place: int) -> int | None:
        word = self.said.word(place)
        if not re.fullmatch(r"\d{4}", word, re.ASCII):
            return None
        year = int(word)
        return year if self.today.year - 1 <= year <= self.today.year + 20 else None

    def _next_or_named(self, year: int | None, month: int, months: int, end: int) -> Period:
        found = _months(year or self.today.year, month, months)
        if year is None and found.last < self.today:
            found = _months(self.today.year + 1, month, months)
        return replace(found, end=end)


def dates_in_digits(said: Said) -> Iterator[tuple[int, int, re.Match[str]]]:
    """The tokens taken by dates in digits, real ones or not: they are no amounts."""
    for found in _IN_DIGITS.finditer(said.text):
        places = [i for i, t in enumerate(said.tokens) if found.start() <= t.start < found.end()]
        if places:
            yield places[0], places[-1] + 1, found


def _date(found: re.Match[str], day_first: bool) -> date | None:
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        one, two, year = int(found["one"]), int(found["two"]), int(found["year"])
        year += 2000 if year < 100 else 0
        if day_first or found["mark"] == "." or one > 12:
            return date(year, two, one)
        return date(year, one, two)
    except ValueError:
        return None


def around(today: date, unit: str, step: int) -> Period | None:
    """This, the next or the last week, month, quarter or year."""
    match unit:
        case "week":
            first = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
            return Period(first, first + timedelta(days=6), 0)
        case "month":
            return _shifted(today.year, today.month, 1, step)
        case "quarter":
            return _shifted(today.year, (today.month - 1) // 3 * 3 + 1, 3, step)
        case "year":
            return _shifted(today.year, 1, 12, step)
    return None


def later(day: date, count: Decimal, unit: str) -> date:
    """A day so many units later; at most a century, and the last of a shorter month."""
    if unit == "hour":
        return day + timedelta(days=1)
    if days_each := {"day": 1, "week": 7, "fortnight": 14}.get(unit):
        days = count * days_each
        return day + timedelta(days=int(min(days, Decimal(36_500))))
    months = min(count * {"month": 1, "quarter": 3, "year": 12}[unit], Decimal(1200))
    number = day.year * 12 + day.month - 1 + int(months)
    year, month = number // 12, number % 12 + 1
    landed = date(year, month, min(day.day, monthrange(year, month)[1]))
    return landed + timedelta(days=15 if months % 1 else 0)


def _months(year: int, month: int, months: int) -> Period:
    first = date(year, month, 1)
    return Period(first, later(first, Decimal(months), "month") - timedelta(days=1), 0)


def _shifted(year: int, month: int, months: int, step: int) -> Period:
    number = year * 12 + month - 1 + months * step
    return _months(number // 12, number % 12 + 1, months)


def _next_weekday(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _single(day: date, end: int) -> Period:
    return Period(day, day, end)
