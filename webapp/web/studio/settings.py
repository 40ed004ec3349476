"""What holds for a whole flow: title, greeting, limits, and what is said at the end."""

import re
from collections.abc import Mapping

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.values import clean
from webapp.flow_files.merging import Change, Clash
from webapp.flow_files.rendering import Plain
from webapp.services.flows import drafts
from webapp.web.shared.auth import allowed
from webapp.web.studio import EDITORS, bp, lint, pages, places, saving, wordings
from webapp.web.studio.loaded import Studied
from webapp.web.studio.question_form import locales_of
from webapp.web.studio.sections import FLOW_SECTIONS, items


@bp.get("/flows/<flow>/settings")
@allowed(*EDITORS)
def show_settings(flow: str) -> ResponseReturnValue:
    """What holds for a whole flow: title, greeting, limits, endings."""
    return _settings_page(pages.studied_flow(flow))


@bp.post("/flows/<flow>/settings")
@allowed(*EDITORS)
def update_settings(flow: str) -> ResponseReturnValue:
    found = pages.studied_flow(flow)
    locales = locales_of(found)
    form = request.form
    language = form.get("language", "").strip()
    most = form.get("ask_at_most", "").strip()
    problems = {}
    if most and not re.fullmatch(r"\d{1,6}", most):
        problems["ask_at_most"] = "Enter a whole number, or nothing."
    if language and not re.fullmatch(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*", language):
        problems["language"] = "Enter a language code, like fr."
    if problems:
        return _settings_page(found, problems=problems, status=422)

    def change(seen: Plain) -> Plain:
        item: dict[str, Plain] = dict(seen) if isinstance(seen, dict) else {}
        main = found.playbook.locale
        for name in ("title", "greeting"):
            typed = wordings.read(form, name, locales)
            if name == "title" and language:
                typed[language] = clean(form.get("title_there", "")).strip()
            places.put(item, name, wordings.written(item.get(name), typed, main))
        places.put(item, "intent", clean(form.get("intent", "")).strip() or None)
        if most != str(item.get("ask_at_most", "")):
            places.put(item, "ask_at_most", int(most) if most else None)
        stops = "stop_when_settled" in form
        if stops != (str(item.get("stop_when_settled", "")).lower() == "true"):
            places.put(item, "stop_when_settled", True if stops else None)
        endings: dict[str, Plain] = dict(places.at(seen, "endings") or {})
        for key, _ in _ending_keys(found):
            typed = wordings.read(form, f"ending-{key}", locales)
            places.put(endings, key, wordings.written(endings.get(key), typed, main))
        places.put(item, "endings", endings or None)
        return item

    refused = saving.attempt([(found.file, Change(lambda _: (), change))], f"Settings of “{flow}”")
    if refused is None:
        return saving.saved(url_for(".show_settings", flow=flow))
    return _settings_page(found, refused=refused, status=saving.status_of(refused))


def _settings_page(
    found: Studied,
    *,
    problems: Mapping[str, str] | None = None,
    refused: Clash | str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    locale = found.playbook.locale
    document = found.document or {}
    typed = request.form if status != 200 else None
    locales = locales_of(found)

    def text(name: str, value: Plain | None) -> dict[str, str]:
        return wordings.read(typed, name, locales) if typed else wordings.shown(value, locale)

    def word(name: str) -> str:
        return typed.get(name, "") if typed else str(document.get(name, ""))

    page = render_template(
        "studio/settings.html",
        found=found,
        flow=found.file.removesuffix(".yaml"),
        state=pages.state_of(found.draft, found.file),
        locales=locales,
        texts={name: text(name, document.get(name)) for name in ("title", "greeting")},
        intent=word("intent"),
        ask_at_most=word("ask_at_most"),
        stops=("stop_when_settled" in typed)
        if typed
        else str(document.get("stop_when_settled", "")).lower() == "true",
        endings=[
            (key, label, text(f"ending-{key}", places.at(document, "endings", key)))
            for key, label in _ending_keys(found)
        ],
        lint=lint.told(found.draft, found.problems),
        sections=[(each, items(found, each)) for each in FLOW_SECTIONS],
        **saving.refusal(found, refused),
        problems=problems or {},
        steps=drafts.steps(),
    )
    return page, status


def _ending_keys(found: Studied) -> list[tuple[str, str]]:
    kinds = {
        "sales": "Sales: a rep calls",
        "nurture": "Nurture: they join a track",
        "decline": "Decline: a polite end",
        "review": "Review: a person looks at it",
    }
    ids = {d.id: str(d.label or d.id) for d in found.playbook.destinations.values()}
    return [*kinds.items(), *((id, label) for id, label in ids.items() if id not in kinds)]
