"""Publishing: what changes, in words; what proves it; why. And every version before."""

import difflib
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.differences import differences
from webapp.core.errors import FlowError
from webapp.core.values import clean
from webapp.services.flows import drafts, releases
from webapp.services.flows.drafts import Draft, Moved
from webapp.services.flows.releases import NothingPublished
from webapp.store import conversations, trials
from webapp.store import drafts as draft_rows
from webapp.store import releases as rows
from webapp.store.releases import ReleaseRow
from webapp.web.shared.auth import allowed
from webapp.web.studio import EDITORS, bp, lint, me, personas, proofs, saving
from webapp.web.studio.loaded import problems_of, release_of

SHORTEST_REASON = 10
BROKEN = "The draft has errors. Mend them first."
MOVE_ON = "move_on"
"""What the form says where conversations under way are to go on with what is published."""


@bp.get("/publish")
@allowed(*EDITORS)
def review() -> ResponseReturnValue:
    """What publishing would change, and what speaks against it."""
    return _review()


@bp.post("/publish")
@allowed(*EDITORS)
def publish() -> ResponseReturnValue:
    """Make the draft live for conversations that begin from now on."""
    why = clean(request.form.get("why", "")).strip()
    problem = too_short(why) or against(drafts.now_drafted())
    if problem:
        return _review(problem=problem, why=why, status=422)
    seen = request.form.get("base_rev", -1, int)
    try:
        row = drafts.publish(
            why=why,
            by=me(),
            seen=seen,
            now=datetime.now(UTC),
            move_on=_moves_on(),
        )
    except FlowError:
        return _review(problem=BROKEN, why=why, status=422)
    except Moved as moved:
        return _review(problem=str(moved), why=why, status=409)
    flash(f"Version {row.id} is live. {_then()}", "good")
    return redirect(url_for(".history"), 303)


@bp.post("/discard")
@allowed(*EDITORS)
def discard() -> ResponseReturnValue:
    """Go back to what is live."""
    drafts.discard(by=me(), now=datetime.now(UTC))
    flash("The draft is what is live again. Every change is still in the history.", "good")
    return redirect(url_for(".index"), 303)


@bp.get("/history")
@allowed(*EDITORS)
def history() -> ResponseReturnValue:
    """Every version with who and why, and every change to the draft."""
    steps = drafts.steps()
    return render_template(
        "studio/history.html",
        versions=rows.history(),
        live=rows.live_id(),
        trials=trials.newest(),
        changes=draft_rows.newest(60),
        undoable={row.id for row in steps.undo},
        named=saving.named,
        steps=steps,
    )


@bp.get("/versions/<version>")
@allowed(*EDITORS)
def show_version(version: str) -> ResponseReturnValue:
    """A version beside another: by default the one before it."""
    return _version(_row(version))


@bp.get("/versions/<version>/restoration")
@allowed(*EDITORS)
def find_version(version: str) -> ResponseReturnValue:
    """Where the form to restore a version is."""
    return redirect(url_for(".show_version", version=version), 303)


@bp.post("/versions/<version>/restoration")
@allowed(*EDITORS)
def restore(version: str) -> ResponseReturnValue:
    """Make an earlier version live again, under a new number."""
    row = _row(version)
    why = clean(request.form.get("why", "")).strip()
    if problem := too_short(why):
        return _version(row, problem=problem, why=why, status=422)
    texts = releases.texts_of(row.manifest)
    made = releases.publish(
        texts, by=me(), why=why, replaces=row.id, now=datetime.now(UTC), move_on=_moves_on()
    )
    flash(f"Version {row.id} is live again, as version {made.id}. {_then()}", "good")
    return redirect(url_for(".history"), 303)


def too_short(why: str) -> str | None:
    """What is wrong with a reason."""
    if len(why) < SHORTEST_REASON:
        return f"Enter a reason of at least {SHORTEST_REASON} characters."
    return None


def against(draft: Draft) -> str | None:
    """What speaks against letting visitors have a draft, unless the form says that it is meant."""
    release = release_of(draft)
    if release is None:
        return BROKEN
    missed = any(each.problems or each.bounds for each in personas.run(draft, release))
    if missed and "anyway" not in request.form:
        return "Some personas come out otherwise. Say that this is meant, or mend it."
    return proofs.against(draft, request.form)


def reviewed(draft: Draft) -> dict[str, Any]:
    """What a page says of a draft that visitors may get."""
    problems, release = problems_of(draft), release_of(draft)
    try:
        live = releases.live()[1]
    except NothingPublished:
        live = None
    run = personas.run(draft, release) if release else []
    return {
        "draft": draft,
        "problems": lint.told(draft, problems),
        "errors": [each for each in problems if each.severity == "error"],
        "changes": differences(live, release) if release else [],
        "diffs": [
            (file, _diff(draft.live.get(file, ""), draft.texts.get(file, "")))
            for file in draft.changed
        ],
        "personas": run,
        "missed": [each for each in run if each.problems],
        "bounded": [each for each in run if each.only_bounds],
        "remedies": proofs.REMEDIES,
        "revision": draft.revision,
    }


def _review(*, problem: str | None = None, why: str = "", status: int = 200) -> ResponseReturnValue:
    draft = drafts.now_drafted()
    page = render_template(
        "studio/review.html",
        **reviewed(draft),
        verdict=proofs.verdict(draft) if draft.changed else None,
        **_under_way(),
        problem=problem,
        why=why,
        steps=drafts.steps(),
    )
    return page, status


def _under_way() -> dict[str, Any]:
    """What publishing would do beside: to conversations under way, and to A/B tests."""
    return {
        "under_way": conversations.count_open(datetime.now(UTC)),
        "moves_on": _moves_on(),
        "trials": trials.running(),
    }


def _moves_on() -> bool:
    return request.form.get("open") == MOVE_ON


def _then() -> str:
    then = "go on with it" if _moves_on() else "finish on theirs"
    return f"Conversations under way {then}."


def _version(
    row: ReleaseRow, *, problem: str | None = None, why: str = "", status: int = 200
) -> ResponseReturnValue:
    versions = rows.history(200)
    asked = request.args.get("with", "")
    other = _row(asked) if asked else rows.before(row.id)
    texts = releases.texts_of(row.manifest)
    other_texts = releases.texts_of(other.manifest) if other else {}
    files = sorted({*texts, *other_texts})
    page = render_template(
        "studio/version.html",
        row=row,
        other=other,
        versions=versions,
        named=saving.named,
        changes=differences(
            releases.of_hash(other.hash) if other else None, releases.of_hash(row.hash)
        ),
        diffs=[
            (file, found)
            for file in files
            if (found := _diff(other_texts.get(file, ""), texts.get(file, "")))
        ],
        **_under_way(),
        problem=problem,
        why=why,
        live=rows.live_id() == row.id,
        steps=drafts.steps(),
    )
    return page, status


def _row(version: str) -> ReleaseRow:
    row = rows.get(int(version)) if version.isdecimal() and len(version) < 10 else None
    if row is None:
        abort(404)
    return row


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "before", "after", n=2, lineterm=""
    )
    return "\n".join(lines)
