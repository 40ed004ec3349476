"""The form of one question: what it shows and sends, and what keeps it from being saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from webapp.core import values
from webapp.core.values import clean
from webapp.flow_files.rendering import Plain
from webapp.web.studio import conditions, places, points, wordings
from webapp.web.studio.conditions import Picked
from webapp.web.studio.fields import TYPES
from webapp.web.studio.loaded import Studied

WITH_CHOICES = frozenset({"choice", "choices"})


@dataclass(frozen=True)
class ChoiceRow:
    """A choice beside its points. One without ``id`` is new."""

    id: str = ""
    label: str = ""
    points: str = ""
    offered: bool = True


@dataclass(frozen=True)
class QuestionForm:
    """What the form shows and sends. ``subject`` is empty while it asks about something new."""

    subject: str = ""
    label: str = ""
    type: str = "choice"
    asks: Mapping[str, str] = field(default_factory=dict)
    helps: Mapping[str, str] = field(default_factory=dict)
    confirms: Mapping[str, str] = field(default_factory=dict)
    skippable: bool = False
    always: bool = False
    dropped_down: bool = False
    choices: tuple[ChoiceRow, ...] = ()
    any_points: str = ""
    category: str = "fit"
    when: Picked = field(default_factory=Picked)
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_choices(self) -> bool:
        return self.type in WITH_CHOICES

    @property
    def has_table(self) -> bool:
        return self.type in WITH_CHOICES or self.type in values.YES_OR_NO


def of_question(studied: Studied, item: Mapping[str, Plain]) -> QuestionForm:
    """A question as it stands."""
    locale = studied.playbook.locale
    form = QuestionForm(
        asks=wordings.shown(item.get("ask"), locale),
        helps=wordings.shown(item.get("help"), locale),
        confirms=wordings.shown(item.get("confirm"), locale),
        skippable=says(item.get("required"), "false"),
        always=says(item.get("always"), "true"),
        dropped_down=says(item.get("input"), "select"),
        when=conditions.picked(item.get("when")),
    )
    narrowed = item.get("choices")
    shown = [str(each) for each in narrowed] if isinstance(narrowed, list) else None
    return about(studied, form, str(item.get("property", "")), narrowed=shown)


def about(
    studied: Studied, form: QuestionForm, property: str, *, narrowed: list[str] | None = None
) -> QuestionForm:
    """The form with what the playbook knows of the property: its choices and their points."""
    found = studied.playbook.properties.get(property)
    category, rule = points.table(studied.book, property)
    worth = places.at(rule, "points") or {}
    if found is None:
        return replace(form, subject=property, category=category)
    ids = list(found.choices)
    if found.type in values.YES_OR_NO:
        ids = ["yes", "no"]
    choices = tuple(
        ChoiceRow(
            id=id,
            label=str(found.choices[id].label) if id in found.choices else id.capitalize(),
            points=str(worth.get(id, "")),
            offered=narrowed is None or id in narrowed,
        )
        for id in ids
    )
    any_category, any_rule = points.any_rule(studied.book, property)
    return replace(
        form,
        subject=property,
        label=str(found.label),
        type=str(found.type),
        choices=choices,
        any_points=str(any_rule.get("points", "")) if any_rule else "",
        category=category if rule else any_category,
    )


def sent(studied: Studied, form: MultiDict[str, str], property: str | None) -> QuestionForm:
    """The form as it was sent, for the question of ``property`` or, with None, a new one."""
    locales = locales_of(studied)
    chosen = form.get("property", "") if property is None else property
    read = QuestionForm(
        label=clean(form.get("label", "")).strip(),
        type=form.get("type", "choice"),
        asks=wordings.read(form, "ask", locales),
        helps=wordings.read(form, "help", locales),
        confirms=wordings.read(form, "confirm", locales),
        skippable="skippable" in form,
        always="always" in form,
        dropped_down="dropped_down" in form,
        category="intent" if form.get("category") == "intent" else "fit",
        any_points=form.get("any_points", "").strip(),
        when=conditions.sent(form),
        choices=_sent_choices(form),
    )
    if chosen and chosen != form.get("property_shown", chosen if property else ""):
        # Another property was picked: its own choices and points, not those of the one before.
        return about(studied, replace(read, choices=(), any_points=""), chosen)
    if not chosen:
        type_ = read.type if read.type in dict(TYPES) else "choice"
        rows = tuple(row for row in read.choices if not row.id)
        if type_ in values.YES_OR_NO:
            rows = tuple(r for r in read.choices if r.id in ("yes", "no")) or (
                ChoiceRow("yes", "Yes"),
                ChoiceRow("no", "No"),
            )
        return replace(read, type=type_, choices=rows)
    known = studied.playbook.properties.get(chosen)
    return replace(
        read,
        subject=chosen,
        label=str(known.label) if known else chosen,
        type=str(known.type) if known else "text",
    )


def adjusted(form: QuestionForm, do: str) -> QuestionForm:
    """The form after a button that only changes the form: a row more, a row less."""
    if do == "choice":
        return replace(form, choices=(*form.choices, ChoiceRow()))
    return replace(form, when=conditions.adjusted(form.when, do))


def checked(studied: Studied, form: QuestionForm) -> QuestionForm:
    """The form with what keeps it from being saved, by field."""
    problems: dict[str, str] = {}
    locale = studied.playbook.locale
    if not form.asks.get(locale):
        problems[f"ask-{locale}"] = "Enter the question."
    if not form.subject and not form.label:
        problems["label"] = "Enter a short name for what you want to know."
    if not form.subject and form.has_choices and not any(row.label for row in form.choices):
        problems["c-0-label"] = "Enter at least one choice."
    for place, row in enumerate(form.choices):
        if row.id and not row.label:
            problems[f"c-{place}-label"] = "Enter a label for this choice."
        if row.points and not points.whole(row.points):
            problems[f"c-{place}-points"] = f"Enter whole points for “{row.label}”, like 15."
    if form.any_points and not points.whole(form.any_points):
        problems["any_points"] = "Enter whole points, like 15."
    if wrong := conditions.problem(form.when):
        problems["when-written"] = wrong
    return replace(form, problems=problems)


def locales_of(studied: Studied) -> list[str]:
    return wordings.locales_of(studied.document, studied.playbook.locale)


def says(value: Plain | None, word: str) -> bool:
    return value is not None and str(value).lower() == word


def _sent_choices(form: MultiDict[str, str]) -> tuple[ChoiceRow, ...]:
    found = []
    for place in range(200):
        if f"c-{place}-label" not in form and f"c-{place}-id" not in form:
            break
        found.append(
            ChoiceRow(
                id=form.get(f"c-{place}-id", ""),
                label=clean(form.get(f"c-{place}-label", "")).strip(),
                points=form.get(f"c-{place}-points", "").strip(),
                offered=f"c-{place}-on" in form or not form.get(f"c-{place}-id"),
            )
        )
    return tuple(found)
