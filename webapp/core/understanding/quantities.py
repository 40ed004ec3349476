"""Numbers in a sentence: amounts, ranges, limits, with their currency or the thing counted."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from text_to_num import text2num

from webapp.core.understanding.number_words import (
    AND,
    ARTICLES,
    BETWEEN,
    CURRENCIES,
    ENGLISH,
    FIGURES,
    GERMAN_STARTS,
    HALF,
    IDIOMS,
    IN_FIGURES,
    LIMITS_AFTER,
    LIMITS_BEFORE,
    MULTIPLIERS,
    PEOPLE,
    PER,
    PER_WORDS,
    THIRDS,
    TIME_UNITS,
    UP_TO,
)
from webapp.core.understanding.words import Found, Said

_Idioms = dict[int, Found[tuple[Decimal, Decimal]]]
_DIGITS = {"four": 4, "five": 5, "six": 6, "seven": 7, "4": 4, "5": 5, "6": 6, "7": 7}
_TOO_MUCH = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or range at tokens ``start`` to before ``end``; no ``low`` or no ``high`` is open.

    ``rough`` says that the number was not meant to the digit, ``scaled`` that a word such as
    thousand or k came with it, ``thing`` is the next word ("employees"), ``per`` a time unit.
    """

    low: Decimal | None
    high: Decimal | None
    start: int
    end: int
    currency: str | None = None
    rough: bool = False
    scaled: bool = False
    thing: str = ""
    per: str | None = None

    @property
    def least(self) -> Decimal:
        """The number to take where only one is wanted: the least that was said."""
        number = self.low if self.low is not None else self.high
        assert number is not None
        return number

    @property
    def counts_people(self) -> bool:
        return self.thing in PEOPLE or self.thing == "us"

    @property
    def time_unit(self) -> str | None:
        return TIME_UNITS.get(self.thing)


ONE = Quantity(Decimal(1), Decimal(1), 0, 0)


@dataclass(slots=True)
class _Number:
    low: Decimal
    high: Decimal
    end: int
    scaled: bool = False
    rough: bool = False


def quantities(said: Said, taken: list[bool] | None = None) -> list[Quantity]:
    """Every quantity, from left to right. ``taken`` marks tokens that are something else."""
    idioms = {found.start: found for found in IDIOMS.find(said)}
    found: list[Quantity] = []
    place = 0
    while place < len(said):
        if taken and taken[place]:
            place += 1
            continue
        number = _number(said, place, idioms)
        if number is None:
            place += 1
            continue
        quantity = _around(said, place, number, idioms, found[-1].end if found else 0)
        if quantity:
            found.append(quantity)
        place = max(quantity.end if quantity else 0, number.end)
    return found


def _around(
    said: Said, start: int, number: _Number, idioms: _Idioms, least: int
) -> Quantity | None:
    """Read what stands about a number: its currency, the rest of a range, limits and the thing."""
    currency = CURRENCIES.get(said.word(start - 1)) if start > least else None
    if currency:
        start -= 1
    end = number.end
    if behind := CURRENCIES.get(said.word(end)):
        currency, end = currency or behind, end + 1
    low, high, scaled = number.low, number.high, number.scaled
    between = start > least and said.word(start - 1) in BETWEEN
    if said.word(end) in UP_TO or (between and said.word(end) in AND):
        other_start = end + 1
        if other_currency := CURRENCIES.get(said.word(other_start)):
            other_start += 1
        other = _number(said, other_start, idioms)
        if other is not None:
            if other.scaled and not scaled:
                scale = _scale(said, other_start, other.end)
                low = low * scale if low * scale <= other.high else low
            if low <= other.high:
                high, end, scaled = other.high, other.end, scaled or other.scaled
                if behind := CURRENCIES.get(said.word(end)):
                    other_currency, end = other_currency or behind, end + 1
                currency = currency or other_currency
    start -= between
    limits, start, end = _limits(said, start, end, least)
    open_up = "least" in limits and low == high
    open_down = "most" in limits
    if open_up and open_down:
        return None
    thing, per, end = _thing(said, end)
    return Quantity(
        None if open_down else low,
        None if open_up else high,
        start,
        end,
        currency,
        number.rough or "roughly" in limits,
        scaled,
        thing,
        per,
    )


