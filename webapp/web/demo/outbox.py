"""What the demo's receivers got: each mail as its reader sees it, each webhook as its program does.

Anybody may look at what is about the demo's own leads; what an installation without a mail server
would have sent beside that is for those who may read every lead.
"""

import json

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.store import demo_messages
from webapp.store.demo_messages import DemoMessageRow
from webapp.web.shared.render import render

bp = Blueprint("outbox", __name__, url_prefix="/demo/outbox")


@bp.get("")
def index() -> ResponseReturnValue:
    """The newest messages, newest first."""
    found = demo_messages.newest(everything=_reads_everything())
    listed = [(row, _about(row)) for row in found]
    return render("demo/outbox.html", part="demo/_messages.html", messages=listed)


@bp.get("/<id>")
def message(id: str) -> ResponseReturnValue:
    """One message."""
    row = _message(id)
    body = json.dumps(row.payload, indent=2, ensure_ascii=False) if row.kind == "webhook" else ""
    return _private(render_template("demo/message.html", message=row, body=body))


@bp.get("/<id>/html")
def html(id: str) -> ResponseReturnValue:
    """A mail's own HTML. It styles itself, as mails must, and may do nothing else."""
    row = _message(id)
    if row.kind != "mail":
        abort(404)
    response = _private(str(row.payload["html"]))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
    )
    return response


def _about(row: DemoMessageRow) -> str:
    """What a list says of a message: a mail's subject, or the event and whom it is about."""
    if row.kind == "mail":
        return str(row.payload["subject"])
    lead = row.payload.get("data", {}).get("record", {}).get("lead", {})
    known = (lead.get(part) for part in ("name", "email"))
    who = next((each["value"] for each in known if each), "")
    return f"{row.event}: {who}" if who else row.event


def _message(id: str) -> DemoMessageRow:
    row = demo_messages.get(id, everything=_reads_everything())
    if row is None:
        abort(404)
    return row


def _reads_everything() -> bool:
    return bool(current_user.is_authenticated and current_user.role in ("admin", "manager"))


def _private(body: str) -> Response:
    response = make_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
