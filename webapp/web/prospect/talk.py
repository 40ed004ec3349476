"""Talking to a person beside the questions: what was written, and writing back."""

from datetime import UTC, datetime

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import wording
from webapp.services import conversations, live
from webapp.services.live import NothingSaid
from webapp.web.prospect import showing
from webapp.web.prospect.pages import bp
from webapp.web.shared import language
from webapp.web.shared.render import swapping


@bp.get("/<any(f, c):skin>/<flow>/<token>/person")
def talk(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """The talk as a page of its own, or as the part that is asked for every few seconds."""
    whole = "open" in request.args
    return _shown(skin, token, part="prospect/_talk.html" if whole else "prospect/_said.html")


@bp.post("/<any(f, c):skin>/<flow>/<token>/person/messages")
def create_message(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """Write to the person."""
    try:
        live.write(token, text=request.form.get("text", ""), now=datetime.now(UTC))
    except NothingSaid:
        return _shown(skin, token)
    if swapping():
        return _shown(skin, token)
    return redirect(url_for("prospect.talk", skin=skin, flow=flow, token=token), 303)


def _shown(skin: str, token: str, *, part: str = "prospect/_talk.html") -> Response:
    now = datetime.now(UTC)
    state = conversations.show(token, now=now)
    found = live.talk(token, now=now)
    locale = state.locale or state.playbook.locale
    language.speak(locale)
    response = make_response(
        render_template(
            part if swapping() else "prospect/talk.html",
            talk=found,
            back=wording.wait(found.back_at - now, locale) if found.back_at else "",
            here=url_for("prospect.conversation", skin=skin, flow=state.flow.id, token=token),
            address=url_for("prospect.talk", skin=skin, flow=state.flow.id, token=token),
            messages=url_for("prospect.create_message", skin=skin, flow=state.flow.id, token=token),
            locale=locale,
            direction=language.direction(locale),
        )
    )
    response.vary.add("HX-Request")
    return showing.private(response)
