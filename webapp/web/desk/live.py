"""Live: who is in a conversation now, watching one, stepping in and handing back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import wording
from webapp.core.clocks import span
from webapp.core.flow import Question
from webapp.core.staff_words import staff_text
from webapp.services.flows import releases
from webapp.services.prospects import suspicion
from webapp.services.sales import live
from webapp.services.sales.live import (
    NoSuchConversation,
    NothingSaid,
    SomebodyIsThere,
    TalkFull,
    Watched,
)
from webapp.store import staff
from webapp.web.desk import LEADERS, READERS, bp, me
from webapp.web.shared.auth import allowed
from webapp.web.shared.render import render


@bp.get("/live")
@allowed(*READERS)
def live_index() -> ResponseReturnValue:
    """Open conversations; asked for again every few seconds."""
    now, flows = datetime.now(UTC), releases.live()[1].flows
    names = {person.id: person.name for person in staff.everyone()}
    rows = [
        {
            "row": row,
            "title": flows[row.flow].title if row.flow in flows else row.flow,
            "who": _who(row.answers),
            "ago": span(now - row.last_at),
            "asked": span(now - row.human_asked_at) if row.human_asked_at else "",
            "with": names.get(row.taken_by_id, ""),
        }
        for row in live.open_now(me(), now=now)
    ]
    return render("desk/live.html", part="desk/_live_list.html", rows=rows)


def _who(answers: Sequence[Mapping[str, Any]]) -> str:
    """What they said of who they are, so far."""
    said = {each["property"]: each["value"] for each in answers}
    return ", ".join(str(said[each]) for each in ("name", "company", "email") if said.get(each))


@bp.get("/live/<id>")
@allowed(*READERS)
def live_show(id: str) -> ResponseReturnValue:
    watched = _watched(id)
    return render("desk/watch.html", part="desk/_watched.html", **_shown(watched))


@bp.post("/live/<id>/presence")
@allowed(*READERS)
def create_presence(id: str) -> ResponseReturnValue:
    """Step in: the visitor sees a name, the questions wait."""
    try:
        live.step_in(id, me(), now=datetime.now(UTC))
    except SomebodyIsThere as refusal:
        flash(str(refusal), "warn")
    except NoSuchConversation:
        abort(404)
    return redirect(url_for("desk.live_show", id=id), 303)


@bp.post("/live/<id>/absence")
@allowed(*READERS)
def destroy_presence(id: str) -> ResponseReturnValue:
    """Hand back: the questions go on."""
    try:
        live.hand_back(id, me(), now=datetime.now(UTC))
    except SomebodyIsThere as refusal:
        flash(str(refusal), "warn")
    except NoSuchConversation:
        abort(404)
    return redirect(url_for("desk.live_show", id=id), 303)


@bp.post("/live/<id>/messages")
@allowed(*READERS)
def create_message(id: str) -> ResponseReturnValue:
    try:
        live.say(id, me(), text=request.form.get("text", ""), now=datetime.now(UTC))
    except (SomebodyIsThere, NothingSaid, TalkFull) as refusal:
        flash(str(refusal), "warn")
    except NoSuchConversation:
        abort(404)
    return redirect(url_for("desk.live_show", id=id), 303)


def _watched(id: str) -> Watched:
    try:
        return live.watch(id, me(), now=datetime.now(UTC))
    except NoSuchConversation:
        abort(404)


def _shown(watched: Watched) -> dict[str, Any]:
    decision = watched.decision
    properties, locale = decision.playbook.properties, decision.playbook.locale

    def asks(question: Question) -> str:
        return staff_text(str(question.ask), decision.situation)

    said = [
        (asks(question), wording.label(properties[question.property], answer.value, locale))
        for question in decision.path.asked
        if (answer := decision.answers.get(question.property)) is not None
    ]
    names = {each.email: each.name for each in staff.everyone()}
    return {
        "watched": watched,
        "said": said,
        "asking": asks(decision.path.next) if decision.path.next else "",
        "names": names,
        "tier": str(decision.tier.label or decision.tier.id.capitalize()),
        "aside": suspicion.words(watched.row) if watched.row.spam else (),
        "may_release": me().role in LEADERS,
        "mine": watched.person is not None and watched.person.id == me().id,
    }
