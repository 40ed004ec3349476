"""What is odd about a request. It flags, it may set a conversation aside for a person to look at,
and it never costs anybody an answer."""

from datetime import datetime, timedelta

from flask import current_app, request

from webapp.services.throttle import Throttled
from webapp.store.sites import SiteRow
from webapp.web.prospect import work
from webapp.web.prospect.stamps import trap
from webapp.web.shared import pace

FASTEST = timedelta(seconds=1)
"""Nobody reads a question and answers it faster than this."""


MANY_FROM_ONE_ADDRESS = 20
"""More beginnings than this in ten minutes are no person's, and hardly an office's."""

MANY_ON_ONE_SITE = 3_000
"""More beginnings a minute than any site of ours has people."""

BEGINNINGS_A_MINUTE = 60
ANSWERS_A_MINUTE = 120

LINKS_AN_HOUR = 20
"""From one address: each is a mail of ours to whomever somebody types, in a new conversation if
need be."""


def key() -> str:
    return str(current_app.secret_key)


def spam(flow: str, shown_at: datetime | None = None, now: datetime | None = None) -> list[str]:
    """What makes this look like a program: it filled the field nobody sees, or was too fast."""
    found = []
    if request.form.get(trap(flow)):
        found.append("trap")
    if shown_at and now and now - shown_at < current_app.config.get("FASTEST_ANSWER", FASTEST):
        found.append("too_fast")
    return found


def idle(site: SiteRow, stamp: str) -> list[str]:
    """What makes this look like a program where the site asks browsers to work: it did not."""
    wanted = site.settings.get("proof_of_work")
    if wanted and not work.done(stamp, request.form.get("work", "")):
        return ["no_work"]
    return []


def crowd(site_id: str) -> list[str]:
    """What makes this look like one of many that a program began: how many came before it from the
    same address, or to the same site."""
    found = []
    try:
        pace.keep_address_to(
            "prospect.crowd", most=MANY_FROM_ONE_ADDRESS, seconds=600, own_network_factor=200
        )
    except Throttled:
        found.append("many_from_one_address")
    try:
        pace.keep_to("prospect.site", site_id, most=MANY_ON_ONE_SITE, seconds=60)
    except Throttled:
        found.append("many_on_one_site")
    return found


def keep_pace(token: str | None) -> None:
    """Let nobody flood us. A proxy that hides its visitors' addresses is no flood.

    Raises: Throttled.
    """
    if token is None:
        pace.keep_address_to(
            "prospect.begin", most=BEGINNINGS_A_MINUTE, seconds=60, own_network_factor=200
        )
    else:
        pace.keep_to("prospect.answer", token, most=ANSWERS_A_MINUTE, seconds=60)


def keep_links_few() -> None:
    """Let nobody have us write to the whole world. Raises: Throttled."""
    pace.keep_address_to("prospect.link", most=LINKS_AN_HOUR, seconds=3_600)


def foreign() -> bool:
    """Whether another site's page sent this. A sandboxed frame (origin ``null``) may be ours; a
    window is not, though any page can hide where it sends a form from."""
    return "foreign_origin" in oddities() or led_here()


def led_here() -> bool:
    """Whether somebody else's page, or a mail read in one, opened this in a window of its own."""
    sent = request.environ
    foreign = sent.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site")
    return foreign and sent.get("HTTP_SEC_FETCH_DEST", "document") == "document"


def oddities() -> list[str]:
    """What a person may want to know of an answer that is kept all the same."""
    sent = request.environ
    origin, sent_from = sent.get("HTTP_ORIGIN", ""), sent.get("HTTP_SEC_FETCH_SITE")
    if origin == "null":
        return ["origin_null"]
    if sent_from is not None:
        return [] if sent_from in ("same-origin", "none") else ["foreign_origin"]
    other = origin and origin.partition("://")[2] != request.host
    return ["foreign_origin"] if other else []
