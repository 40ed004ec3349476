"""The playbook and the early ends of a flow: lists in words, each item with a form of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from webapp.core.errors import FlowError
from webapp.flow_files.merging import Change, Clash, Edit
from webapp.flow_files.rendering import Plain
from webapp.services.flows import drafts
from webapp.services.flows.releases import PLAYBOOK
from webapp.web.shared.auth import allowed
from webapp.web.studio import (
    EDITORS,
    bp,
    conditions,
    fields,
    lint,
    pages,
    places,
    saving,
    wordings,
)
from webapp.web.studio.conditions import Picked, Rows
from webapp.web.studio.fields import Field
from webapp.web.studio.loaded import Studied, plain_of, studied
from webapp.web.studio.located import Located
from webapp.web.studio.outline import in_words
from webapp.web.studio.pickers import Pickers
from webapp.web.studio.sections import (
    PLAYBOOK_SECTIONS,
    Section,
    items,
    locate,
    section,
)

NEW = "new"


@dataclass(frozen=True)
class ItemForm:
    """``table`` are a scoring table's rows: value, its label, points."""

    id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    table: tuple[tuple[str, str, str], ...] = ()
    when: Picked = field(default_factory=Picked)
    problems: Mapping[str, str] = field(default_factory=dict)


@bp.get("/playbook")
@allowed(*EDITORS)
def playbook() -> ResponseReturnValue:
    """Everything the flows share, in words."""
    found = studied(drafts.now_drafted(), PLAYBOOK)
    return render_template(
        "studio/playbook.html",
        found=found,
        lint=lint.told(found.draft, found.problems),
        sections=[(each, items(found, each)) for each in PLAYBOOK_SECTIONS],
        steps=drafts.steps(),
        state=pages.state_of(found.draft, PLAYBOOK),
        file="playbook",
    )


@bp.get("/rules/<file>/<section>/<item>")
@allowed(*EDITORS)
def show_item(file: str, section: str, item: str) -> ResponseReturnValue:
    """One item, or with ``new`` a form for another."""
    found, part = _part(file, section)
    if item == NEW:
        return _item_page(found, part, item, ItemForm())
    held = _held(found, part, item)
    return _item_page(found, part, item, _form_of(found, part, item, held))


@bp.post("/rules/<file>/<section>/<item>")
@allowed(*EDITORS)
def update_item(file: str, section: str, item: str) -> ResponseReturnValue:
    """Save an item, or change only its form."""
    found, part = _part(file, section)
    held = {} if item == NEW else _held(found, part, item)
    form = _sent(found, part, held, request.form)
    do = request.form.get("do", "save")
    if do != "save":
        form = replace(form, when=conditions.adjusted(form.when, do))
        return _item_page(found, part, item, form)
    form = _checked(found, part, item, form)
    if form.problems:
        return _item_page(found, part, item, form, status=422)
    name = form.id if item == NEW else item
    what = f"{part.title}: {'added' if item == NEW else 'changed'} {name or 'a line'}"
    refused = saving.attempt([(found.file, _edit(found, part, item, form))], what)
    if refused is None:
        return saving.saved(_list_of(file))
    return _item_page(found, part, item, form, refused=refused, status=saving.status_of(refused))


@bp.post("/rules/<file>/<section>/<item>/place")
@allowed(*EDITORS)
def move_item(file: str, section: str, item: str) -> ResponseReturnValue:
    """Move an item up or down."""
    found, part = _part(file, section)
    _held(found, part, item)
    by = request.form.get("by", 0, int)
    if part.keyed or part.single:
        abort(400)
    edit = places.moved(locate(part, item), by)
    return _done(found, file, edit, f"{part.title}: moved {item} {'down' if by > 0 else 'up'}")


@bp.post("/rules/<file>/<section>/<item>/removal")
@allowed(*EDITORS)
def delete_item(file: str, section: str, item: str) -> ResponseReturnValue:
    found, part = _part(file, section)
    if part.single:
        abort(400)
    return _done(found, file, places.deleted(locate(part, item)), f"{part.title}: deleted {item}")


def _part(file: str, name: str) -> tuple[Studied, Section]:
    found = (
        studied(drafts.now_drafted(), PLAYBOOK) if file == "playbook" else pages.studied_flow(file)
    )
    part = section(name, of_playbook=file == "playbook")
    if part is None or found.document is None:
        abort(404)
    return found, part


def _held(found: Studied, part: Section, name: str) -> Mapping[str, Plain]:
    path = locate(part, name)(found.document or {})
    held = None if path is None else places.at(found.document, *path)
    if not isinstance(held, dict):
        abort(404)
    return held


def _form_of(found: Studied, part: Section, name: str, held: Mapping[str, Plain]) -> ItemForm:
    locale = found.playbook.locale
    shown = {each.name: fields.shown(each, held, locale) for each in part.fields}
    picked = Picked()
    if part.condition:
        picked = conditions.picked(held.get(part.condition))
    return ItemForm(name, shown, _table(found, held, {}), picked)


