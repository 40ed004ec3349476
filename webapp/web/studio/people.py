"""The personas of a flow: saved visitors with what is expected of them."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.values import write
from webapp.flow_files.rendering import Plain, block
from webapp.services.flows import drafts
from webapp.services.flows.drafts import CASES
from webapp.web.shared.auth import allowed
from webapp.web.studio import EDITORS, bp, me, pages, personas, places
from webapp.web.studio.asking import preview


@bp.get("/flows/<flow>/personas")
@allowed(*EDITORS)
def show_personas(flow: str) -> ResponseReturnValue:
    """Every persona, run through the draft."""
    found = pages.studied_flow(flow)
    release = found.release
    return render_template(
        "studio/personas.html",
        flow=flow,
        found=found,
        state=pages.state_of(found.draft, found.file),
        personas=personas.run(found.draft, release) if release else [],
        steps=drafts.steps(),
    )


@bp.post("/flows/<flow>/personas")
@allowed(*EDITORS)
def create_persona(flow: str) -> ResponseReturnValue:
    """Save what the preview was answered as a persona that expects the same again."""
    found = pages.studied_flow(flow)
    shown = preview(found, request.form)
    name = places.slug(request.form.get("name", ""), dash="-")
    if not name or shown.decision is None:
        flash("Enter a name for the persona, and answer something in the preview first.", "bad")
        return redirect(url_for(".show_personas", flow=flow), 303)
    decision = shown.decision
    answers: dict[str, Plain] = {}
    for question in decision.path.asked:
        value = decision.situation.profile.value(question.property)
        if question.property in decision.answers and value is not None:
            said = write(value)
            answers[question.property] = list[Plain](said) if isinstance(said, list) else said
    expect: dict[str, Plain] = {
        "route": decision.route.to,
        "tier": decision.tier.id,
        "score": {"total": decision.score.total},
    }
    case: dict[str, Plain] = {
        "flow": flow,
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "answers": answers,
        "expect": expect,
    }
    file = f"{CASES}{flow}.{name}.yaml"
    text = block({key: value for key, value in case.items() if value}, 0) + "\n"
    drafts.put({file: text}, what=f"Saved persona “{name}”", by=me(), now=datetime.now(UTC))
    flash(f"Saved persona “{personas.title(file)}”.", "good")
    return redirect(url_for(".show_personas", flow=flow), 303)
