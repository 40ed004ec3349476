"""Mails to staff, written from templates in ``templates/emails``: text and HTML from one value."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from webapp import catalogs
from webapp.config import ROOT
from webapp.core.agreed_call import AgreedCall
from webapp.core.briefing import Briefing, briefing
from webapp.core.clocks import zone
from webapp.core.wording import fill, locale_of
from webapp.delivery.mail import letter


def about_a_handoff(
    template: str,
    subject: str,
    record: Mapping[str, Any],
    *,
    to: str,
    link: str,
    respond_by: datetime | None,
    call: AgreedCall | None = None,
    at: datetime,
    timezone: str | None,
    locale: str | None = None,
    intro: str = "",
) -> dict[str, Any]:
    """A mail about one lead. Replying to it writes to the prospect.

    ``subject`` may name ``{who}`` and ``{score}``; it and ``intro`` are in English. ``timezone``
    and ``locale`` are the reader's. What was said and found out stays in the record's words.
    ``call`` is what was agreed on, and stands where the deadline would.
    """
    say = catalogs.of(locale).gettext
    agreed = call.for_reader(timezone, locale, say) if call else None
    found = briefing(record, agreed)
    score = fill(say("{points} points"), {"points": str(found.total)})
    return written(
        template,
        fill(say(subject), {"who": named(found), "score": score}),
        to=to,
        at=at,
        locale=locale,
        reply_to=found.email,
        found=found,
        who=named(found),
        link=link,
        agreed=agreed.when if agreed else "",
        respond_by=when(respond_by, timezone, locale) if respond_by else "",
        their_time=when(at, found.timezone, locale) if found.timezone else "",
        intro=say(intro) if intro else "",
    )


def written(
    template: str,
    subject: str,
    *,
    to: str,
    at: datetime,
    locale: str | None = None,
    reply_to: str | None = None,
    unsubscribe: str | None = None,
    **context: object,
) -> dict[str, Any]:
    """A mail as the outbox keeps it, from ``<template>.txt`` and ``<template>.html``, whose own
    words are in the reader's language."""
    shared = {**context, "subject": subject, "unsubscribe": unsubscribe}
    spoken = locale_of(locale)
    shared |= {"language": spoken.language, "direction": spoken.text_direction}
    shared["_"] = catalogs.of(locale).gettext
    text, html = (_pages().get_template(f"{template}.{kind}") for kind in ("txt", "html"))
    return letter(
        to,
        subject,
        text.render(shared).strip() + "\n",
        html.render(shared),
        at=at,
        reply_to=reply_to,
        unsubscribe=unsubscribe,
    )


def named(found: Briefing) -> str:
    """The person and their company, for a subject line."""
    told_already = found.company.casefold() in found.who.casefold()
    return found.who if told_already else f"{found.who}, {found.company}"


def when(at: datetime, timezone: str | None, locale: str | None = None) -> str:
    """An instant as the reader's clock shows it: "Fri 20 Nov, 10:48 (Europe/Berlin)"."""
    clock = zone(timezone)
    shown = format_datetime(at, "EEE d MMM, HH:mm", tzinfo=clock, locale=locale_of(locale))
    return f"{shown} ({clock.key})"


@cache
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates" / "emails"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