def _limits(said: Said, start: int, end: int, least: int) -> tuple[set[str], int, int]:
    """What is said about a number before and behind it, and how far that reaches."""
    limits: set[str] = set()
    for phrase, kind in LIMITS_AFTER.get(said.word(end), ()):
        if said.starts(end, phrase):
            limits.add(kind)
            end += len(phrase)
            break
    while True:
        for phrase, kind in LIMITS_BEFORE.get(said.word(start - 1), ()):
            first = start - len(phrase)
            if first >= least and said.starts(first, phrase):
                limits.add(kind)
                start = first
                break
        else:
            return limits, start, end


def _thing(said: Said, end: int) -> tuple[str, str | None, int]:
    """The thing counted, past a describing word or two, and the time unit it is per."""
    word = said.word(end)
    if word in PER_WORDS:
        return "", PER_WORDS[word], end + 1
    if word in PER and said.word(end + 1) in TIME_UNITS:
        return "", TIME_UNITS[said.word(end + 1)], end + 2
    at = end + 1 if word in ("-", "–", "of", "von") else end
    for ahead in range(at, min(at + 4, len(said))):
        if said.words[ahead] in PEOPLE:
            return said.words[ahead], None, ahead + 1
        if not (said.tokens[ahead].is_word or said.words[ahead] == "-"):
            break
    if word in ("-", "–") and said.word(end + 1) in TIME_UNITS:
        return said.word(end + 1), None, end + 2
    if word in TIME_UNITS:
        return word, None, end + 1
    if said.starts(end, ("of", "us")):
        return "us", None, end + 2
    return (word if end < len(said) and said.tokens[end].is_word else ""), None, end


def _number(said: Said, place: int, idioms: _Idioms) -> _Number | None:
    """The number that begins at a token, with the words that multiply it."""
    if place >= len(said):
        return None
    token = said.tokens[place]
    idiom = idioms.get(place)
    if figures := _figures(said, place):
        return figures
    if idiom is not None:
        low, high = idiom.payload
        number = _Number(low, high, idiom.end, rough=low != high or low == 2)
    elif token.is_number:
        value = numeral(token.text)
        if value is None or _part_of_a_name(said, place):
            return None
        number = _Number(value, value, place + 1)
    elif token.is_word:
        spelled = _spelled(said, place)
        if spelled is None:
            return None
        number = spelled
    else:
        return None
    while (scale := MULTIPLIERS.get(said.word(number.end))) and _multiplies(said, number.end):
        number.low, number.high = number.low * scale, number.high * scale
        number.end, number.scaled = number.end + 1, True
    return number if number.high < _TOO_MUCH else None


def _figures(said: Said, place: int) -> _Number | None:
    """A range told by how many digits it has: six figures, low five figures, sechsstellig."""
    start = place + (said.words[place] in THIRDS)
    word = said.word(start)
    end = start + 1 + (said.word(start + 1) == "-")
    digits = IN_FIGURES.get(word)
    if digits is None:
        if said.word(end) not in FIGURES:
            return None
        digits = _DIGITS.get(word)
        end += 1
    if digits is None:
        return None
    least, span = Decimal(10) ** (digits - 1), Decimal(9) * 10 ** (digits - 1)
    if start == place:
        return _Number(least, least + span - 1, end, rough=True)
    least += span * THIRDS[said.words[place]] / 3
    return _Number(least, least + span / 3 - 1, end, rough=True)


def _multiplies(said: Said, place: int) -> bool:
    """``m`` is a million only right behind the number and beside a currency."""
    if said.word(place) != "m":
        return True
    near = said.word(place + 1), said.word(place - 2)
    return said.adjoins(place) and any(word in CURRENCIES for word in near)


