"""Reading: the inbox, and a lead as page, Markdown, plain text and JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from flask import Response, abort, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.core.agreed_call import AgreedCall
from webapp.core.briefing import markdown, plain
from webapp.services.flows import releases
from webapp.services.sales import calendars, handoff_access, live
from webapp.services.sales.handoff_access import NoSuchHandoff
from webapp.store import inbox
from webapp.store.conversations import spam_count
from webapp.store.handoffs import HandoffRow
from webapp.web.desk import LEADERS, READERS, bp, me
from webapp.web.desk.opened import Opened, call_of, dues, items, opened
from webapp.web.desk.times import Due, local
from webapp.web.shared.auth import allowed

TABS = (("mine", "Mine"), ("unassigned", "Unassigned"), ("all", "All"), ("closed", "Closed"))
VIEWS = (*dict(TABS), "snoozed")


@bp.get("")
@allowed(*READERS)
def index() -> ResponseReturnValue:
    """The inbox, soonest deadline first; beside it the first lead, where there is room."""
    listed = _inbox()
    # Shown whole, and so read: the audit log shall say by whom.
    first = readable(listed["items"][0].row.id) if listed["items"] else None
    return _page(listed, first, chosen=False)


@bp.get("/inbox")
@allowed(*READERS)
def inbox_part() -> ResponseReturnValue:
    """What changes in the inbox, asked for again and again while the desk is open. Whoever has seen
    what it shows is told nothing, and no record is read for that."""
    glance = _glanced()
    if glance.mark == request.args.get("seen"):
        return "", 204
    id = request.args.get("open", "")
    current = {"row": {"id": id}} if id else None
    return render_template("desk/_leads.html", open=current, **_listed(glance))


@bp.get("/handoffs/<id>")
@allowed(*READERS)
def show(id: str) -> ResponseReturnValue:
    return _page(_inbox(), readable(id), chosen=True)


@bp.get("/handoffs/<id>.md")
@allowed(*READERS)
def show_markdown(id: str) -> ResponseReturnValue:
    return _text(_written(markdown, id), "text/markdown")


@bp.get("/handoffs/<id>.txt")
@allowed(*READERS)
def show_text(id: str) -> ResponseReturnValue:
    return _text(_written(plain, id), "text/plain")


@bp.get("/handoffs/<id>.json")
@allowed(*READERS)
def show_json(id: str) -> ResponseReturnValue:
    return jsonify(readable(id).record.record)


def readable(id: str) -> HandoffRow:
    """The handoff, noted as read; 404 for one that is not there or not this person's to read."""
    try:
        return handoff_access.read(id, me(), now=datetime.now(UTC))
    except NoSuchHandoff:
        abort(404)


def shown(opened_lead: Opened, status: int = 200) -> ResponseReturnValue:
    """The desk with one lead open; used again where a form was refused."""
    page = render_template("desk/index.html", open=opened_lead, chosen=True, **_inbox())
    return page, status


def _page(listed: dict[str, Any], row: HandoffRow | None, *, chosen: bool) -> ResponseReturnValue:
    open_lead = opened(row, me(), datetime.now(UTC)) if row else None
    return render_template("desk/index.html", open=open_lead, chosen=chosen, **listed)


@dataclass(frozen=True)
class _Glance:
    """What the inbox lists and how that stands. ``beside`` is what stands around it."""

    view: str
    q: str
    rows: Sequence[Any]
    due: Mapping[str, Due]
    beside: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """Tells one inbox from another. Whoever does anything with a lead updates it."""
        rows = [(row.id, row.updated_at, self.due[row.id]) for row in self.rows]
        told = self.view, self.q, releases.live()[0], rows, sorted(self.beside.items())
        return sha256(repr(told).encode()).hexdigest()[:12]


def _glanced() -> _Glance:
    actor, now = me(), datetime.now(UTC)
    view = request.args.get("view", "mine")
    if view not in VIEWS:
        view = "mine"
    q = request.args.get("q", "").strip()[:100]
    teams = None if handoff_access.sees_everything(actor) else handoff_access.teams_of(actor)
    counts = inbox.counts(actor.email, teams, now=now)
    found = inbox.glimpsed(view, actor.email, teams, q=q, now=now)
    if not found and "view" not in request.args and not q and counts["all"]:
        view = "all"
        found = inbox.glimpsed(view, actor.email, teams, now=now)
    calendar = calendars.state(actor.id, now=now)
    beside = {
        "counts": counts,
        "aside": spam_count() if actor.role in LEADERS else None,
        "calendar_unread": calendar is not None and calendar.pressing,
        "hot": live.turned_hot(actor, now=now),
    }
    return _Glance(view, q, found, dues(found, now), beside)


def _inbox() -> dict[str, Any]:
    return _listed(_glanced())


def _listed(found: _Glance) -> dict[str, Any]:
    """What the templates show of a glance."""
    view, q, full = found.view, found.q, len(found.rows) == inbox.LISTED
    return {
        "items": items(inbox.whole(found.rows), found.due, datetime.now(UTC)),
        "tabs": TABS,
        "view": view,
        "q": q,
        "full": full,
        "looked_through": None if full else _looked_through(view, q),
        "mark": found.mark,
        **found.beside,
    }


def _looked_through(view: str, q: str) -> int | None:
    """How many leads a search looked through, where there are more."""
    return inbox.MOST_LOOKED_THROUGH if inbox.looks_back_only_so_far(view, q) else None


def _written(how: Callable[[Any, AgreedCall | None], str], id: str) -> str:
    row = readable(id)
    return how(row.record.record, call_of(row, me()))


def _text(words: str, kind: str) -> Response:
    response = make_response(words)
    response.mimetype = kind
    return response


@bp.app_template_filter("clock")
def clock(at: str | datetime, timezone: str) -> str:
    """An instant in the reader's zone."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return local(found, timezone)


@bp.app_template_filter("tel")
def tel(phone: str) -> str:
    """A phone number as a ``tel:`` address wants it."""
    return "".join(c for c in phone if c.isdigit() or c == "+")
