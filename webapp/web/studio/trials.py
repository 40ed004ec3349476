"""A/B tests: what would be tried and what it takes, what came of it, and who decided."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.differences import differences
from webapp.core.errors import FlowError
from webapp.core.trials import DIFFERENCES, GOALS, SHARES
from webapp.core.values import clean
from webapp.services.flows import drafts, releases, trials
from webapp.services.flows.drafts import Moved
from webapp.services.flows.trials import Ended, NothingToTry
from webapp.store import trials as rows
from webapp.store.trials import TrialRow
from webapp.web.shared.auth import allowed
from webapp.web.studio import EDITORS, bp, me, pages, proofs, saving
from webapp.web.studio.publishing import BROKEN, against, reviewed, too_short


@bp.get("/flows/<flow>/trials", endpoint="trials")
@allowed(*EDITORS)
def index(flow: str) -> ResponseReturnValue:
    """The tests of a flow, and the form to begin one."""
    return _index(flow)


@bp.post("/flows/<flow>/trials")
@allowed(*EDITORS)
def create_trial(flow: str) -> ResponseReturnValue:
    """Give the draft of a flow to some of those who are new."""
    form, now = request.form, datetime.now(UTC)
    why = clean(form.get("why", "")).strip()
    seen = form.get("base_rev", -1, int)
    percent, difference = form.get("percent", 0, int), form.get("difference", 0, int)
    goal = next((each for each in GOALS if each == form.get("goal")), None)
    if goal is None or percent not in SHARES or difference not in DIFFERENCES:
        return _index(flow, problem="Choose what to look at, and how closely.", status=422)
    try:
        problem = too_short(why) or against(trials.challenger(drafts.now_drafted(), flow))
        if problem:
            return _index(flow, problem=problem, status=422)
        plan = trials.outlook(flow, now=now).plan(goal, difference=difference, percent=percent)
        row = trials.start(flow, plan, percent=percent, why=why, by=me(), seen=seen, now=now)
    except FlowError:
        return _index(flow, problem=BROKEN, status=422)
    except (NothingToTry, Moved) as refusal:
        return _index(flow, problem=str(refusal), status=409)
    flash("The test has begun. Conversations under way go on as they are.", "good")
    return redirect(url_for(".show_trial", trial=row.id), 303)


@bp.get("/trials/<trial>")
@allowed(*EDITORS)
def show_trial(trial: str) -> ResponseReturnValue:
    """What came of each version so far, and what may be said of it."""
    return _result(_row(trial))


@bp.post("/trials/<trial>")
@allowed(*EDITORS)
def decide_trial(trial: str) -> ResponseReturnValue:
    """End a test: the challenger becomes live, or what is live stays."""
    row, form, now = _row(trial), request.form, datetime.now(UTC)
    why = clean(form.get("why", "")).strip()
    if problem := too_short(why):
        return _result(row, problem=problem, status=422)
    end = trials.publish_challenger if form.get("do") == "publish" else trials.keep_live
    try:
        end(row, why=why, by=me(), now=now)
    except Ended as refusal:
        return _result(row, problem=str(refusal), status=409)
    flash("The test has ended. Conversations under way finish as they began.", "good")
    return redirect(url_for(".show_trial", trial=row.id), 303)


def _index(flow: str, *, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    found = pages.studied_flow(flow)
    try:
        draft, refusal = trials.challenger(found.draft, flow), None
    except NothingToTry as nothing:
        draft, refusal = None, str(nothing)
    page = render_template(
        "studio/trials.html",
        flow=flow,
        found=found,
        state=pages.state_of(found.draft, found.file),
        tests=[trials.result(row) for row in rows.of_flow(flow)],
        refusal=refusal,
        others=[file for file in found.draft.changed if file != found.file],
        review=reviewed(draft) if draft else {},
        verdict=proofs.verdict(found.draft, alone=flow) if draft else None,
        outlook=trials.outlook(flow, now=datetime.now(UTC)) if draft else None,
        goals=GOALS,
        differences=DIFFERENCES,
        shares=SHARES,
        problem=problem,
        typed=request.form,
        named=saving.named,
        steps=drafts.steps(),
    )
    return page, status


def _result(row: TrialRow, *, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    base, challenger = releases.get(row.base_id), releases.get(row.challenger_id)
    page = render_template(
        "studio/trial.html",
        result=trials.result(row),
        row=row,
        title=str(base.flows[row.flow].title),
        changes=differences(base, challenger),
        goals=GOALS,
        problem=problem,
        why=request.form.get("why", ""),
        named=saving.named,
        steps=drafts.steps(),
    )
    return page, status


def _row(trial: str) -> TrialRow:
    row = rows.get(trial)
    if row is None:
        abort(404)
    return row
