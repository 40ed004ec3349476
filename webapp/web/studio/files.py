"""Files as text: the YAML tab, import and export; flows taken out, and the map."""

import difflib
from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import Problem, Where
from webapp.core.values import clean
from webapp.flow_files import check_texts
from webapp.flow_files.yaml_text import MAX_BYTES, too_big
from webapp.services.flows import drafts
from webapp.services.flows.drafts import CASES, OUT
from webapp.services.flows.releases import PLAYBOOK
from webapp.store import drafts as draft_rows
from webapp.web.shared.auth import allowed
from webapp.web.studio import EDITORS, bp, lint, me, pages, personas, places, saving
from webapp.web.studio.loaded import plain_of
from webapp.web.studio.mapping import drawn


@bp.get("/files/<path:file>")
@allowed(*EDITORS)
def show_file(file: str) -> ResponseReturnValue:
    """The text of a file of the draft."""
    draft = drafts.now_drafted()
    text = _text_of(draft, file)
    return _file_page(draft, file, text)


@bp.post("/files/<path:file>")
@allowed(*EDITORS)
def update_file(file: str) -> ResponseReturnValue:
    """Save a text as it is. With errors it is kept all the same, but cannot be published."""
    draft = drafts.now_drafted()
    before = _text_of(draft, file)
    text = _typed(request.form.get("text", ""), before)
    seen = request.form.get("base_rev", draft.revision, int)
    if text is None:
        kept = request.form.get("text", "")
        return _file_page(draft, file, kept, refused="The text is too long."), 422
    if not text.strip():
        refused = "The text is empty. A flow is taken out in its settings."
        return _file_page(draft, file, text, refused=refused), 422
    if seen != draft.revision and (theirs := drafts.seen_at(file, seen)) not in (before, text):
        clash = _diff(theirs or "", before, "as you saw it", "as it is now")
        return _file_page(draft, file, text, clash=clash), 409
    if text != before:
        drafts.put({file: text}, what=f"Text of {file}", by=me(), now=datetime.now(UTC))
        if not saving.saves_itself():
            flash(f"Saved: text of {file}.", "good")
    return saving.saved(url_for(".show_file", file=file))


@bp.get("/export/<path:file>")
@allowed(*EDITORS)
def export_file(file: str) -> ResponseReturnValue:
    """The exact bytes of a file of the draft."""
    text = _text_of(drafts.now_drafted(), file)
    response = Response(text.encode("utf-8", "surrogatepass"), mimetype="application/yaml")
    response.headers["Content-Disposition"] = f'attachment; filename="{file.rpartition("/")[2]}"'
    return response


@bp.get("/import")
@allowed(*EDITORS)
def new_import() -> ResponseReturnValue:
    return render_template("studio/import.html", text="", steps=drafts.steps())


@bp.post("/import")
@allowed(*EDITORS)
def create_import() -> ResponseReturnValue:
    """Check a pasted or uploaded file, show what it would change, and only then take it."""
    draft = drafts.now_drafted()
    uploaded = request.files.get("upload")
    raw = uploaded.read(2 * MAX_BYTES) if uploaded else b""
    text = raw.decode("utf-8", "replace") if raw else request.form.get("text", "")
    text = _typed(text, text) or ""
    document = plain_of(text)
    file = f"{places.at(document, 'flow') or 'flow'}.yaml"
    if document and "properties" in document:
        file = PLAYBOOK
    _, problems = check_texts({**draft.texts, file: text})
    own = [problem for problem in problems if problem.where.file == file]
    if not text.strip():
        own = [Problem(Where(file, 1, 1), "There is nothing to import.", "Paste or choose a file.")]
    broken = any(problem.severity == "error" for problem in own)
    if request.form.get("do") == "take" and not broken:
        drafts.put({file: text}, what=f"Imported {file}", by=me(), now=datetime.now(UTC))
        flash(f"Imported {file} into the draft.", "good")
        return redirect(url_for(".show_file", file=file), 303)
    page = render_template(
        "studio/import.html",
        text=text,
        file=file,
        problems=lint.told(draft, own),
        broken=broken,
        diff=_diff(draft.texts.get(file, ""), text, "now", "imported"),
        steps=drafts.steps(),
    )
    return page, 422 if broken else 200


@bp.post("/flows/<flow>/retirement")
@allowed(*EDITORS)
def retire_flow(flow: str) -> ResponseReturnValue:
    """Take a flow out with the next publication, or at once where it never was live. Conversations
    under way go on."""
    file, draft = f"{flow}.yaml", drafts.now_drafted()
    if file not in {*draft.texts, *draft.live} or file == PLAYBOOK:
        abort(404)
    drafts.put({file: OUT}, what=f"Took out flow “{flow}”", by=me(), now=datetime.now(UTC))
    then = "goes with the next publication" if file in draft.live else "is out of the draft"
    flash(f"“{flow}” {then}. Undo brings it back.", "good")
    return redirect(url_for(".index"), 303)


@bp.get("/flows/<flow>/map")
@allowed(*EDITORS)
def show_map(flow: str) -> ResponseReturnValue:
    """The flow as a picture to look at, and in words for who cannot see it."""
    found = pages.studied_flow(flow)
    return render_template(
        "studio/map.html",
        flow=flow,
        found=found,
        state=pages.state_of(found.draft, found.file),
        map=drawn(found),
        steps=drafts.steps(),
    )


def _file_page(
    draft: drafts.Draft,
    file: str,
    text: str,
    *,
    clash: str | None = None,
    refused: str | None = None,
) -> str:
    problems: list[Problem] = []
    if not file.startswith(CASES):
        _, found = check_texts({**draft.texts, file: text})
        problems = [problem for problem in found if problem.where.file == file]
    live = draft.live.get(file, "")
    return render_template(
        "studio/file.html",
        draft=draft,
        file=file,
        text=text,
        flow=None if file == PLAYBOOK or file.startswith(CASES) else file.removesuffix(".yaml"),
        state="new" if file.startswith(CASES) else pages.state_of(draft, file),
        problems=lint.told(replace(draft, texts={**draft.texts, file: text}), problems),
        line=request.args.get("line", 0, int),
        clash=clash,
        refused=refused,
        diff=_diff(live, text, "live", "draft") if live and live != text else "",
        revision=draft_rows.revision(),
        steps=drafts.steps(),
    )


def _text_of(draft: drafts.Draft, file: str) -> str:
    text = personas.texts(draft).get(file) if file.startswith(CASES) else draft.texts.get(file)
    if text is None:
        abort(404)
    return text


def _typed(sent: str, before: str) -> str | None:
    """The text with the line ends that the file has; None if too long.

    Browsers send every line end as CRLF.
    """
    text = clean(sent)
    if "\r\n" in before:
        text = text.replace("\n", "\r\n")
    return None if too_big(text) else text


def _diff(before: str, after: str, first: str, second: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), first, second, n=2, lineterm=""
    )
    return "\n".join(lines)
