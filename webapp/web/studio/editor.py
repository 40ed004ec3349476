"""What the form of a question is shown with: where it may stand, and what may be picked there."""

from dataclasses import replace
from typing import Any

from flask import request

from webapp.core.errors import FlowError
from webapp.core.values import CONTACT
from webapp.flow_files.merging import Clash
from webapp.flow_files.subjects import Stage
from webapp.services.flows.releases import PLAYBOOK
from webapp.web.studio import conditions, lint, places, saving
from webapp.web.studio.conditions import Rows
from webapp.web.studio.fields import TYPES
from webapp.web.studio.loaded import Studied, plain_of
from webapp.web.studio.located import QUESTIONS, Located
from webapp.web.studio.outline import in_words, outline
from webapp.web.studio.pickers import Pickers, reads
from webapp.web.studio.question_edits import TOP
from webapp.web.studio.question_form import QuestionForm, locales_of


def editor_of(
    found: Studied,
    id: str | None,
    form: QuestionForm,
    refused: Clash | str | None = None,
) -> dict[str, Any]:
    """Everything the question form needs."""
    ids = places.question_ids(found.document)
    items = places.listed(found.document, "questions")
    asked = [str(item.get("property", "")) for item in items]
    after = request.values.get("after") or _usual_place(found, ids, asked)
    place = ids.index(id) if id in ids else (ids.index(after) + 1 if after in ids else 0)
    earlier = [p for p in dict.fromkeys(asked[:place]) if p != form.subject]
    later = [p for p in asked[place:] if p not in earlier]
    if form.subject and form.subject not in later:
        later.append(form.subject)
    pickers = _pickers(found, earlier, later)
    rows = form.when.rows
    form = replace(form, when=replace(form.when, rows=_fitting(pickers, rows)))
    return {
        "id": id,
        "lint": lint.here(found.draft, found.problems, Located(found.file, QUESTIONS, id or "")),
        "form": form,
        "pickers": pickers,
        "after": after,
        "places": [(TOP, "At the beginning"), *_below(found, ids, asked)],
        "locales": locales_of(found),
        "types": TYPES,
        "properties": _askable(found, asked, form.subject),
        "in_words": _words(found, form),
        **saving.refusal(found, refused),
        "used": _used_by(found, form.subject),
    }


def _usual_place(found: Studied, ids: list[str], asked: list[str]) -> str:
    """Where a new question is put unless somebody says otherwise: at the end, but above the
    questions how to reach somebody, which come last."""
    place = len(ids)
    while place and _is_contact(found, asked[place - 1]):
        place -= 1
    return ids[place - 1] if place else TOP


def _is_contact(found: Studied, property: str) -> bool:
    known = found.playbook.properties.get(property)
    return known is not None and known.type in CONTACT


def _below(found: Studied, ids: list[str], asked: list[str]) -> list[tuple[str, str]]:
    known = found.playbook.properties
    labels = [str(known[each].label) if each in known else each for each in asked]
    return [(ids[n], f"Below {n + 1} {label}") for n, label in enumerate(labels)]


def _pickers(found: Studied, earlier: list[str], later: list[str]) -> Pickers:
    documents = [plain_of(t) for f, t in found.draft.texts.items() if f != PLAYBOOK]
    return Pickers(
        found.playbook,
        Stage.facts,
        asked=earlier,
        later=later,
        intents=dict.fromkeys(i for d in documents if (i := places.at(d, "intent"))),
        flows=[file.removesuffix(".yaml") for file in found.draft.texts if file != PLAYBOOK],
    )


def _fitting(pickers: Pickers, rows: Rows) -> Rows:
    def fit(name: str) -> tuple[Any, ...]:
        return tuple(pickers.fitting(row) for row in rows.section(name))

    return Rows(fit("all"), fit("any"), fit("none"))


def _words(found: Studied, form: QuestionForm) -> str | None:
    try:
        return in_words(conditions.written(form.when, None), found.playbook)
    except FlowError:
        return None


def _askable(found: Studied, asked: list[str], current: str) -> list[tuple[str, str]]:
    """Properties a new question may be about, those not asked in this flow first."""
    own = [p for p in found.playbook.properties.values() if not p.built_in]
    fresh = [(p.id, str(p.label)) for p in own if p.id not in asked or p.id == current]
    again = [(p.id, f"{p.label} (asked above already)") for p in own if p.id in asked]
    return fresh + [option for option in again if option[0] != current]


def _used_by(found: Studied, property: str) -> list[str]:
    """The other questions whose condition reads this one."""
    return [
        entry.label
        for entry, item in zip(
            outline(found), places.listed(found.document, "questions"), strict=True
        )
        if property and property in reads(item.get("when"))
    ]
