"""Pages that have no conversation to show: they say what happened and offer the way on."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from webapp import catalogs
from webapp.services.flows.releases import NothingPublished
from webapp.services.flows.sites import ways_to_reach
from webapp.services.prospects.conversations import (
    ConversationExpired,
    UnknownConversation,
    UnknownFlow,
)
from webapp.services.prospects.resuming import LinkGone
from webapp.services.sales.meetings import NoSuchMeeting
from webapp.store import sites
from webapp.store.database import AWAY, db
from webapp.store.sites import SiteRow
from webapp.web.prospect import arrivals, checks, showing
from webapp.web.prospect.addresses import Addresses, framed
from webapp.web.prospect.arrivals import UnknownSite
from webapp.web.shared import language
from webapp.web.shared.language import gettext
from webapp.web.shared.render import swapping


def register(bp: Blueprint) -> None:
    bp.register_error_handler(UnknownConversation, _unknown)
    bp.register_error_handler(ConversationExpired, _expired)
    bp.register_error_handler(LinkGone, _gone)
    for nowhere in (UnknownFlow, UnknownSite, NothingPublished):
        bp.register_error_handler(nowhere, _nowhere)
    bp.register_error_handler(NoSuchMeeting, _no_meeting)
    bp.register_error_handler(RequestEntityTooLarge, _too_large)
    bp.after_request(_keep_what_was_sent)


def _unknown(_: Exception) -> Response:
    return _page(
        404,
        gettext("This conversation is not here"),
        gettext("The address may be cut short. What was said stays with us all the same."),
        again=True,
    )


def _expired(_: Exception) -> Response:
    return _page(
        410,
        gettext("This page has expired"),
        gettext("Your answers are safe with us, and no longer shown here."),
        again=True,
    )


def _gone(_: Exception) -> Response:
    return _page(
        410,
        gettext("This link was used before, or is too old"),
        gettext("Your answers are safe with us, and no longer shown here."),
        again=True,
    )


def _nowhere(_: Exception) -> Response:
    return _page(
        404,
        gettext("There is nothing to ask here"),
        gettext("The link may be old. The page that sent you here has a newer one."),
    )


def archived(site: SiteRow) -> Response:
    """Where a page still shows us for a site that was put away. Who is in the middle of a
    conversation there can go on, and who has a form of it open already may send that."""
    language.speak(language.wanted(catalogs.FOR_PROSPECTS, "en"))
    page = render_template(
        "prospect/archived.html",
        theme=showing.theme(),
        framed=framed(),
        **showing.clothes(site.id),
    )
    return showing.private(make_response(page, 410))


def _no_meeting(_: Exception) -> Response:
    return _page(
        404,
        gettext("There is no call to arrange here"),
        gettext("We have been in touch already, or the address is cut short."),
    )


def _too_large(_: Exception) -> Response:
    return _page(
        413,
        gettext("That was too long"),
        gettext("Your earlier answers are safe. Shorten this one to 10,000 characters.")
        if swapping()
        else gettext(
            "Your earlier answers are safe. Go back and shorten this one to 10,000 characters."
        ),
    )


def _keep_what_was_sent(response: Response) -> Response:
    """A plain form that we could not take comes back with all that was in it; otherwise whoever
    has no script would find their words gone. Not to whom somebody else's page sent here: the words
    are its own, and so is the conversation that they would go to."""
    failed = response.status_code >= 500 or response.status_code == 429
    if not failed or request.method != "POST" or swapping() or checks.led_here():
        return response
    try:
        sent = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return response
    language.speak(language.wanted(catalogs.FOR_PROSPECTS, "en"))
    page = render_template(
        "prospect/unsent.html",
        here=request.full_path.removesuffix("?"),
        sent=sent,
        ways=_ways(),
        theme=showing.theme(),
    )
    response.set_data(page)
    return showing.private(response)


def _ways() -> list[tuple[str, str]]:
    """How to reach the site's people, where our database still knows."""
    try:
        db.session.rollback()
        site = arrivals.site()
    except (*AWAY, UnknownSite):
        return []
    showing.let_frame(site)
    return ways_to_reach(site)


def _page(status: int, heading: str, *sentences: str, again: bool = False) -> Response:
    where = request.view_args or {}
    if site := sites.by_key(request.args.get("site", "")):
        showing.let_frame(site)
    language.speak(language.wanted(catalogs.FOR_PROSPECTS, "en"))
    first = Addresses(where["skin"], where["flow"]).first if again and "flow" in where else None
    page = render_template(
        "prospect/gone.html",
        heading=heading,
        sentences=sentences,
        again=first,
        theme=showing.theme(),
    )
    return showing.private(make_response(page, status))
