"""A text as tokens that know their place in it, and phrases found among them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Generic, NamedTuple, TypeVar

# Every alternative is one run or one character, so the scan is linear in the text.
_TOKEN = re.compile(
    r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|['’](?=[^\W\d_]))*"
    r"|\d+(?:[.,'’\u00a0\u202f]\d+)*"
    r"|\n|[^\w\s]|_"
)
# No answer in a chat is longer; whatever a text costs to read is bounded by this.
MOST_TOKENS = 400
_PLAIN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'"})
_ENDS_A_CLAUSE = frozenset(",.;:!?\n()…")
_STARTS_A_CLAUSE = frozenset({"but", "although", "though", "aber", "sondern", "obwohl", "doch"})
_ABBREVIATIONS = frozenset(
    {"approx", "bzw", "ca", "circa", "dr", "ggf", "max", "min", "mio", "mr", "mrd", "mrs", "ms"}
    | {"st", "tel", "thsd", "tsd", "ung"}
)
_NOT = frozenset(
    {"nothing", "none", "nichts", "hardly"}
    | {"not", "no", "never", "without", "cannot", "neither", "nor", "nicht", "nie", "ohne", "weder"}
    | {"kein", "keine", "keinen", "keinem", "keiner", "keines"}
)


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """A word as it is compared: small letters, umlauts spelled out, other accents dropped."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKC", word).casefold().translate(_PLAIN_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


class Token(NamedTuple):
    """A word, a number or one other sign, at ``start:end`` of the text. ``word`` is folded."""

    start: int
    end: int
    text: str
    word: str

    @property
    def is_number(self) -> bool:
        return self.text[0].isdecimal()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


class Said:
    """What somebody typed, cut into tokens once for everyone who reads it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        for found in _TOKEN.finditer(text):
            sign = found[0]
            if sign == "." and self._after_abbreviation(found.start()):
                continue
            self.tokens.append(Token(found.start(), found.end(), sign, fold(sign)))
            if len(self.tokens) == MOST_TOKENS:
                break
        self.words = [token.word for token in self.tokens]

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, place: int) -> str:
        return self.words[place] if 0 <= place < len(self.words) else ""

    def quote(self, start: int, end: int) -> str:
        """The words from token ``start`` to before token ``end``, as they were typed."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def adjoins(self, place: int) -> bool:
        """Whether nothing stands between this token and the one before."""
        return (
            0 < place < len(self.tokens) and self.tokens[place - 1].end == self.tokens[place].start
        )

    def starts(self, place: int, phrase: tuple[str, ...]) -> bool:
        return tuple(self.words[place : place + len(phrase)]) == phrase

    @cached_property
    def plain(self) -> list[int]:
        """The places of words and numbers, without the other signs."""
        return [i for i, t in enumerate(self.tokens) if t.text[0].isalnum()]

    @cached_property
    def clauses(self) -> list[int]:
        """For each token, the number of the clause it stands in."""
        numbers, current = [], 0
        for word in self.words:
            if word in _ENDS_A_CLAUSE or word in _STARTS_A_CLAUSE:
                current += 1
            numbers.append(current)
        return numbers

    def clause(self, place: int) -> list[str]:
        """The words of the clause around a token."""
        start = end = place
        number = self.clauses[place]
        while start > 0 and self.clauses[start - 1] == number:
            start -= 1
        while end < len(self.words) and self.clauses[end] == number:
            end += 1
        return self.words[start:end]

    def denied(self, start: int, end: int) -> bool:
        """Whether a "not" stands near, in the same clause: before it, or "ist nicht" behind."""
        near = range(max(0, start - 3), start), range(end, min(len(self), end + 3))
        return any(
            self.clauses[i] == self.clauses[start] and _is_not(self.words[i])
            for places in near
            for i in places
        )

    @cached_property
    def asks(self) -> bool:
        """Whether this is a question back to us."""
        return self.text.rstrip().endswith("?")

    def _after_abbreviation(self, start: int) -> bool:
        before = self.tokens[-1] if self.tokens else None
        return before is not None and before.end == start and before.word in _ABBREVIATIONS


def _is_not(word: str) -> bool:
    return word in _NOT or word.endswith("n't")


Payload = TypeVar("Payload")


class Found(NamedTuple, Generic[Payload]):
    """A phrase at tokens ``start`` to before ``end``."""

    start: int
    end: int
    payload: Payload


def key(phrase: str) -> tuple[str, ...]:
    """The folded words and numbers of a phrase."""
    said = Said(phrase)
    return tuple(said.words[i] for i in said.plain)


class Phrases(Generic[Payload]):
    """Many phrases, looked for at once; the longest at a place wins."""

    def __init__(self, phrases: Iterable[tuple[str, Payload]]) -> None:
        by_words: dict[tuple[str, ...], list[Payload]] = {}
        for phrase, payload in phrases:
            words = key(phrase)
            if words and payload not in by_words.setdefault(words, []):
                by_words[words].append(payload)
        self.by_words = by_words
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(by_words, key=len, reverse=True):
            self._by_first.setdefault(words[0], []).append(words)

    def find(self, said: Said) -> Iterator[Found[Payload]]:
        """Every phrase in the text, from left to right, none overlapping another.

        A phrase held by several payloads is found once for each.
        """
        plain = said.plain
        place = 0
        while place < len(plain):
            for words in self._by_first.get(said.words[plain[place]], ()):
                places = plain[place : place + len(words)]
                if tuple(said.words[i] for i in places) == words and not _broken(said, places):
                    for payload in self.by_words[words]:
                        yield Found(places[0], places[-1] + 1, payload)
                    place += len(words) - 1
                    break
            place += 1


def _broken(said: Said, places: list[int]) -> bool:
    return any(said.words[i] in ".!?;\n" for i in range(places[0], places[-1]) if i not in places)


def distance(left: str, right: str, most: int) -> int:
    """Slips of the finger between two spellings (letter wrong, missing, extra, or two swapped).

    Counting stops above ``most``, so that long texts cost nothing.
    """
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j - 1] + (a != b), before[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def slips(word: str) -> int:
    """How many slips of the finger a word of this length may hold and still be meant."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else 2
