"""Texts shown to a visitor: only what was said in this very conversation may appear in them."""

from datetime import datetime

from webapp.core import wording
from webapp.core.facts import Fact
from webapp.core.playbook import Text
from webapp.core.situation import Situation


def said_here(fact: Fact | None, since: datetime | None = None) -> bool:
    """Whether a fact is, or follows from, an answer of the running conversation, given after
    ``since``."""
    while fact is not None and fact.derived_from is not None:
        fact = fact.derived_from
    if fact is None or not (fact.ref or "").startswith("answer:"):
        return False
    return since is None or fact.at > since


def visitor_text(
    text: Text,
    situation: Situation,
    locale: str | None,
    offered: dict[str, str] | None = None,
    *,
    since: datetime | None = None,
) -> str:
    """Fill a text for the visitor; ``offered`` adds words such as ``rep_name``.

    What is known from elsewhere, or was said before ``since``, is left out, as if it were unknown.
    """
    words = text.to(locale)
    filled = dict(offered or {})
    for name in wording.placeholders(words):
        if name in filled or name not in situation.playbook.properties:
            continue
        fact = situation.profile.fact(name)
        if fact is not None and said_here(fact, since):
            filled[name] = wording.label(situation.playbook.properties[name], fact.value, locale)
    return wording.fill(words, filled)
