"""Texts for staff: what is known stands in them, whoever said it, and the label of what is not."""

from webapp.core import wording
from webapp.core.playbook import Playbook
from webapp.core.situation import Situation


def staff_text(
    words: str,
    situation: Situation,
    *,
    to: str = "",
    locale: str | None = None,
    rep: str | None = None,
) -> str:
    """Fill words an author wrote. ``to`` is the destination whose wait is meant, ``rep`` who reads
    or takes the case, where that is settled."""
    if "{" not in words:
        return words
    playbook = situation.playbook
    locale = locale or playbook.locale
    found = {}
    for name in wording.placeholders(words):
        if name in playbook.properties:
            value = situation.profile.value(name)
            found[name] = wording.label(playbook.properties[name], value, locale)
        elif name == "respond_within":
            found[name] = wait(playbook, to, locale)
        elif name == "rep_name":
            found[name] = rep or wording.our_team(words, locale)
    return wording.fill(words, found, unknown=wording.its_label(playbook, locale))


def reason(words: str, situation: Situation, *, to: str = "") -> str:
    """The same for what stands in lists and mails beside lines of ours, which nothing that somebody
    typed must look like: in one line."""
    if "{" not in words:
        return words
    return " ".join(staff_text(words, situation, to=to).split())


def wait(playbook: Playbook, destination: str, locale: str | None = None) -> str:
    """How staff are told how long a lead may wait."""
    known = playbook.destinations.get(destination)
    span = known.respond_within if known else None
    return wording.duration(span, locale or playbook.locale) if span else "the agreed time"
