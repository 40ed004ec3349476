"""The list of flows, and the outline of one with its questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.flow_files.document import EditRefused
from webapp.flow_files.edit import block_at, set_value
from webapp.flow_files.merging import Clash
from webapp.flow_files.rendering import Plain
from webapp.flow_files.subjects import Stage
from webapp.services.flows import drafts
from webapp.services.flows.drafts import Draft
from webapp.services.flows.releases import PLAYBOOK
from webapp.store import releases as release_rows
from webapp.web.shared.auth import allowed, local_path
from webapp.web.studio import (
    EDITORS,
    bp,
    lint,
    me,
    personas,
    places,
    question_form,
    saving,
    wordings,
)
from webapp.web.studio.asking import Preview
from webapp.web.studio.asking import preview as made
from webapp.web.studio.editor import editor_of
from webapp.web.studio.loaded import Studied, plain_of, problems_of, studied
from webapp.web.studio.outline import in_words, outline
from webapp.web.studio.question_edits import Edits, edits_of, edits_of_new, what_changed
from webapp.web.studio.question_form import ChoiceRow, QuestionForm


@dataclass(frozen=True)
class Listed:
    """A flow on the first page."""

    name: str
    title: str
    state: str
    questions: int
    personas: int
    errors: int


@bp.get("")
@allowed(*EDITORS)
def index() -> ResponseReturnValue:
    """Every flow, live or drafted, and the way to everything else."""
    draft = drafts.now_drafted()
    problems = problems_of(draft)
    files = sorted(({*draft.texts, *draft.live}) - {PLAYBOOK})
    cases = personas.texts(draft).values()
    listed = []
    for file in files:
        name = file.removesuffix(".yaml")
        document = plain_of(draft.texts.get(file) or draft.live[file])
        listed.append(
            Listed(
                name=name,
                title=wordings.to(places.at(document, "title"), "en") or name,
                state=state_of(draft, file),
                questions=len(places.listed(document, "questions")),
                personas=sum(f"flow: {name}\n" in text for text in cases),
                errors=sum(p.where.file == file and p.severity == "error" for p in problems),
            )
        )
    return render_template(
        "studio/index.html",
        flows=listed,
        draft=draft,
        problems=lint.told(draft, problems),
        live=release_rows.live(),
        playbook_state=state_of(draft, PLAYBOOK),
        named=saving.named,
        steps=drafts.steps(),
    )


@bp.get("/flows/<flow>")
@allowed(*EDITORS)
def show_flow(flow: str) -> ResponseReturnValue:
    """The outline; with ``?q=`` one question open, with ``?new`` a new one."""
    draft, file = drafts.now_drafted(), f"{flow}.yaml"
    if file in set(draft.live) - set(draft.texts):
        flash(f"“{flow}” is taken out in the draft. It stays live until that is published.", "warn")
        return redirect(url_for(".review"), 303)
    if file not in draft.texts and any(file in step.files for step in drafts.steps().redo):
        return redirect(url_for(".index"), 303)  # its beginning was undone, most likely from here
    found = studied_flow(flow)
    if "new" in request.args:
        form = QuestionForm(choices=(ChoiceRow(), ChoiceRow(), ChoiceRow()))
        return flow_page(found, editor=editor_of(found, None, form))
    id = request.args.get("q", "")
    item = question_item(found, id)
    if item is None:
        return flow_page(found)
    return flow_page(found, editor=editor_of(found, id, question_form.of_question(found, item)))


@bp.post("/flows/<flow>/questions")
@allowed(*EDITORS)
def create_question(flow: str) -> ResponseReturnValue:
    """Put a new question into the flow, with its choices, points and condition, in one save."""
    found = studied_flow(flow)
    form = question_form.sent(found, request.form, None)
    do = request.form.get("do", "save")
    if do != "save":
        return flow_page(found, editor=editor_of(found, None, question_form.adjusted(form, do)))
    form = question_form.checked(found, form)
    if form.problems:
        return flow_page(found, editor=editor_of(found, None, form), status=422)
    edits = edits_of_new(found, form, request.form.get("after", ""))
    what = f"Added “{form.label or form.subject}”"
    before = set(places.question_ids(found.document))
    refused = saving.attempt(edits, what)
    if refused is not None:
        return _again(found, None, form, refused)
    after = places.question_ids(studied_flow(flow).document)
    new = next((id for id in after if id not in before), "")
    return redirect(url_for(".show_flow", flow=flow, q=new), 303)


@bp.post("/flows/<flow>/questions/<question>")
@allowed(*EDITORS)
def update_question(flow: str, question: str) -> ResponseReturnValue:
    """Save one question, or change only the form (a row more or less)."""
    found = studied_flow(flow)
    item = question_item(found, question)
    if item is None:
        abort(404)
    form = question_form.sent(found, request.form, str(item.get("property", "")))
    do = request.form.get("do", "save")
    if do != "save":
        form = question_form.adjusted(form, do)
        return flow_page(found, editor=editor_of(found, question, form))
    form = question_form.checked(found, form)
    if form.problems:
        return flow_page(found, editor=editor_of(found, question, form), status=422)
    seen = saving.as_seen(found)
    before = question_form.of_question(seen, question_item(seen, question) or item)
    what = what_changed(before, form)
    refused = saving.attempt(edits_of(found, form, question), what)
    if refused is not None:
        return _again(found, question, form, refused)
    return saving.saved(url_for(".show_flow", flow=flow, q=question))


@bp.get("/flows/<flow>/questions/<question>")
@bp.get("/flows/<flow>/questions")
@bp.get("/flows/<flow>/preview")
@allowed(*EDITORS)
def find_flow(flow: str, question: str = "") -> ResponseReturnValue:
    """Where the forms of a flow are, for whoever loads the address of one, or comes back to it."""
    return redirect(url_for(".show_flow", flow=flow, q=question or None), 303)


@bp.post("/flows/<flow>/questions/<question>/place")
@allowed(*EDITORS)
def move_question(flow: str, question: str) -> ResponseReturnValue:
    """Move a question up or down."""
    found = studied_flow(flow)
    by = request.form.get("by", 0, int)
    label = label_of(found, question)
    edit = (found.file, places.moved(places.question(question), by))
    return _done(flow, question, [edit], f"Moved “{label}” {'down' if by > 0 else 'up'}")


@bp.post("/flows/<flow>/questions/<question>/copy")
@allowed(*EDITORS)
def duplicate_question(flow: str, question: str) -> ResponseReturnValue:
    """Copy a question below itself, remarks and all."""
    found = studied_flow(flow)
    ids = places.question_ids(found.document)
    label = label_of(found, question)
    block = block_at(found.draft.texts[found.file], ("questions", ids.index(question)))
    new = places.unused(f"{question}_copy", ids)
    block = _with_id(block, new)
    edit = places.inserted_after(places.question(question), ("questions",), block, block=True)
    return _done(flow, new, [(found.file, edit)], f"Copied “{label}”")


@bp.post("/flows/<flow>/questions/<question>/removal")
@allowed(*EDITORS)
def delete_question(flow: str, question: str) -> ResponseReturnValue:
    """Take a question out. Undo brings it back as it was."""
    found = studied_flow(flow)
    if question_item(found, question) is None:
        flash("That question is gone already.", "warn")
        return redirect(url_for(".show_flow", flow=flow), 303)
    label = label_of(found, question)
    edit = (found.file, places.deleted(places.question(question)))
    return _done(flow, "", [edit], f"Deleted “{label}”")


@bp.post("/undo")
@allowed(*EDITORS)
def undo() -> ResponseReturnValue:
    """Take back the step that the button names, also where somebody saved another meanwhile."""
    try:
        what = drafts.undo(by=me(), now=datetime.now(UTC), step=request.form.get("step", type=int))
    except EditRefused as refused:
        flash(str(refused), "bad")
        return redirect(_back(), 303)
    flash(f"Undone: {what}" if what else "There is nothing to undo.", "good" if what else "warn")
    return redirect(_back(), 303)


@bp.post("/redo")
@allowed(*EDITORS)
def redo() -> ResponseReturnValue:
    what = drafts.redo(by=me(), now=datetime.now(UTC))
    flash(
        f"Made again: {what}" if what else "There is nothing to redo.", "good" if what else "warn"
    )
    return redirect(_back(), 303)


def studied_flow(name: str) -> Studied:
    """The flow as drafted, or a 404."""
    draft = drafts.now_drafted()
    if f"{name}.yaml" not in draft.texts or name == "playbook":
        abort(404)
    return studied(draft, f"{name}.yaml")


def question_item(found: Studied, id: str) -> Mapping[str, Plain] | None:
    path = places.question(id)(found.document or {})
    item = places.at(found.document, *path) if path else None
    return item if isinstance(item, dict) else None


def flow_page(
    found: Studied,
    *,
    editor: Mapping[str, Any] | None = None,
    preview: Preview | None = None,
    status: int = 200,
) -> tuple[str, int]:
    """A flow with its outline, what is open in it, and the preview."""
    page = render_template(
        "studio/flow.html",
        flow=found.file.removesuffix(".yaml"),
        found=found,
        state=state_of(found.draft, found.file),
        entries=outline(found),
        editor=editor,
        preview=preview or made(found),
        walking=preview is not None,
        steps=drafts.steps(),
        named=saving.named,
        settings=flow_facts(found),
        lint=lint.told(found.draft, found.problems),
    )
    return page, status


def flow_facts(found: Studied) -> list[str]:
    """What holds for the whole flow, in sentences."""
    said = []
    most = places.at(found.document, "ask_at_most")
    if most is not None:
        said.append(f"At most {most} questions that are new to the visitor")
    if str(places.at(found.document, "stop_when_settled")).lower() == "true":
        said.append("Stops once no answer can change the decision")
    for rule in places.listed(found.document, "finish_when"):
        to = f" and goes to {rule['to']}" if "to" in rule else ""
        words = in_words(rule.get("when"), found.playbook, Stage.gates)
        said.append(f"Ends early{to} when: {words}")
    return said


def state_of(draft: Draft, file: str) -> str:
    """How the draft of a file differs from what is live."""
    if file not in draft.live:
        return "new"
    if file not in draft.texts:
        return "retired"
    return "changed" if draft.texts[file] != draft.live[file] else "live"


def _again(
    found: Studied, id: str | None, form: QuestionForm, refused: Clash | str
) -> ResponseReturnValue:
    editor = editor_of(found, id, form, refused)
    return flow_page(found, editor=editor, status=saving.status_of(refused))


def _done(flow: str, question: str, edits: Edits, what: str) -> ResponseReturnValue:
    back = local_path(request.form.get("back"))
    back = back or url_for(".show_flow", flow=flow, q=question or None)
    return saving.attempt_and_return(edits, what, back)


def label_of(found: Studied, id: str) -> str:
    """What a question is called, or a 404."""
    item = question_item(found, id)
    if item is None:
        abort(404)
    known = found.playbook.properties.get(str(item.get("property", "")))
    return str(known.label) if known else id


def _with_id(block: str, id: str) -> str:
    """The piece of YAML with an id of its own."""
    return set_value(block, ("id",), id)


def _back() -> str:
    return local_path(request.form.get("back")) or url_for(".index")
