"""What was filled in for a connection, checked field by field before any of it is kept."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app

from webapp.config import Config
from webapp.core import values
from webapp.core.enrichment import check_mapping, learnable, read_mapping
from webapp.core.errors import BatonError
from webapp.delivery.addresses import target
from webapp.delivery.enrichment import METHODS
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.kinds import EVENTS, Kind, Setting
from webapp.delivery.mail import address
from webapp.services.flows import releases

_HEADER = re.compile(
    r"(?i)(?!(host|connection|expect|te|trailer|upgrade|user-agent)$|accept|content-|transfer-)"
    r"[a-z0-9-]{1,60}"
)
_DAYS = re.compile(r"[1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-5]")

ASSIGN_OWNER = {
    "always": "Always the rep the lead went to",
    "new": "Only of contacts that are new",
    "never": "Never: the CRM decides",
}


class NotSetUp(BatonError):
    """What was filled in cannot be used: a sentence for each field that is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def checked(
    kind: Kind, given: Mapping[str, str], events: Sequence[str], secret: Mapping[str, Any]
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The name, the settings and the secrets to keep. ``secret`` is what is kept so far: a secret
    left blank stays.

    Raises: NotSetUp.
    """
    given = {name: values.clean(value) for name, value in given.items()}
    problems: dict[str, str] = {}
    config: dict[str, Any] = {}
    secrets = dict(secret)
    for setting in kind.settings:
        value = given.get(setting.name, "").strip()
        if setting.secret and not value and setting.name in secrets:
            continue
        if problem := _problem_of(setting, value):
            problems[setting.name] = problem
        (secrets if setting.secret else config)[setting.name] = value
    if zone := given.get("timezone", "").strip():
        if _is_zone(zone):
            config["timezone"] = zone
        else:
            problems["timezone"] = "Enter a time zone like Europe/Berlin."
    if kind.asked:
        config |= _of_provider(given, problems)
    if kind.mapping is not None:
        try:
            config["mapping"] = _read_mapping(given.get("mapping", ""), kind.mapping)
        except ValueError as problem:
            problems["mapping"] = str(problem)
        config["assign_owner"] = given.get("assign_owner") or "always"
        if config["assign_owner"] not in ASSIGN_OWNER:
            problems["assign_owner"] = "Select who decides about the owner."
    if not kind.asked and (not events or set(events) - EVENTS.keys()):
        problems["events"] = "Select what it should hear of."
    if problems:
        raise NotSetUp(problems)
    return given.get("name", "").strip()[:100] or kind.label, config, secrets


def _of_provider(given: Mapping[str, str], problems: dict[str, str]) -> dict[str, Any]:
    """How a provider is asked, and what is taken from its answer."""
    by_address = given.get("by_address") == "yes"
    if given.get("method") not in METHODS:
        problems["method"] = "Select how it wants to be asked."
    if "{email}" in given.get("url", "") and not by_address:
        problems["url"] = "The address asks for {email}. Allow that it is sent, or take it out."
    if not _HEADER.fullmatch(given.get("header", "").strip()):
        problems["header"] = "Enter a header that can hold a key, like Authorization or X-Api-Key."
    mapping = given.get("mapping", "").strip("\n")
    try:
        lines = read_mapping(mapping)
        check_mapping(lines, releases.live()[1].playbook)
        if not lines:
            raise ValueError("Enter what is to be learnt, one property a line.")
    except ValueError as problem:
        problems["mapping"] = str(problem)
    return {"method": given.get("method"), "by_address": by_address, "mapping": mapping}


def _problem_of(setting: Setting, value: str) -> str | None:
    if not value:
        return f"Fill in “{setting.label}”."
    if not value.isascii() or not value.isprintable() or len(value) > 2_000:
        return f"“{setting.label}” holds something that cannot be sent. Copy it again."
    if setting.type == "number" and not _DAYS.fullmatch(value):
        return "Enter a number of days from 1 to 365."
    if setting.type == "email" and address(value) is None:
        return "Enter a mail address, like sales@example.com."
    if setting.type == "url":
        config: Config = current_app.extensions["baton"]
        try:
            target(value, config.allowed_receivers)
        except DeliveryRefused as problem:
            return str(problem)
    return None


def _read_mapping(
    text: str, standard: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    if not text.strip():
        return {kind: dict(fields) for kind, fields in standard.items()}
    offered = set(offered_values())
    found: dict[str, dict[str, str]] = {kind: {} for kind in standard}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        field, colon, source = (part.strip() for part in line.partition(":"))
        kind, _, name = field.partition(".")
        if not colon or kind not in found or not name:
            kinds = " or ".join(f"{each}." for each in found)
            raise ValueError(f"Line {number}: write {kinds} and a field, a colon and a value.")
        if source not in offered and not source.startswith("="):
            raise ValueError(
                f"Line {number}: there is no value {source}. Fixed text begins with =."
            )
        found[kind][name] = source
    return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def offered_values() -> list[str]:
    """What a field mapping may name, by the playbook that is live."""
    answers = [
        f"answer.{each.id}"
        for each in releases.live()[1].playbook.properties.values()
        if not each.built_in and not each.sensitive
    ]
    lead = ("name", "first_name", "last_name", "email", "phone", "title", "company", "country")
    return [
        *(f"lead.{name}" for name in lead),
        "company.domain",
        *(f"score.{name}" for name in ("total", "fit", "intent")),
        *(f"verdict.{name}" for name in ("tier", "rule", "because")),
        *(
            f"handoff.{name}"
            for name in ("link", "in_one_line", "next_action", "scenario", "depth")
        ),
        *(f"source.{name}" for name in ("utm_source", "utm_medium", "utm_campaign", "page")),
        *answers,
    ]


def offered_properties() -> dict[str, str]:
    """What a provider may tell, by the playbook that is live: each property with its choices, or
    what it holds."""
    found = learnable(releases.live()[1].playbook)
    return {id: ", ".join(each.choices) or each.type.value for id, each in found.items()}


def written_mapping(mapping: Mapping[str, Mapping[str, str]]) -> str:
    """A field mapping as people edit it: ``contact.jobtitle: lead.title``, one a line."""
    return "\n".join(
        f"{kind}.{target}: {source}"
        for kind, fields in mapping.items()
        for target, source in fields.items()
    )
