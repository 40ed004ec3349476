"""Talking to a person beside the questions: what was written, and writing back."""

import secrets
from datetime import UTC, datetime

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from webapp.core import wording
from webapp.core.values import clean
from webapp.extensions import htmx
from webapp.services.prospects import conversations
from webapp.services.sales import live
from webapp.services.sales.live import NothingSaid, TalkFull
from webapp.web.prospect import showing
from webapp.web.prospect.addresses import Addresses
from webapp.web.prospect.pages import bp
from webapp.web.shared import language
from webapp.web.shared.render import respond, swapping


@bp.get("/<any(f, c):skin>/<flow>/<token>/person")
def talk(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """The talk as a page of its own, as a part, or what of it is asked for every few seconds."""
    return _shown(skin, token)


@bp.post("/<any(f, c):skin>/<flow>/<token>/person/messages")
def create_message(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """Write to the person."""
    text = request.form.get("text", "")
    try:
        live.write(
            token,
            text=text,
            turn=clean(request.form.get("turn", ""))[:100],
            now=datetime.now(UTC),
        )
    except NothingSaid:
        return _shown(skin, token)
    except TalkFull:
        return _shown(skin, token, unsent=text)
    if swapping():
        return _shown(skin, token)
    return redirect(Addresses(skin, flow, token).person, 303)


def _shown(skin: str, token: str, *, unsent: str = "") -> Response:
    now = datetime.now(UTC)
    state = conversations.show(token, now=now)
    found = live.talk(token, now=now)
    locale = state.locale or state.playbook.locale
    language.speak(locale)
    part = "prospect/_said.html" if htmx.target == "said" else "prospect/_talk.html"
    whole = not swapping()
    response = respond(
        "prospect/talk.html" if whole else part,
        status=200,
        talk=found,
        unsent=unsent,
        turn=secrets.token_urlsafe(9),
        back=wording.wait(found.back_at - now, locale) if found.back_at else "",
        at=Addresses(skin, state.flow.id, token),
        theme=showing.theme(),
        **(showing.clothes(state.site_id) if whole or found.full else {}),
    )
    return showing.private(response)
