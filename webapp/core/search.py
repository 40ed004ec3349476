"""How a search finds people: by how the words of their name, company and address begin."""

import re
import unicodedata

LONGEST = 64
MOST_WORDS = 40
_SIGNS = re.compile(r"[\W_]+")
_SIGNS_AHEAD = re.compile(r"^[\W_]+")


def entries(*texts: str | None) -> frozenset[str]:
    """What to look somebody up by: each word as it goes on to the next space, from its beginning
    and from behind each sign in it. So ``ann.smith@acme.example`` is found by ``ann.smith``, by
    ``smith@acme`` and by ``acme.ex``."""
    found = []
    for word in plain(" ".join(text for text in texts if text)).split():
        begins = [0, *(sign.end() for sign in _SIGNS.finditer(word))]
        found += [word[at : at + LONGEST] for at in begins]
    return frozenset(each for each in found[:MOST_WORDS] if not _SIGNS.match(each) and each)


def terms(query: str) -> list[str]:
    """The beginnings a query asks for, longest first; every one must be found."""
    asked = (_SIGNS_AHEAD.sub("", word) for word in set(plain(query).split()))
    return sorted((each[:LONGEST] for each in asked if each), key=len, reverse=True)


def plain(text: str) -> str:
    """Without capitals and accents."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in parts if not unicodedata.combining(c))