def _part_of_a_name(said: Said, place: int) -> bool:
    """Whether letters cling to the number, as in Q1, B2B, 2nd or 365."""
    if said.adjoins(place) and said.tokens[place - 1].is_word:
        return said.word(place - 1) not in CURRENCIES
    if said.adjoins(place + 1) and said.tokens[place + 1].is_word:
        word = said.word(place + 1)
        known = word in MULTIPLIERS or word in CURRENCIES or word in TIME_UNITS
        return not known and word not in ("ish", "m")
    return False


def numeral(text: str) -> Decimal | None:
    """Digits with separators in any country's manner: 1,234.5, 1.234,5, 1'234 or 1 234.

    One separator before exactly three digits parts thousands; otherwise it is the decimal sign.
    """
    for mark in "'’\u00a0\u202f":
        text = text.replace(mark, "")
    marks = [c for c in text if c in ".,"]
    if marks:
        last = marks[-1]
        head, _, tail = text.rpartition(last)
        if len(set(marks)) == 2:
            if marks.count(last) > 1:
                return None
            groups, text = head.replace(",", ".").split("."), head.replace(",", "").replace(".", "")
            text = f"{text}.{tail}"
        elif len(marks) > 1 or (len(tail) == 3 and len(head) <= 3 and head.lstrip("0")):
            groups, text = text.split(last), text.replace(last, "")
        else:
            groups, text = [], f"{head}.{tail}"
        if any(len(group) != 3 for group in groups[1:]) or (groups and len(groups[0]) > 3):
            return None
    try:
        return Decimal(text) if len(text) <= 18 else None
    except InvalidOperation:
        return None


def _spelled(said: Said, place: int) -> _Number | None:
    """A number in English or German words."""
    word = said.word(place)
    following = said.word(place + 1)
    if word in HALF and (said.word(place + 2) if following in ARTICLES else following) in (
        "year",
        "jahr",
        "jahres",
    ):
        half = Decimal("0.5")
        return _Number(half, half, place + (2 if following in ARTICLES else 1))
    if word in ("a", "an") and following in ("hundred", "thousand", "million", "billion"):
        return _english(said, place + 1, ["one"])
    if word in ARTICLES and following not in ENGLISH:
        if following in TIME_UNITS or (word.startswith("ein") and following in MULTIPLIERS):
            return _Number(Decimal(1), Decimal(1), place + 1)
        if word != "one" or len(said.plain) > 2:
            return None
    if word in ENGLISH:
        return _english(said, place, [])
    if len(word) <= 60 and word.startswith(GERMAN_STARTS):
        value = _german(word)
        return None if value is None else _Number(value, value, place + 1)
    return None


def _english(said: Said, place: int, run: list[str]) -> _Number | None:
    """A run of number words, after the words it is already known to begin with."""
    end = at = place
    while at < len(said) and len(run) < 12:
        word = said.word(at)
        if word in ENGLISH:
            run.append(word)
            end = at + 1
        elif word not in ("-", "and") or said.word(at + 1) not in ENGLISH or word == run[-1]:
            break
        elif word == "and":
            run.append(word)
        at += 1
    try:
        value = Decimal(text2num(" ".join(run), "en"))
    except ValueError:
        return None
    return _Number(value, value, end, scaled=run[-1] in MULTIPLIERS and value >= 1000)


@lru_cache(maxsize=1024)
def _german(word: str) -> Decimal | None:
    for plain, spelled in (("fuenf", "fünf"), ("zwoelf", "zwölf"), ("dreissig", "dreißig")):
        word = word.replace(plain, spelled)
    try:
        return Decimal(text2num(word, "de"))
    except ValueError:
        return None


def _scale(said: Said, start: int, end: int) -> Decimal:
    scale = Decimal(1)
    for place in range(start, end):
        scale *= MULTIPLIERS.get(said.word(place), Decimal(1))
    return scale


def currencies_in(said: Said) -> set[str]:
    """The currencies a text names."""
    return {CURRENCIES[word] for word in said.words if word in CURRENCIES}