def _table(
    found: Studied, held: Mapping[str, Plain], typed: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    points = held.get("points")
    if not isinstance(points, dict):
        return ()
    known = found.playbook.properties.get(str(held.get("property", "")))
    labels = {id: str(choice.label) for id, choice in known.choices.items()} if known else {}
    ids = dict.fromkeys((*labels, *points))
    return tuple(
        (id, labels.get(id, id), typed.get(f"points-{id}", str(points.get(id, "")))) for id in ids
    )


def _sent(
    found: Studied, part: Section, held: Mapping[str, Plain], form: MultiDict[str, str]
) -> ItemForm:
    locales = _locales(found, part)
    return ItemForm(
        id=form.get("id", "").strip(),
        values={each.name: fields.sent(each, form, locales) for each in part.fields},
        table=_table(found, held, form),
        when=conditions.sent(form),
    )


def _checked(found: Studied, part: Section, item: str, form: ItemForm) -> ItemForm:
    problems: dict[str, str] = {}
    if item == NEW and part.has_id and not re.fullmatch(r"[a-z][a-z0-9_-]*", form.id):
        problems["id"] = "Enter a short name of small letters, digits and dashes."
    elif item == NEW and part.has_id and form.id in {each.name for each in items(found, part)}:
        problems["id"] = f"There is a {form.id} already. Enter another name."
    for each in part.fields:
        if wrong := fields.problem(each, form.values[each.name]):
            problems[each.name] = wrong
    for id, label, points in form.table:
        if points.strip() and not re.fullmatch(r"[-+]?\d{1,6}", points.strip()):
            problems[f"points-{id}"] = f"{label}: enter whole points."
    if wrong := conditions.problem(form.when):
        problems["when-written"] = wrong
    return replace(form, problems=problems)


def _edit(found: Studied, part: Section, item: str, form: ItemForm) -> Edit:
    def change(seen: Plain) -> Plain:
        made: dict[str, Plain] = dict(seen) if isinstance(seen, dict) else {}
        if form.table:
            table = {id: p.strip() for id, _, p in form.table}
            before: Mapping[str, Plain] = places.at(seen, "points") or {}
            points: dict[str, Plain] = {
                id: int(table[id]) for id in (*before, *table) if table.get(id)
            }
            made["points"] = points
        for each in part.fields:
            if each.name == "points" and form.table:
                continue
            fields.put(made, each, form.values[each.name], found.playbook.locale)
        if part.condition:
            when = conditions.written(form.when, made.get(part.condition))
            places.put(made, part.condition, when)
        return made

    if item != NEW:
        return Change(locate(part, item), change)
    new: dict[str, Plain] = {"id": form.id} if part.has_id and not part.keyed else {}
    value = change(new)
    if part.keyed:
        return places.with_new((*part.path, form.id), value)
    if part.last_is_rest:
        return places.put_before_last(part.path, value)
    return places.appended(part.path, value)


def _item_page(
    found: Studied,
    part: Section,
    item: str,
    form: ItemForm,
    *,
    refused: Clash | str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    pickers = _pickers(found, part)
    fitting = Rows(
        *(
            tuple(pickers.fitting(row) for row in form.when.rows.section(name))
            for name in conditions.SECTIONS
        )
    )
    form = replace(form, when=replace(form.when, rows=fitting))
    file = found.file.removesuffix(".yaml")
    try:
        written = conditions.written(form.when, None)
    except FlowError:
        written = None
    page = render_template(
        "studio/item.html",
        found=found,
        file=file,
        part=part,
        item=item,
        form=form,
        pickers=pickers,
        lint=lint.here(found.draft, found.problems, Located(found.file, part.name, item)),
        in_words=in_words(written, found.playbook, part.stage),
        locales=_locales(found, part),
        offered=_offered(found),
        **saving.refusal(found, refused),
        shown_fields=_fields(part, form, None if item == NEW else _held(found, part, item)),
        back=_list_of(file),
        steps=drafts.steps(),
    )
    return page, status


def _fields(part: Section, form: ItemForm, held: Mapping[str, Plain] | None) -> list[Field]:
    """The fields that make sense for this item: scoring rules are of three kinds."""
    if part.name not in ("fit", "intent"):
        return list(part.fields)
    wanted = {"points", "because", "at_most"}
    if held is None:
        wanted |= {"signal", "within", "half_life", "each"}
    elif "property" in held:
        wanted = {"otherwise", "because", "at_most"}
    elif "signal" in held:
        wanted |= {"signal", "within", "half_life", "each"}
    return [each for each in part.fields if each.name in wanted]


def _offered(found: Studied) -> dict[str, list[tuple[str, str]]]:
    """What a field may pick from that the playbook names."""
    book = found.playbook
    return {
        "destinations": [(d.id, str(d.label or d.id)) for d in book.destinations.values()],
        "signals": [(s.id, str(s.label or s.id)) for s in book.signals.values()],
        "properties": [(p.id, str(p.label)) for p in book.properties.values() if not p.built_in],
    }


def _pickers(found: Studied, part: Section) -> Pickers:
    documents = [plain_of(t) for f, t in found.draft.texts.items() if f != PLAYBOOK]
    asked = []
    if found.file != PLAYBOOK:
        asked = [str(q.get("property", "")) for q in places.listed(found.document, "questions")]
    return Pickers(
        found.playbook,
        part.stage,
        asked=list(dict.fromkeys(asked)),
        intents=dict.fromkeys(i for d in documents if (i := places.at(d, "intent"))),
        flows=[file.removesuffix(".yaml") for file in found.draft.texts if file != PLAYBOOK],
    )


def _locales(found: Studied, part: Section) -> list[str]:
    """The languages this list is written in: a list in one language asks for no other."""
    return wordings.locales_of(places.at(found.document, *part.path), found.playbook.locale)


def _list_of(file: str) -> str:
    if file == "playbook":
        return url_for(".playbook")
    return url_for(".show_settings", flow=file)


def _done(found: Studied, file: str, edit: Edit, what: str) -> ResponseReturnValue:
    return saving.attempt_and_return([(found.file, edit)], what, _list_of(file))
