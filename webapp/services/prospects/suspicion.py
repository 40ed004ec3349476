"""What makes a conversation look like spam, while it goes on. It costs nobody an answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.core import builtins
from webapp.core.playbook import Playbook
from webapp.services.prospects.answering import Answered

REASONS = {
    "trap": "Filled in a field that people do not see",
    "too_fast": "Answered faster than anybody reads",
    "no_work": "Its browser did not do the work that the site asks for",
    "disposable": "Gave a throw-away e-mail address",
    "many_from_one_address": "One of very many from the same internet address",
    "many_on_one_site": "One of very many on this site within a minute",
}


def standing(row: Any, given: Answered, playbook: Playbook, *, found: Sequence[str]) -> list[str]:
    """Why a conversation looks like spam once this answer stands; never again after a person has
    said that it does not. A throw-away address counts for as long as it is the one given."""
    if row.cleared_at is not None:
        return []
    because = dict.fromkeys([*row.spam_because, *found])
    because.pop("disposable", None)
    typed = addresses(playbook, given.answers, given.heard)
    if row.skin != "call" and any(builtins.email_kind(a) == "disposable" for a in typed):
        because["disposable"] = None
    return list(because)


def words(row: Any) -> tuple[str, ...]:
    """Why a conversation was kept aside, in words."""
    return tuple(REASONS.get(each, each) for each in row.spam_because)


def addresses(playbook: Playbook, answers: Sequence[Any], heard: Mapping[str, Any]) -> list[str]:
    """Every e-mail address that stands in a conversation."""
    asked = playbook.email_property
    if asked is None:
        return []
    said = [*answers, *(fact for found in heard.values() for fact in found)]
    return [str(each["value"]) for each in said if each["property"] == asked.id and each["value"]]
