"""The lists a playbook and the end of a flow are made of: what items hold, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.flow_files.document import Path
from webapp.flow_files.merging import Locate
from webapp.flow_files.properties import FRAMEWORKS
from webapp.flow_files.rendering import Plain
from webapp.flow_files.subjects import Stage
from webapp.web.studio import places, wordings
from webapp.web.studio.fields import TYPES, Field, shown
from webapp.web.studio.loaded import Studied
from webapp.web.studio.outline import in_words
from webapp.web.studio.points import whole


@dataclass(frozen=True)
class Section:
    """``condition`` is the key of the condition, if items have one; ``last_is_rest`` says that the
    last item catches what no other did, so that new ones go before it; a ``single`` section is one
    item, the mapping at ``path``."""

    name: str
    title: str
    about: str
    path: Path
    fields: tuple[Field, ...]
    condition: str | None = "when"
    stage: Stage = Stage.facts
    last_is_rest: bool = False
    keyed: bool = False
    has_id: bool = True
    single: bool = False


_BECAUSE = Field("because", "Because", "text", hint="Why, in words for the rep.")
_TO = Field("to", "Goes to", "select", "destinations", optional=False)
_SCORING = (
    Field(
        "signal", "For what they did", "select", "signals", blank="Nothing: for what holds below"
    ),
    Field("points", "Points", "whole", hint="May be negative."),
    _BECAUSE,
    Field("at_most", "At most", "whole"),
    Field("otherwise", "Points for any other value", "whole"),
    Field("within", "Only what was seen within", hint="Like 30d; for what they did."),
    Field("half_life", "Halves every", hint="Like 14d; for what they did."),
    Field("each", "Once per occurrence", "tick"),
)
_SAY = (Field("say", "Say", "text", optional=False),)

PLAYBOOK_SECTIONS = (
    Section(
        "fit", "Points for fit", "Who they are. Tables are also edited beside each question.",
        ("scoring", "fit", "rules"), _SCORING,
    ),
    Section(
        "intent", "Points for intent", "What they do and want.",
        ("scoring", "intent", "rules"), _SCORING,
    ),
    Section(
        "tiers", "Tiers", "Bands of the score, highest first; the last takes the rest.",
        ("tiers",),
        (Field("label", "Label", "text"), Field("from", "From how many points", "whole")),
        condition=None, last_is_rest=True,
    ),
    Section(
        "routing", "Routing", "The first true rule decides, so the order is the policy.",
        ("routing",), (_TO, _BECAUSE), stage=Stage.verdict, last_is_rest=True,
    ),
    Section(
        "destinations", "Destinations", "Where leads can go, and what happens there.",
        ("destinations",),
        (
            Field(
                "kind", "What happens", "select",
                (
                    ("sales", "A rep calls"),
                    ("nurture", "They join a track"),
                    ("decline", "A polite end"),
                    ("review", "A person looks at it"),
                ),
                optional=False,
            ),
            Field("label", "Label", "text"),
            Field("respond_within", "Respond within", hint="Like 15m or 4h; where a rep calls."),
            Field("track", "Track", hint="Of your marketing tool; where they join one."),
        ),
        condition=None, keyed=True,
    ),
    Section(
        "teams", "Teams", "Who takes a lead: the first team that covers it, the last what is left.",
        ("teams",),
        (
            Field("label", "Label", "text"),
            Field("lead", "Hears of missed deadlines", hint="An e-mail address."),
            Field(
                "hours", "Working hours", "lists", beside=("timezone",),
                hint="Like mon-fri: 09:00-12:30, 13:30-18:00. One line for each; blank for always.",
            ),
            Field("hours.timezone", "In the timezone", hint="Like Europe/Berlin; blank for ours."),
            Field("holidays", "Holidays", "list", hint="Like 2026-12-25, 2027-01-01."),
            Field(
                "reps", "Reps", "reps",
                hint="One a line: the e-mail address, then, if need be, weight 2 and capacity 20.",
            ),
        ),
        condition="covers", last_is_rest=True,
    ),
    Section(
        "icp", "Our ideal customer", "A checklist the rep sees: met, missed or unknown.",
        ("icp",), (_BECAUSE,),
    ),
    Section(
        "disqualifiers", "Gates", "Whom we cannot serve, and what the rep should be warned of.",
        ("disqualifiers",),
        (
            Field(
                "gate", "What it does", "select",
                (("hard", "Disqualifies"), ("flag", "Warns the rep")), optional=False,
            ),
            _BECAUSE,
        ),
    ),
    Section(
        "next_action", "What the rep does next", "The first true one is said.",
        ("guidance", "next_action"), _SAY, stage=Stage.verdict, last_is_rest=True, has_id=False,
    ),
    Section(
        "talking_points", "Talking points", "All true ones are said.",
        ("guidance", "talking_points"), _SAY, stage=Stage.verdict, has_id=False,
    ),
    Section(
        "red_flags", "Red flags", "All true ones are said.",
        ("guidance", "red_flags"), _SAY, stage=Stage.verdict, has_id=False,
    ),
    Section(
        "signals", "What visitors do", "Recognised by the page they look at or the event it sends.",
        ("signals",),
        (
            Field("label", "Label", "text"),
            Field("page", "On the pages", "list", hint="Like /pricing, /pricing/*"),
            Field("event", "The event", hint="Blank for a page looked at; like download, human."),
            Field("visit", "Whole visits", "select", (("return", "Another visit"),)),
            *(
                Field(f"utm_{each}", f"Campaign {each} (utm_{each})")
                for each in ("source", "medium", "campaign")
            ),
            Field("referrer_host", "Coming from the site", hint="Like linkedin.com."),
        ),
        condition=None, keyed=True,
    ),
    Section(
        "properties", "What we know about people", "Asked, guessed or looked up.",
        ("properties",),
        (
            Field("label", "Label", "text", optional=False),
            Field("type", "Kind of answer", "select", TYPES, optional=False),
            Field(
                "choices", "Choices", "labels",
                hint="One a line, in order: a short name that stays, a colon, what people read.",
            ),
            Field(
                "synonyms", "Other words for a choice", "synonyms", key="choices",
                hint="Like now: asap, immediately. For people who type instead of clicking.",
            ),
            Field("ordered", "The order of the choices means something", "tick"),
            Field("expires", "Is forgotten after", hint="Like 180d; blank for never."),
            Field("sensitive", "Keep it out of logs, webhooks and summaries", "tick"),
            *(
                Field(f"frameworks.{name}", f"In {name.upper()}", "select",
                      tuple((each, each.replace("_", " ").capitalize()) for each in slots))
                for name, slots in FRAMEWORKS.items()
            ),
            Field("derive.from", "Guessed from", "select", "properties", blank="Nothing"),
            Field(
                "derive.words", "By words in it", "lists",
                hint="Like c_level: chief, ceo, founder. The first line with a match wins.",
            ),
            Field("derive.values", "By its values", "lists", hint="Like europe: AT, DE, FR."),
            Field("derive.otherwise", "Otherwise", hint="The choice where no line fits."),
        ),
        condition=None, keyed=True,
    ),
    Section(
        "general", "For everything", "Name, clock and the most points of each kind.",
        (),
        (
            Field("name", "Name", optional=False),
            Field("timezone", "Timezone", hint="Like Europe/Berlin.", optional=False),
            Field("scoring.fit.at_most", "At most points for fit", "whole"),
            Field("scoring.intent.at_most", "At most points for intent", "whole"),
        ),
        condition=None, has_id=False, single=True,
    ),
)  # fmt: skip

FLOW_SECTIONS = (
    Section(
        "finish_when",
        "Ends early",
        "Checked before every question. Without a destination, routing decides as always.",
        ("finish_when",),
        (Field("to", "Goes to", "select", "destinations", blank="Routing decides"), _BECAUSE),
        stage=Stage.gates,
    ),
)


WHOLE = "@all"
"""The name of the one item of a single section."""


@dataclass(frozen=True)
class Item:
    """An item in a list: how to address it, and what it says."""

    name: str
    title: str
    says: str


def section(name: str, *, of_playbook: bool) -> Section | None:
    known = PLAYBOOK_SECTIONS if of_playbook else FLOW_SECTIONS
    return next((each for each in known if each.name == name), None)


def locate(section: Section, name: str) -> Locate:
    if section.single:
        return lambda _: section.path
    if section.keyed:
        return places.field(*section.path, name)
    return places.place_in_list(section.path, name)


def items(found: Studied, section: Section) -> list[Item]:
    """The section's items, in words."""
    document = found.document
    if section.single:
        return [_item(found, section, WHOLE, places.at(document, *section.path) or {})]
    if section.keyed:
        held = places.at(document, *section.path)
        pairs = list(held.items()) if isinstance(held, dict) else []
        named = [(str(key), value) for key, value in pairs if isinstance(value, dict)]
    else:
        listed = places.listed(document, *section.path)
        named = [(places.item_name(item, place), item) for place, item in enumerate(listed)]
    return [_item(found, section, name, item) for name, item in named]


