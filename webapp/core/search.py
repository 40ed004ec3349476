"""How a search finds people: by how the words of their name, company and address begin."""

import re
import unicodedata
from itertools import islice

LONGEST = 64
MOST_WORDS = 40
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe", "æ": "ae"}
)
_IN_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_UMLAUTS = re.compile("(?<=[aou])e")
_SIGNS = re.compile(r"[\W_]+")
_SIGNS_AHEAD = re.compile(r"^[\W_]+")


def entries(*texts: str | None) -> frozenset[str]:
    """What to look somebody up by: each word as it goes on to the next space, from its beginning
    and from behind each sign in it. So ``ann.smith@acme.example`` is found by ``ann.smith``, by
    ``smith@acme`` and by ``acme.ex``. After those come the words as who has not their letters
    spells them: Søren is Soren and Soeren, and Müller, Mueller and Muller are one."""
    told = " ".join(text for text in texts if text)
    words = _plain_and_in_two(told)
    found = [*words, *(_UMLAUTS.sub("", word) for word in words)]
    begins = [word[at : at + LONGEST] for word in found for at in _beginnings(word)]
    sought = (each for each in begins if each and not _SIGNS.match(each))
    return frozenset(islice(dict.fromkeys(sought), MOST_WORDS))


def terms(query: str) -> list[tuple[str, ...]]:
    """The beginnings a query asks for, longest first; every one must be found, in one of its
    spellings. Nothing is left out of what was typed: whoever asks for Joe does not mean John."""
    asked = []
    for word in set(query.split()):
        spelled = (_SIGNS_AHEAD.sub("", each)[:LONGEST] for each in _plain_and_in_two(word))
        if spellings := tuple(each for each in spelled if each):
            asked.append(spellings)
    return sorted(dict.fromkeys(asked), key=lambda each: len(each[0]), reverse=True)


def _plain_and_in_two(text: str) -> list[str]:
    """Its words without letters that others have not, then those that are spelled with two instead,
    where that is something else."""
    words = plain(text).translate(_LETTERS).split()
    in_two = plain(unicodedata.normalize("NFKC", text).casefold().translate(_IN_TWO))
    return list(dict.fromkeys([*words, *in_two.translate(_LETTERS).split()]))


def _beginnings(word: str) -> list[int]:
    return [0, *(sign.end() for sign in _SIGNS.finditer(word))]


def plain(text: str) -> str:
    """Without capitals and accents."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in parts if not unicodedata.combining(c))
