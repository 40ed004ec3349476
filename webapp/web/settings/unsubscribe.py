"""No more digests: one click in the mail, without signing in."""

from datetime import UTC, datetime

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from webapp.services.receivers import subscriptions
from webapp.services.receivers.subscriptions import BadLink, Subscription
from webapp.store import staff
from webapp.web.shared import language

bp = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")
"""A blueprint of its own, since its pages take no cookie and so need no token against forgery."""


@bp.get("/<token>")
def unsubscribe(token: str) -> ResponseReturnValue:
    """A button: mail scanners open every link, and must not end anything by that."""
    try:
        found = subscriptions.read(token)
    except BadLink:
        abort(404)
    return _page(token, found, done=False)


@bp.post("/<token>")
def create_unsubscription(token: str) -> ResponseReturnValue:
    """End these mails. Mail programs post here by themselves (RFC 8058), with no cookie or token
    of ours: the signed address is the authority."""
    try:
        found = subscriptions.end(token, now=datetime.now(UTC))
    except BadLink:
        abort(404)
    return _page(token, found, done=True)


def _page(token: str, found: Subscription, *, done: bool) -> str:
    language.speak(staff.locale_of(found.email) or "en")
    mails = language.gettext(found.mails)
    return render_template("settings/unsubscribe.html", token=token, mails=mails, done=done)
