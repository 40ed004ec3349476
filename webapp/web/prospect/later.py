"""Going on later: asking for a link by mail, and coming back with it."""

import secrets
from datetime import UTC, datetime
from functools import partial

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import catalogs
from webapp.core.errors import AnswerRefused
from webapp.services.prospects import conversations, resuming
from webapp.services.prospects.resuming import Letter
from webapp.services.prospects.states import State
from webapp.web.prospect import checks, showing
from webapp.web.prospect.addresses import Addresses
from webapp.web.prospect.pages import bp
from webapp.web.shared import language
from webapp.web.shared.language import gettext

_SKINS = {"form": "f", "chat": "c"}


@bp.get("/<any(f, c):skin>/<flow>/<token>/later")
def new_link(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """Ask where to send a link."""
    return _asked(skin, token)


@bp.post("/<any(f, c):skin>/<flow>/<token>/later")
def create_link(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """Send it. What is answered is the same for every address."""
    checks.keep_links_few()
    now, typed = datetime.now(UTC), request.form.get("email", "")
    state = _spoken(token, now)
    path = partial(_path, skin, state.flow.id)
    try:
        resuming.send_link(token, to=typed, letter=_letter(state), path=path, now=now)
    except AnswerRefused as refusal:
        return _asked(skin, token, typed=typed, problem=language.explained(refusal))
    return _shown("prospect/later.html", Addresses(skin, state.flow.id, token), state, sent=True)


@bp.get("/<any(f, c):skin>/<flow>/resume/<secret>")
def show_link(skin: str, flow: str, secret: str) -> ResponseReturnValue:
    """Only a button: programs that look through mails follow every link in them."""
    row = resuming.behind(secret, now=datetime.now(UTC))
    language.speak(row.locale or language.wanted(catalogs.FOR_PROSPECTS, "en"))
    return _button(row.site_id, action=request.path)


@bp.post("/<any(f, c):skin>/<flow>/resume/<secret>")
def use_link(skin: str, flow: str, secret: str) -> ResponseReturnValue:
    found = resuming.follow(secret, now=datetime.now(UTC))
    at = Addresses(_SKINS.get(found.skin, "f"), found.flow, found.token)
    response: Response = make_response(redirect(at.here, 303))
    return showing.private(response)


@bp.after_request
def ask_who_was_led_here(response: Response) -> Response:
    """Whoever sent somebody the address of a conversation knows it as well, and would read what is
    said in it. So who comes from elsewhere, by a link or with a form, goes on at a new address, or
    not at all. What a form held is kept: it is the page to go on with that is not shown."""
    named, shows = request.view_args or {}, response.status_code in (200, 422)
    if not shows or not {"flow", "token"} <= named.keys() or not checks.led_here():
        return response
    return _taking_over(named["skin"], named["token"])


@bp.post("/<any(f, c):skin>/<flow>/<token>/here")
def take_over(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """Go on in this browser alone."""
    if checks.led_here():
        return _taking_over(skin, token)
    now, showing_of = datetime.now(UTC), request.form.get("showing", "")[:100]
    found = resuming.take_over(token, showing_of, now=now)
    at = Addresses(skin, found.flow, found.token)
    return showing.private(make_response(redirect(at.here, 303)))


def _taking_over(skin: str, token: str) -> Response:
    state = _spoken(token, datetime.now(UTC))
    return _button(
        state.site_id,
        action=Addresses(skin, state.flow.id, token).take_over,
        showing=secrets.token_urlsafe(16),
    )


def _button(site_id: str, **more: str) -> Response:
    page = render_template("prospect/resume.html", **more, **showing.clothes(site_id))
    return showing.private(make_response(page))


def _asked(skin: str, token: str, *, typed: str = "", problem: str | None = None) -> Response:
    state = _spoken(token, datetime.now(UTC))
    at = Addresses(skin, state.flow.id, token)
    response = _shown("prospect/later.html", at, state, typed=typed, problem=problem)
    response.status_code = 422 if problem else 200
    return response


def _shown(template: str, at: Addresses, state: State, **more: object) -> Response:
    more |= {"here": at.here, "later": at.later, "skin": at.skin, "theme": showing.theme()}
    page = render_template(template, **more, **showing.clothes(state.site_id))
    return showing.private(make_response(page))


def _spoken(token: str, now: datetime) -> State:
    """The conversation, whose language the page speaks."""
    state = conversations.show(token, now=now)
    language.speak(state.locale or state.playbook.locale)
    return state


def _letter(state: State) -> Letter:
    title = state.flow.title.to(state.locale)
    return Letter(
        subject=gettext("Go on with: %(flow)s") % {"flow": title},
        paragraphs=(
            gettext("Somebody, probably you, asked for this link to go on later."),
            gettext("It works once, for 7 days. What was answered before is kept and not shown."),
        ),
        button=gettext("Go on"),
    )


def _path(skin: str, flow: str, secret: str) -> str:
    return url_for("prospect.show_link", skin=skin, flow=flow, secret=secret)
