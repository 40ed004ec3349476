"""The words of numbers, money, limits and things counted, English and German. Data only."""

from decimal import Decimal

from webapp.core.understanding.words import Phrases

MULTIPLIERS = {
    word: Decimal(amount)
    for amount, words in {
        100: "hundred hundreds hundert",
        1_000: "k thousand thousands thsd tsd tausend grand",
        1_000_000: "million millions millionen mio mil mn mm m",
        1_000_000_000: "billion billions bn milliarde milliarden mrd",
    }.items()
    for word in words.split()
}
CURRENCIES = {
    word: code
    for code, words in {
        "EUR": "€ eur euro euros",
        "USD": "$ usd dollar dollars buck bucks us$",
        "GBP": "£ gbp pound pounds quid sterling pfund",
        "CHF": "chf franken francs sfr",
        "JPY": "¥ jpy yen",
        "INR": "₹ inr rupees rupee",
        "SEK": "sek kronor",
        "NOK": "nok",
        "DKK": "dkk",
        "PLN": "pln zloty",
        "CZK": "czk",
        "CAD": "cad",
        "AUD": "aud",
        "NZD": "nzd",
        "SGD": "sgd",
        "AED": "aed dirham dirhams",
        "BRL": "brl reais",
        "MXN": "mxn",
        "ZAR": "zar rand",
        "SAR": "sar riyal riyals ريال",
        "EGP": "egp",
        "ILS": "₪ ils",
        "TRY": "₺",
        "KRW": "₩ krw",
        "CNY": "cny rmb yuan",
        "HKD": "hkd",
        "HUF": "huf forint",
        "RON": "ron",
    }.items()
    for word in words.split()
}
TIME_UNITS = {
    word: unit
    for unit, words in {
        "day": "day days tag tage tagen",
        "fortnight": "fortnight fortnights",
        "week": "week weeks wk wks woche wochen",
        "month": "month months mo mos mth mths monat monate monaten monats",
        "quarter": "quarter quarters quartal quartale quartalen quartals",
        "year": "year years yr yrs jahr jahre jahren jahres",
        "hour": "hour hours hr hrs stunde stunden minute minutes minuten min mins second seconds",
    }.items()
    for word in words.split()
}
PEOPLE = frozenset(
    """
    people person persons employee employees staff headcount heads user users seat seats licence
    license licences licenses colleague colleagues member members worker workers folks ftes fte
    mitarbeiter mitarbeiterinnen mitarbeitende mitarbeitenden angestellte beschaeftigte leute
    personen koepfe nutzer kollegen strong man
    """.split()
)
EACH = frozenset("each apiece per je jeweils pro".split())
FIGURES = frozenset({"figure", "figures", "stellig", "digits"})
IN_FIGURES = {"vierstellig": 4, "fuenfstellig": 5, "sechsstellig": 6, "siebenstellig": 7}
# Of a range told in figures: which third is meant.
THIRDS = {"low": 0, "lower": 0, "mid": 1, "middle": 1, "high": 2, "upper": 2}
UP_TO = frozenset({"-", "–", "—", "to", "bis", "or", "oder"})
BETWEEN = frozenset({"between", "zwischen"})
AND = frozenset({"and", "und", "&"})
PER = frozenset({"per", "a", "each", "every", "pro", "im", "je", "/"})
PER_WORDS = {"monthly": "month", "monatlich": "month", "annually": "year", "yearly": "year"}

ARTICLES = frozenset({"a", "an", "one", "ein", "eine", "einen", "einem", "einer"})
HALF = frozenset({"half", "halb", "halbe", "halben", "halbes", "halber"})
ENGLISH = frozenset(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    hundred thousand million billion
    """.split()
)
GERMAN_STARTS = tuple(
    "ein zwei drei vier fuenf sech sieb acht neun zehn elf zwoelf zwan hundert tausend".split()
)
IDIOMS = Phrases(
    (phrase, (Decimal(low), Decimal(high)))
    for low, high, phrases in [
        ("2", "2", "a couple of|a couple|couple of"),
        ("3", "4", "a few|ein paar"),
        ("12", "12", "a dozen|one dozen|dozen|ein dutzend|dutzend"),
        ("6", "6", "half a dozen|ein halbes dutzend"),
        ("1000", "1000", "a grand"),
        ("1000000", "1000000", "eine million"),
        ("500000", "500000", "half a million|a half million|eine halbe million|halbe million"),
        ("250000", "250000", "quarter of a million|a quarter million|eine viertelmillion"),
        ("250000", "250000", "a quarter of a million|viertelmillion"),
        ("1.5", "1.5", "one and a half|anderthalb|eineinhalb"),
        ("2.5", "2.5", "two and a half|zweieinhalb"),
        ("3.5", "3.5", "three and a half|dreieinhalb"),
    ]
    for phrase in phrases.split("|")
)


Limits = dict[str, list[tuple[tuple[str, ...], str]]]


def _limits(by: int, **kinds: str) -> Limits:
    phrases = [(tuple(p.split()), kind) for kind, said in kinds.items() for p in said.split("|")]
    found: Limits = {}
    for phrase, kind in sorted(phrases, key=lambda limit: -len(limit[0])):
        found.setdefault(phrase[by], []).append((phrase, kind))
    return found


# What stands before or behind a number and says whether it is meant to the digit: by the word next
# to the number, longest first.
LIMITS_BEFORE = _limits(
    -1,
    most=(
        "under|below|less than|up to|at most|max|maximum|a maximum of|no more than|not more than|<|"
        "hoechstens|maximal|bis zu|unter|weniger als|nicht mehr als|fewer than"
    ),
    least=(
        "over|above|more than|at least|min|minimum|a minimum of|upwards of|>|from|north of|"
        "ueber|mehr als|mindestens|ab|not less than|no less than|well over"
    ),
    roughly=(
        "about|around|roughly|approximately|approx|circa|ca|~|some|like|maybe|say|etwa|ungefaehr|"
        "rund|gut|knapp|vielleicht|nearly|almost|fast"
    ),
)
LIMITS_AFTER = _limits(
    0,
    most="or less|max|maximum|at most|tops|or fewer|oder weniger|maximal",
    least="+|plus|or more|and up|and more|upwards|oder mehr|und mehr",
    roughly="or so|ish|- ish|oder so|give or take",
)
