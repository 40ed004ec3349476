"""The words of days, months, seasons and deadlines, English and German. Data only."""

from webapp.core.understanding.words import Phrases

MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan januar jaenner",
            "february feb februar",
            "march mar maerz mrz",
            "april apr",
            "may mai",
            "june jun juni",
            "july jul juli",
            "august aug",
            "september sep sept",
            "october oct oktober okt",
            "november nov",
            "december dec dezember dez",
        ],
        1,
    )
    for name in names.split()
}
ALSO_OTHER_WORDS = frozenset({"may", "march", "mar", "jan"})
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        [
            "monday montag",
            "tuesday dienstag",
            "wednesday mittwoch",
            "thursday donnerstag",
            "friday freitag",
            "saturday samstag sonnabend",
            "sunday sonntag",
        ]
    )
    for name in names.split()
}
SEASONS = {
    "spring": 3,
    "fruehling": 3,
    "fruehjahr": 3,
    "summer": 6,
    "sommer": 6,
    "autumn": 9,
    "fall": 9,
    "herbst": 9,
    "winter": 12,
}
ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "fourth": 4} | {
    stem + ending: number
    for number, stem in enumerate(("erst", "zweit", "dritt", "viert"), 1)
    for ending in ("e", "en", "em", "er", "es")
}
THIS = frozenset({"this", "current"} | {"dies" + e for e in ("e", "en", "em", "er", "es")})
NEXT = frozenset(
    {"next", "coming", "upcoming", "following"}
    | {stem + e for stem in ("naechst", "kommend") for e in ("e", "en", "em", "er", "es")}
)
LAST = frozenset({"last", "past", "previous"} | {s + "n" for s in ("letzte", "vergangene")})
LAST |= {"letztes", "letzter", "letztem", "letzte"}
EDGES = {
    "early": 0,
    "beginning": 0,
    "start": 0,
    "anfang": 0,
    "mid": 1,
    "middle": 1,
    "mitte": 1,
    "late": 2,
    "end": 2,
    "ende": 2,
    "spaet": 2,
}
LITTLE = frozenset({"the", "of", "der", "des", "dem", "den", "die", "das", "vom", "in", "im", "-"})
DAYS_AWAY = Phrases(
    (phrase, days)
    for days, phrases in {
        0: "today|heute|now|right now|jetzt",
        1: "tomorrow|morgen",
        2: "day after tomorrow|the day after tomorrow|uebermorgen",
    }.items()
    for phrase in phrases.split("|")
)
AT_ONCE = Phrases(
    (phrase, phrase.split()[0])
    for phrase in (
        "asap|a s a p|as soon as possible|as soon as we can|as quickly as possible|right away|"
        "immediately|immediate|straight away|urgent|urgently|very soon|sofort|umgehend|dringend|"
        "so schnell wie möglich|so bald wie möglich|schnellstmöglich|baldmöglichst|möglichst bald|"
        "sobald wie möglich|gestern|"
        "möglichst schnell|ab sofort|yesterday|the sooner the better|je eher desto besser|"
        "je früher desto besser"
    ).split("|")
)


def _prepositions(**kinds: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for kind, phrases in kinds.items():
        for phrase in phrases.split("|"):
            words = tuple(phrase.split())
            by_first.setdefault(words[0], []).append((words, kind))
    for each in by_first.values():
        each.sort(key=lambda preposition: -len(preposition[0]))
    return by_first


# By their first word, longest first. ``at_most`` and ``at_least`` stand before spells only ("over
# 3 months"); ``past`` tells how long something took, takes or is ago.
PREPOSITIONS = _prepositions(
    by=(
        "by|until|till|no later than|latest|by latest|spaetestens|spaetestens bis|bis|bis zum|"
        "bis zur|bis zu|within|inside|innerhalb|innerhalb von|binnen"
    ),
    at_most=(
        "within the next|in the next|over the next|during the next|in the coming|in under|"
        "in less than|innerhalb der naechsten|in den naechsten|in den kommenden|in weniger als|"
        "the next|next|die naechsten|under|up to|less than|at most|unter|weniger als"
    ),
    before="before|ahead of|prior to|vor|noch vor",
    after=(
        "after|from|starting|starting in|starting from|not before|not until|no earlier than|"
        "earliest|ab|nach|nicht vor|fruehestens"
    ),
    at_least="over|more than|at least|ueber|mehr als|mindestens|beyond",
    at="in|on|during|im|am|zum|around|around the|sometime in|um|gegen|irgendwann in|for",
    past=(
        "for the last|for the past|over the last|over the past|in the last|in the past|the last|"
        "last|past|since|seit|for|for over|for about|in den letzten|every|each|takes|took"
    ),
)
FEASTS = {
    ("christmas",): (12, 24),
    ("xmas",): (12, 24),
    ("weihnachten",): (12, 24),
    ("new", "year"): (1, 1),
    ("new", "year's"): (1, 1),
    ("new", "years"): (1, 1),
    ("neujahr",): (1, 1),
}
PERIOD_ENDS = {
    ("eoy",): "year",
    ("eoq",): "quarter",
    ("eom",): "month",
    ("eow",): "week",
    ("year", "end"): "year",
    ("year", "-", "end"): "year",
    ("quarter", "end"): "quarter",
    ("month", "end"): "month",
    ("jahresende",): "year",
    ("quartalsende",): "quarter",
    ("monatsende",): "month",
}
