"""Countries by name: in English, in German and in the visitor's own language."""

from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError

from webapp.core.understanding.pieces import Certainty, Piece, piece
from webapp.core.understanding.words import Phrases, Said, distance, key, slips
from webapp.core.values import countries

# A first name, a bird, a state of the US: sure only where "in" goes before or it was asked for.
_ALSO_OTHER_NAMES = frozenset(
    {"georgia", "jordan", "chad", "guinea", "tschad", "cuba", "mali", "malta", "turkey"}
)
_OTHER_NAMES = {
    "US": "USA|US|U.S.|U.S.A.|America|the States|Vereinigte Staaten|Amerika",
    "GB": "UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|Großbritannien",
    "NL": "Holland|The Netherlands|Niederlande",
    "AE": "UAE|Emirates|Dubai|Emirate",
    "CZ": "Czech Republic|Tschechische Republik",
    "KR": "Korea|South Korea",
    "CH": "Swiss",
    "DE": "Bundesrepublik|BRD",
    "TR": "Turkey",
    "HK": "Hong Kong|Hongkong",
    "CN": "PRC|China",
    "RU": "Russian Federation",
    "CI": "Ivory Coast",
    "MM": "Burma",
}


def country_in(said: Said, locale: str, *, asked: bool) -> Piece | None:
    """A country by its English or German name, or the visitor's own word for it."""
    for found in _phrases(_language(locale)).find(said):
        first = said.tokens[found.start]
        if not asked and not first.text[0].isupper():
            continue
        if first.word in ("us", "uk") and not first.text.isupper():
            continue
        if said.denied(found.start, found.end):
            continue
        before = said.word(found.start - 1)
        if before == "the":
            before = said.word(found.start - 2)
        cued = asked or before in ("in", "from", "aus", "based")
        doubtful = found.end - found.start == 1 and first.word in _ALSO_OTHER_NAMES
        certainty: Certainty = "sure" if cued and not (doubtful and not asked) else "likely"
        return piece(said, found.start, found.end, certainty, found.payload)
    if not asked:
        return None
    words = [said.words[i] for i in said.plain]
    if len(words) == 1 and len(words[0]) == 2 and words[0].upper() in _codes():
        spelled = said.tokens[said.plain[0]].text
        return piece(said, 0, len(said), "sure" if spelled.isupper() else "likely", spelled.upper())
    typed = " ".join(words)
    near = [
        code
        for name, code in _by_letter(_language(locale)).get(typed[:1], [])
        if 0 < distance(typed, name, slips(typed)) <= slips(typed)
    ]
    if len(set(near)) == 1:
        return piece(said, said.plain[0], said.plain[-1] + 1, "likely", near[0])
    return None


@cache
def _codes() -> frozenset[str]:
    return frozenset(countries())


@lru_cache(maxsize=64)
def _all_names(language: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for each in dict.fromkeys(("en", "de", language)):
        try:
            territories = Locale.parse(each).territories
        except (ValueError, UnknownLocaleError):
            continue
        found += [(territories[c], c) for c in sorted(_codes()) if c in territories]
    found += [(n, c) for c, names in _OTHER_NAMES.items() for n in names.split("|")]
    return tuple(found)


@lru_cache(maxsize=64)
def _phrases(language: str) -> Phrases[str]:
    return Phrases(_all_names(language))


@cache
def country_words() -> frozenset[str]:
    """First words of country names: nobody is called Germany."""
    return frozenset(key(name)[0] for name, _ in _all_names("en") if key(name))


@lru_cache(maxsize=64)
def _by_letter(language: str) -> dict[str, list[tuple[str, str]]]:
    by_letter: dict[str, list[tuple[str, str]]] = {}
    for name, code in _all_names(language):
        spelled = " ".join(key(name))
        by_letter.setdefault(spelled[:1], []).append((spelled, code))
    return by_letter


def _language(locale: str) -> str:
    return locale.replace("_", "-").split("-")[0][:8]
