"""Doing: each action is posted to; a refusal shows the lead again with nothing typed lost."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.services.people import merging
from webapp.services.sales import corrections, handoff_access, handoffs, in_earnest
from webapp.services.sales.handoff_access import Incomplete, NoSuchHandoff, NotYours, TooLate
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow
from webapp.web.desk import READERS, bp, me
from webapp.web.desk.opened import opened
from webapp.web.desk.pages import readable, shown
from webapp.web.desk.times import instant
from webapp.web.shared.auth import allowed
from webapp.web.shared.moments import zone_of

Act = Callable[[str, StaffRow, datetime], HandoffRow]


@bp.post("/handoffs/<id>/acceptance")
@allowed(*READERS)
def create_acceptance(id: str) -> ResponseReturnValue:
    return _do(
        id, "Accepted. It is yours.", lambda id, actor, now: handoffs.accept(id, actor, now=now)
    )


@bp.post("/handoffs/<id>/rejection")
@allowed(*READERS)
def create_rejection(id: str) -> ResponseReturnValue:
    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        return handoffs.reject(
            id,
            actor,
            reason=field("reason"),
            note=field("note"),
            line=field("line") or None,
            now=now,
        )

    return _do(id, "Sent back.", act)


@bp.post("/handoffs/<id>/contacts")
@allowed(*READERS)
def create_contact(id: str) -> ResponseReturnValue:
    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        return handoffs.log_contact(
            id,
            actor,
            result=field("result"),
            note=field("note"),
            next_step=field("next_step"),
            next_step_at=instant(field("next_step_at"), zone_of(actor)),
            now=now,
        )

    return _do(id, "Contact logged.", act)


@bp.post("/handoffs/<id>/outcome")
@allowed(*READERS)
def create_outcome(id: str) -> ResponseReturnValue:
    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        amount, currency = _amount(field("amount"))
        return handoffs.record_outcome(
            id,
            actor,
            stage=field("stage"),
            amount=amount,
            currency=currency,
            reason=field("reason") or None,
            note=field("note"),
            now=now,
        )

    return _do(id, "Outcome saved.", act)


@bp.post("/handoffs/<id>/disqualification")
@allowed(*READERS)
def create_disqualification(id: str) -> ResponseReturnValue:
    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        return handoffs.disqualify(id, actor, reason=field("reason"), note=field("note"), now=now)

    return _do(id, "Closed.", act)


@bp.post("/handoffs/<id>/reassignment")
@allowed(*READERS)
def create_reassignment(id: str) -> ResponseReturnValue:
    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        return handoffs.reassign(id, actor, to=field("to"), note=field("note"), now=now)

    return _do(id, "Handed to your colleague.", act)


@bp.post("/handoffs/<id>/snooze")
@allowed(*READERS)
def create_snooze(id: str) -> ResponseReturnValue:
    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        until = instant(field("until"), zone_of(actor))
        if until is None:
            raise Incomplete("until", "Select until when.")
        return handoffs.snooze(id, actor, until=until, now=now)

    return _do(id, "Snoozed.", act)


@bp.post("/handoffs/<id>/waking")
@allowed(*READERS)
def create_waking(id: str) -> ResponseReturnValue:
    return _do(id, "Back in the inbox.", lambda id, actor, now: handoffs.wake(id, actor, now=now))


@bp.post("/handoffs/<id>/next-step")
@allowed(*READERS)
def create_next_step(id: str) -> ResponseReturnValue:
    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        at = instant(field("next_step_at"), zone_of(actor))
        return handoffs.plan_next_step(id, actor, what=field("next_step"), at=at, now=now)

    return _do(id, "Next step saved.", act)


@bp.post("/handoffs/<id>/notes")
@allowed(*READERS)
def create_note(id: str) -> ResponseReturnValue:
    return _do(
        id,
        "Noted.",
        lambda id, actor, now: handoffs.add_note(id, actor, note=field("note"), now=now),
    )


@bp.post("/handoffs/<id>/recycling")
@allowed(*READERS)
def create_recycling(id: str) -> ResponseReturnValue:
    return _do(
        id,
        "Returned to nurture, with its history.",
        lambda id, actor, now: handoffs.recycle(
            id, actor, to=field("to"), note=field("note"), now=now
        ),
    )


@bp.post("/handoffs/<id>/corrections")
@allowed(*READERS)
def create_correction(id: str) -> ResponseReturnValue:
    """A rep knows better: the fact is confirmed, the score worked out again."""

    def act(id: str, actor: StaffRow, now: datetime) -> HandoffRow:
        return corrections.correct(
            id, actor, property=field("property"), value=field("value"), now=now
        )

    return _do(id, "Corrected. The score has been worked out again.", act)


@bp.post("/handoffs/<id>/merger")
@allowed(*READERS)
def create_merger(id: str) -> ResponseReturnValue:
    """The same person under another address: what is known of both counts for both."""
    return _do(
        id,
        "Known as one person now. You can separate them again below.",
        lambda id, actor, now: merging.merge(id, actor, other=field("other"), now=now),
    )


@bp.post("/handoffs/<id>/separation")
@allowed(*READERS)
def create_separation(id: str) -> ResponseReturnValue:
    return _do(
        id,
        "Separated: two people again.",
        lambda id, actor, now: merging.unmerge(id, actor, other=field("other"), now=now),
    )


@bp.post("/handoffs/<id>/distinction")
@allowed(*READERS)
def create_distinction(id: str) -> ResponseReturnValue:
    return _do(
        id,
        "Noted: two different people.",
        lambda id, actor, now: merging.tell_apart(id, actor, other=field("other"), now=now),
    )


@bp.post("/handoffs/<id>/real-lead")
@allowed(*READERS)
def create_real_lead(id: str) -> ResponseReturnValue:
    """Somebody meant what was recorded as a test."""
    return _do(
        id,
        "A lead like any other now: everybody has been told.",
        lambda id, actor, now: in_earnest.take(id, actor, now=now),
    )


def _do(id: str, done: str, act: Act) -> ResponseReturnValue:
    actor, now = me(), datetime.now(UTC)
    try:
        row = act(id, actor, now)
    except NoSuchHandoff:
        abort(404)
    except (Incomplete, AnswerRefused) as refusal:
        return refused_with(id, str(refusal), 422)
    except (NotYours, TooLate) as refusal:
        return refused_with(id, str(refusal), 409)
    flash(done, "good")
    view = request.args.get("view")
    # Given to another team, it is theirs to read.
    stays = handoff_access.may_read(row, actor)
    back = url_for("desk.show", id=row.id, view=view) if stays else url_for("desk.index", view=view)
    return redirect(back, code=303)


def refused_with(id: str, problem: str, status: int) -> ResponseReturnValue:
    """The lead again, with what was typed and why it was not done."""
    lead = opened(readable(id), me(), datetime.now(UTC), problem=problem, typed=request.form)
    return shown(lead, status)


def field(name: str) -> str:
    """What was typed, fit to be kept."""
    return values.clean(request.form.get(name, ""))[: values.MAX_TEXT].strip()


def _amount(text: str) -> tuple[Decimal | None, str | None]:
    if not text:
        return None, None
    found = values.money(text)
    if found is None:
        raise Incomplete("amount", "Enter the amount with its currency, like 12000 EUR.")
    return found.amount, found.currency
