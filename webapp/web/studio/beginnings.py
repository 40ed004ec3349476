"""How flows begin: from the gallery, with one question, or as a copy of another."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.config import ROOT
from webapp.core.errors import FlowError
from webapp.core.values import clean
from webapp.flow_files import edit, rendering
from webapp.flow_files.document import EditRefused
from webapp.flow_files.flow import refusal_of_id
from webapp.services.flows import drafts
from webapp.services.flows.drafts import Draft
from webapp.services.flows.releases import PLAYBOOK
from webapp.web.shared.auth import allowed
from webapp.web.studio import EDITORS, bp, me, pages, personas, places, wordings
from webapp.web.studio.loaded import Studied, plain_of
from webapp.web.studio.naming import in_words
from webapp.web.studio.question_form import locales_of

GALLERY = ROOT / "webapp" / "gallery"
STARTERS = ROOT / "question_flows"
BLANK = """format: 1
flow: {id}
title: {title}
questions:
  - property: email
    ask: Where can we reach you?
    always: true
"""


@bp.get("/gallery")
@allowed(*EDITORS)
def gallery() -> ResponseReturnValue:
    """Flows to begin from."""
    draft = drafts.now_drafted()
    found = []
    for path in (*sorted(STARTERS.glob("*.yaml")), *sorted(GALLERY.glob("*.yaml"))):
        if path.name == PLAYBOOK:
            continue
        text = path.read_text(encoding="utf-8")
        about = " ".join(line.strip("# ") for line in text.split("format:")[0].splitlines() if line)
        document = plain_of(text)
        asks = [str(q.get("property")) for q in places.listed(document, "questions")]
        taken = path.name in draft.texts
        people = [
            personas.title(name)
            for name, case in personas.texts(draft).items()
            if f"flow: {path.stem}\n" in case
        ]
        found.append((path.stem, about, asks, people, taken))
    return render_template(
        "studio/gallery.html", gallery=found, steps=drafts.steps(), problem=None, typed={}
    )


@bp.post("/flows")
@allowed(*EDITORS)
def create_flow() -> ResponseReturnValue:
    """Begin a flow: from the gallery or with one question."""
    draft = drafts.now_drafted()
    template = request.form.get("template", "")
    id = places.slug(request.form.get("id", "") or template, dash="-")
    if not id or not id[0].isalpha() or id == "playbook":
        flash("Enter a name for the flow, like spring-event.", "bad")
        return redirect(url_for(".gallery"), 303)
    id = _free(id, draft.texts)
    path = next(
        (f / f"{template}.yaml" for f in (GALLERY, STARTERS) if _is_template(template, f)), None
    )
    title = id.replace("-", " ").capitalize()
    text = BLANK.format(id=rendering.flow(id), title=rendering.flow(title))
    if path:
        text = path.read_text(encoding="utf-8")
    if places.at(plain_of(text), "flow") != id:
        text = edit.set_value(text, ("flow",), id)
    return _begun(id, text, f"Began flow “{id}”")


@bp.get("/flows/<flow>/copy")
@allowed(*EDITORS)
def new_copy(flow: str) -> ResponseReturnValue:
    """Ask what a copy of the flow shall be called."""
    found = pages.studied_flow(flow)
    titles = wordings.shown((found.document or {}).get("title") or flow, found.playbook.locale)
    proposed = {locale: f"Copy of {title}" for locale, title in titles.items()}
    id = places.slug(f"Copy of {found.title or flow}", dash="-")
    return _copy_page(found, proposed, _free(id, _taken(found.draft)))


@bp.post("/flows/<flow>/copy")
@allowed(*EDITORS)
def create_copy(flow: str) -> ResponseReturnValue:
    """Begin a flow with the text of another. Personas stay with the one they were kept for."""
    found = pages.studied_flow(flow)
    locale, text = found.playbook.locale, found.draft.texts[found.file]
    titles = wordings.read(request.form, "title", locales_of(found))
    id = clean(request.form.get("id", "")).strip()
    problems = {}
    if not titles[locale]:
        problems[f"title-{locale}"] = "Enter a title."
    if refused := _refusal(id, found.draft):
        problems["id"] = refused
    try:
        title = wordings.written(places.at(found.document, "title"), titles, locale)
        text = edit.set_value(edit.set_value(text, ("flow",), id), ("title",), title)
    except (EditRefused, FlowError) as unreadable:
        problems = problems or {"id": str(unreadable)}
    if problems:
        return _copy_page(found, titles, id, problems), 422
    return _begun(id, text, f"Copied “{flow}” to “{id}”")


def _copy_page(
    found: Studied,
    titles: Mapping[str, str],
    id: str,
    problems: Mapping[str, str] | None = None,
) -> str:
    return render_template(
        "studio/copy.html",
        found=found,
        flow=found.file.removesuffix(".yaml"),
        locales=locales_of(found),
        titles=titles,
        id=id,
        problems=problems or {},
        steps=drafts.steps(),
    )


def _begun(id: str, text: str, what: str) -> ResponseReturnValue:
    drafts.put({f"{id}.yaml": text}, what=what, by=me(), now=datetime.now(UTC))
    flash(f"{what} as a draft.", "good")
    return redirect(url_for(".show_flow", flow=id), 303)


def _refusal(id: str, draft: Draft) -> str | None:
    """Why no new flow can have this id, if it cannot."""
    if not id:
        return "Enter an id, like spring-event."
    if f"{id}.yaml" in _taken(draft):
        return f"There is a flow “{id}” already. Enter another id."
    problem = refusal_of_id(id)
    return in_words(f"{problem.what} {problem.fix}") if problem else None


def _taken(draft: Draft) -> set[str]:
    """Files that are there, also those of flows that only the draft has taken out."""
    return {*draft.texts, *draft.live} - {PLAYBOOK}


def _free(id: str, taken: Collection[str]) -> str:
    found, number = id, 2
    while f"{found}.yaml" in taken:
        found, number = f"{id}-{number}", number + 1
    return found


def _is_template(name: str, folder: Path) -> bool:
    return name != "playbook" and any(path.stem == name for path in folder.glob("*.yaml"))