def _item(found: Studied, section: Section, name: str, item: Mapping[str, Plain]) -> Item:
    locale, playbook = found.playbook.locale, found.playbook
    title = wordings.to(item.get("label"), locale) or ("" if name.startswith("@") else name)
    said = []
    if "property" in item:
        known = playbook.properties.get(str(item["property"]))
        table = item.get("points")
        entries = table.items() if isinstance(table, dict) else ()
        labels = {id: str(choice.label) for id, choice in known.choices.items()} if known else {}
        points = ", ".join(f"{labels.get(key, key)} {value}" for key, value in entries)
        said.append(f"{known.label if known else item['property']}: {points}")
    if "signal" in item:
        signal = playbook.signals.get(str(item["signal"]))
        said.append(str(signal.label) if signal and signal.label else str(item["signal"]))
    if section.condition:
        words = in_words(item.get(section.condition), playbook, section.stage)
        if words:
            said.append(words)
        elif section.last_is_rest:
            said.append("Everything else")
    said += _field_words(found, section, item)
    return Item(name, title, " · ".join(said))


def _field_words(found: Studied, section: Section, item: Mapping[str, Plain]) -> list[str]:
    said = []
    for field in section.fields:
        value = places.at(dict(item), *field.path)
        if field.kind in ("list", "lists") and value:
            said.append(f"{field.label.lower()} {shown(field, item, '').replace(chr(10), '; ')}")
            continue
        if field.kind == "labels" and value:
            said.append(f"{len(value)} choices")
            continue
        if value is None or field.name in ("label",) or isinstance(value, dict | list):
            if field.kind == "reps" and isinstance(value, list):
                said.append(", ".join(str(places.at(rep, "email") or "") for rep in value))
            elif field.kind == "text" and field.name != "label" and isinstance(value, dict):
                said.append(wordings.to(value, found.playbook.locale))
            continue
        if field.kind == "select" and isinstance(field.options, tuple):
            said.append(dict(field.options).get(str(value), str(value)))
        elif field.name == "to":
            destination = found.playbook.destinations.get(str(value))
            label = str(destination.label or destination.id) if destination else str(value)
            said.append(f"→ {label}")
        elif field.name == "points":
            said.append(f"{int(str(value)):+d} points" if whole(str(value)) else f"{value} points")
        elif field.kind == "whole":
            said.append(f"{field.label.lower()} {value}")
        elif field.kind == "tick":
            said.append(field.label.lower())
        else:
            said.append(str(value) if field.kind == "text" else f"{field.label.lower()} {value}")
    return said
