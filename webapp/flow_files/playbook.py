"""Reads ``playbook.yaml``: what the whole organisation shares."""

from webapp.core.playbook import Category, Guidance, Playbook, Text
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Node
from webapp.flow_files.problems import did_you_mean, quoted
from webapp.flow_files.properties import read_properties
from webapp.flow_files.readers import string
from webapp.flow_files.routing import read_destinations, read_guidance, read_routing
from webapp.flow_files.scoring import read_disqualifiers, read_icp, read_scoring, read_tiers
from webapp.flow_files.signals import BUILT_IN, read_signals
from webapp.flow_files.teams import read_teams, timezone_name
from webapp.flow_files.vocabulary import LOCALE, Vocabulary, Wording

FORMAT = "1"


def read_playbook(node: Node) -> tuple[Playbook, Vocabulary]:
    """The playbook, and the vocabulary its flows may use."""
    with Fields(node, "the playbook") as given:
        given.need("format", format_number, "Begin the file with `format: 1`.")
        locale = given.need("locale", locale_name, "Say its language, like `locale: en`.")
        timezone = given.get("timezone", timezone_name, "UTC")
        names = Vocabulary(Wording(locale))
        name = given.get("name", names.wording.text, Text({locale: "Playbook"}, locale))

        given.need("properties", lambda each: read_properties(each, names))
        signals = given.get("signals", lambda each: read_signals(each, names.wording), {})
        names.signals = signals = {**signals, **BUILT_IN}
        icp = given.get("icp", lambda each: read_icp(each, names), ())
        names.has_icp = "icp" in given
        disqualifiers = given.get("disqualifiers", lambda each: read_disqualifiers(each, names), ())
        names.disqualifiers = dict.fromkeys(each.id for each in disqualifiers)
        fit, intent = given.get(
            "scoring",
            lambda each: read_scoring(each, names),
            (Category("fit"), Category("intent")),
        )
        tiers = given.need("tiers", lambda each: read_tiers(each, names))
        names.tiers = dict.fromkeys(each.id for each in tiers)
        destinations = given.need("destinations", lambda each: read_destinations(each, names))
        names.destinations = destinations
        routing = given.need("routing", lambda each: read_routing(each, names))
        names.rules = dict.fromkeys(each.id for each in routing)
        teams = given.get("teams", lambda each: read_teams(each, names, timezone), ())
        guidance = given.get("guidance", lambda each: read_guidance(each, names), Guidance())

    names.wording.check_placeholders(names.properties)
    playbook = Playbook(
        name=name,
        locale=locale,
        timezone=timezone,
        properties=names.properties,
        signals=signals,
        icp=icp,
        disqualifiers=disqualifiers,
        fit=fit,
        intent=intent,
        tiers=tiers,
        routing=routing,
        destinations=destinations,
        teams=teams,
        guidance=guidance,
    )
    return playbook, names


def format_number(node: Node) -> str:
    """The version of the format; there is one."""
    text = string(node)
    if text and text != FORMAT:
        node.refuse(f"Format {quoted(text)} is not known here.", f"Write `format: {FORMAT}`.")
    return text


def locale_name(node: Node) -> str:
    """A locale with a language people speak, like ``en`` or ``de-AT``."""
    from babel import Locale, UnknownLocaleError

    name = string(node)
    try:
        if LOCALE.fullmatch(name):
            Locale.parse(name.replace("_", "-"), sep="-")
            return name
    except (UnknownLocaleError, ValueError):
        pass
    node.refuse(
        f"{quoted(name)} is not a locale.", did_you_mean(name, ("en", "de"), "Write one like `en`.")
    )
    return "en"
