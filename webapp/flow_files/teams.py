"""Reads the teams that take leads: what they cover, when they work and who is in them."""

import re
from zoneinfo import ZoneInfo

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.playbook import Hours, Property, Rep, Team, Text
from webapp.core.values import Type
from webapp.flow_files.conditions import condition
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Node
from webapp.flow_files.problems import quoted
from webapp.flow_files.readers import (
    Reader,
    day,
    listed,
    name_id,
    one_or_more,
    string,
    unique,
    whole,
)
from webapp.flow_files.scoring import refuse_unless_last_is_open
from webapp.flow_files.vocabulary import Vocabulary

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01]\d|2[0-4]):([0-5]\d)"
_SPAN = re.compile(rf"{_TIME}\s*-\s*{_TIME}", re.ASCII)
_MIDNIGHT = 24 * 60
_EMAIL = Property("email", Text({"en": "E-mail"}, "en"), Type.EMAIL)


def read_teams(node: Node, names: Vocabulary, timezone: str) -> tuple[Team, ...]:
    """The teams in order. The last one covers everything: nobody is never an answer."""
    id, covers, hours = unique(name_id, "teams"), condition(names), _hours(timezone)

    def one(node: Node) -> Team:
        with Fields(node, "a team") as given:
            return Team(
                id=given.need("id", id),
                reps=given.need("reps", listed(_rep(unique(email, "reps of this team")))),
                covers=given.get("covers", covers),
                hours=given.get("hours", hours),
                holidays=given.get("holidays", one_or_more(day), ()),
                lead=given.get("lead", email),
                label=given.get("label", names.wording.text),
                where=node.where,
            )

    teams = listed(one)(node)
    refuse_unless_last_is_open(
        node,
        [team.covers is not None for team in teams],
        last=("The last team must take every lead.", "Delete its `covers`, or add a team."),
        earlier=("No team after this one gets a lead.", "Give it `covers`, or move it last."),
    )
    return teams


def timezone_name(node: Node) -> str:
    """A timezone of the IANA database, like ``Europe/Berlin``."""
    name = string(node)
    try:
        if name:
            ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # what ZoneInfo raises depends on how it fails
        node.refuse(f"{quoted(name)} is not a timezone.", "Write one like `Europe/Berlin`.")
        return "UTC"
    return name or "UTC"


def email(node: Node) -> str:
    """An e-mail address of staff, in small letters."""
    text = string(node)
    try:
        return str(values.read(_EMAIL, text) or "").casefold()
    except AnswerRefused:
        node.refuse(f"{quoted(text)} is not an e-mail address.", "Write it like ana@example.com.")
        return text


def _rep(address: Reader[str]) -> Reader[Rep]:
    def read(node: Node) -> Rep:
        with Fields(node, "a rep", says="Write `{email: ana@example.com}`.") as given:
            return Rep(
                email=given.need("email", address),
                weight=given.get("weight", whole(1, 1000), 1),
                capacity=given.get("capacity", whole(0)),
            )

    return read


def _hours(timezone: str) -> Reader[Hours]:
    def read(node: Node) -> Hours:
        with Fields(node, "working hours") as given:
            zone = given.get("timezone", timezone_name, timezone)
            week: dict[int, tuple[tuple[int, int], ...]] = {}
            for name in [key for key in given.given if key != "timezone"]:
                days = _days(name)
                spans = given.need(name, one_or_more(_span))
                if not days:
                    given.refuse(
                        name, f"{quoted(name)} is no day.", "Write `mon` to `sun`, or `mon-fri`."
                    )
                for each in days:
                    if each in week:
                        given.refuse(
                            name, f"The hours of {DAYS[each]} are said twice.", "Say once."
                        )
                    week[each] = tuple(sorted(spans))
            if isinstance(node, Entries) and not week:
                node.refuse("No day has hours.", 'Add days, like `mon-fri: ["09:00-17:30"]`.')
            return Hours(zone, week)

    return read


def _days(name: str) -> tuple[int, ...]:
    """The days of ``mon`` or ``mon-fri``; none if it is neither. ``sat-mon`` runs over Sunday."""
    first, dash, last = name.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        return ()
    start = DAYS.index(first)
    count = (DAYS.index(last) - start) % 7 + 1 if dash else 1
    return tuple((start + ahead) % 7 for ahead in range(count))


def _span(node: Node) -> tuple[int, int]:
    """``09:00-17:30`` in minutes since midnight."""
    text = string(node)
    if found := _SPAN.fullmatch(text):
        hours = [int(part) for part in found.groups()]
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if start < _MIDNIGHT and end <= _MIDNIGHT:
            return start, end
    node.refuse(f"{quoted(text)} are no hours.", 'Write them like "09:00-17:30".')
    return 0, _MIDNIGHT
