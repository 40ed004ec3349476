"""How a search finds people: by how the words of their name, company and address begin."""

import re
import unicodedata

LONGEST = 64
MOST_WORDS = 40
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe", "æ": "ae"}
)
_UMLAUTS = re.compile("(?<=[aou])e")
_SIGNS = re.compile(r"[\W_]+")
_SIGNS_AHEAD = re.compile(r"^[\W_]+")


def entries(*texts: str | None) -> frozenset[str]:
    """What to look somebody up by: each word as it goes on to the next space, from its beginning
    and from behind each sign in it. So ``ann.smith@acme.example`` is found by ``ann.smith``, by
    ``smith@acme`` and by ``acme.ex``."""
    found = []
    for word in plain(" ".join(text for text in texts if text)).split():
        begins = [0, *(sign.end() for sign in _SIGNS.finditer(word))]
        found += [each for at in begins for each in _spellings(word[at : at + LONGEST])]
    return frozenset(each for each in found[:MOST_WORDS] if not _SIGNS.match(each) and each)


def terms(query: str) -> list[tuple[str, ...]]:
    """The beginnings a query asks for, longest first; every one must be found, in one of its
    spellings."""
    asked = (_SIGNS_AHEAD.sub("", word)[:LONGEST] for word in set(plain(query).split()))
    return sorted((_spellings(each) for each in asked if each), key=_longest, reverse=True)


def _longest(spellings: tuple[str, ...]) -> int:
    return len(spellings[0])


def _spellings(word: str) -> tuple[str, ...]:
    """A word, and it as somebody spells it who has not its letters: Søren is Soren, Łódź is Lodz,
    and Müller, Mueller and Muller are one."""
    simple = _UMLAUTS.sub("", word.translate(_LETTERS))
    return (word,) if simple == word else (word, simple[:LONGEST])


def plain(text: str) -> str:
    """Without capitals and accents."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in parts if not unicodedata.combining(c))
