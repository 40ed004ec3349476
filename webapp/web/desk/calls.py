"""On the phone: beginning a call, writing down each answer as it is given, and hanging up."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import AnswerRefused
from webapp.services.sales import calls
from webapp.services.sales.calls import NoCall, WrittenMeanwhile
from webapp.services.sales.handoff_access import Incomplete, NoSuchHandoff, NotYours, TooLate
from webapp.web.desk import READERS, bp, me
from webapp.web.desk.actions import field, refused_with
from webapp.web.desk.call_sheet import Refused, Sheet, name_of, sheet
from webapp.web.desk.pages import readable
from webapp.web.desk.times import instant
from webapp.web.shared.auth import allowed
from webapp.web.shared.moments import zone_of
from webapp.web.shared.render import swapping


@bp.post("/handoffs/<id>/call")
@allowed(*READERS)
def create_call(id: str) -> ResponseReturnValue:
    """Start the call, or go on with one's own."""
    try:
        calls.start(id, me(), now=_now())
    except NoSuchHandoff:
        abort(404)
    except (NotYours, TooLate) as refusal:
        return refused_with(id, str(refusal), 409)
    return redirect(url_for("desk.show_call", id=id), 303)


@bp.get("/handoffs/<id>/call")
@allowed(*READERS)
def show_call(id: str) -> ResponseReturnValue:
    readable(id)
    try:
        return _page(_sheet(id))
    except (NoCall, NotYours) as refusal:
        return _left(id, str(refusal))


@bp.post("/handoffs/<id>/call/answers")
@allowed(*READERS)
def create_call_answer(id: str) -> ResponseReturnValue:
    """Keep one answer; the page goes on with the next question."""
    question = field("question")
    sent = request.form.getlist(name_of(question))
    value = sent if len(sent) > 1 else "".join(sent)
    refused = None
    try:
        calls.answer(id, me(), question=question, value=value, seen=_whole("seen"), now=_now())
    except NoSuchHandoff:
        abort(404)
    except (NoCall, NotYours) as refusal:
        return _left(id, str(refusal))
    except (AnswerRefused, Incomplete, WrittenMeanwhile) as refusal:
        refused = Refused(question, str(refusal), {name_of(question): sent})
    found = _sheet(id, refused)
    if not swapping():
        if refused:
            return _page(found)
        return redirect(url_for("desk.show_call", id=id, _anchor=f"q-{question}"), 303)
    asked = next((each for each in found.questions if each.id == question), None)
    if asked is None:
        abort(404)
    part = render_template("desk/_call_saved.html", sheet=found, asked=asked)
    return part, 422 if refused else 200


@bp.post("/handoffs/<id>/call/notes")
@allowed(*READERS)
def update_call_notes(id: str) -> ResponseReturnValue:
    refused = None
    text = request.form.get("notes", "")
    try:
        calls.note(id, me(), text=text, seen=_whole("seen"), now=_now())
    except NoSuchHandoff:
        abort(404)
    except (NoCall, NotYours) as refusal:
        return _left(id, str(refusal))
    except WrittenMeanwhile as refusal:
        refused = Refused("notes", str(refusal), {"notes": [text]})
    found = _sheet(id, refused)
    if swapping():
        part = render_template("desk/_call_notes_saved.html", sheet=found)
        return part, 422 if refused else 200
    if refused:
        return _page(found)
    return redirect(url_for("desk.show_call", id=id, _anchor="notes"), 303)


@bp.post("/handoffs/<id>/call/end")
@allowed(*READERS)
def end_call(id: str) -> ResponseReturnValue:
    """Hang up: the record goes deeper, and what happens next is said."""
    actor = me()
    try:
        found = _sheet(id)
        calls.finish(
            id,
            actor,
            next_step=field("next_step"),
            next_step_at=instant(field("next_step_at"), zone_of(actor)),
            reason=field("reason"),
            now=_now(),
        )
    except NoSuchHandoff:
        abort(404)
    except (NoCall, NotYours, TooLate) as refusal:
        return _left(id, str(refusal))
    except Incomplete as refusal:
        typed = {name: request.form.getlist(name) for name in request.form}
        return _page(_sheet(id, Refused(refusal.field, str(refusal), typed)))
    flash(found.ending or "The call is written down.", "good")
    return redirect(url_for("desk.show", id=id), 303)


def _sheet(id: str, refused: Refused | None = None) -> Sheet:
    actor, now = me(), _now()
    return sheet(calls.opened(id, actor, now=now), actor, now, refused)


def _page(found: Sheet) -> ResponseReturnValue:
    page = render_template("desk/call.html", sheet=found)
    return page, 422 if found.refused else 200


def _left(id: str, why: str) -> ResponseReturnValue:
    """There is nothing to write on any more: say so in place, or back on the briefing."""
    if swapping():
        return render_template("desk/_call_over.html", why=why, id=id), 422
    flash(why, "warn")
    return redirect(url_for("desk.show", id=id), 303)


def _whole(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _now() -> datetime:
    return datetime.now(UTC)
