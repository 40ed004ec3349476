"""The form of one question: wording, condition, choices with their points, as one save."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from webapp.core import values
from webapp.core.errors import FlowError
from webapp.core.values import Type, clean
from webapp.flow_files.document import value_at
from webapp.flow_files.merging import Change, Edit, Locate
from webapp.flow_files.rendering import Plain, flow
from webapp.services.releases import PLAYBOOK
from webapp.web.studio import conditions, places, wordings
from webapp.web.studio.conditions import Picked
from webapp.web.studio.fields import TYPES
from webapp.web.studio.loaded import Studied

Edits = list[tuple[str, Edit]]

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
    skippable: bool = False
    always: bool = False
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
    when = item.get("when")
    rows = conditions.taken_apart(when)
    form = QuestionForm(
        asks=wordings.shown(item.get("ask"), locale),
        helps=wordings.shown(item.get("help"), locale),
        skippable=_says(item.get("required"), "false"),
        always=_says(item.get("always"), "true"),
        when=Picked(rows or conditions.Rows(), None if rows is not None else flow(when or {})),
    )
    narrowed = item.get("choices")
    shown = [str(each) for each in narrowed] if isinstance(narrowed, list) else None
    return about(studied, form, str(item.get("property", "")), narrowed=shown)


def about(
    studied: Studied, form: QuestionForm, property: str, *, narrowed: list[str] | None = None
) -> QuestionForm:
    """The form with what the playbook knows of the property: its choices and their points."""
    found = studied.playbook.properties.get(property)
    category, rule = _table(studied.book, property)
    points = rule.get("points") if rule else None
    points = points if isinstance(points, dict) else {}
    if found is None:
        return replace(form, subject=property, category=category)
    ids = list(found.choices)
    if found.type in values.YES_OR_NO:
        ids = ["yes", "no"]
    choices = tuple(
        ChoiceRow(
            id=id,
            label=str(found.choices[id].label) if id in found.choices else id.capitalize(),
            points=str(points.get(id, "")),
            offered=narrowed is None or id in narrowed,
        )
        for id in ids
    )
    any_category, any_rule = _any_rule(studied.book, property)
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
        skippable="skippable" in form,
        always="always" in form,
        category="intent" if form.get("category") == "intent" else "fit",
        any_points=form.get("any_points", "").strip(),
        when=sent_condition(form),
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


def sent_condition(form: MultiDict[str, str]) -> Picked:
    written = form.get("when-written")
    return Picked(conditions.read(form), clean(written) if written is not None else None)


def adjusted(form: QuestionForm, do: str) -> QuestionForm:
    """The form after a button that only changes the form: a row more, a row less."""
    verb, _, rest = do.partition(":")
    rows = form.when.rows
    match verb:
        case "add" if rest in conditions.SECTIONS:
            place = len(rows.section(rest))
            picked = Picked(conditions.with_row(rows, rest), form.when.written, f"{rest}-{place}")
            return replace(form, when=picked)
        case "remove":
            section, _, number = rest.partition(":")
            if section in conditions.SECTIONS and number.isdigit():
                picked = Picked(conditions.without_row(rows, section, int(number)))
                return replace(form, when=picked)
        case "choice":
            return replace(form, choices=(*form.choices, ChoiceRow()))
    return form


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
        if row.points and not _whole(row.points):
            problems[f"c-{place}-points"] = f"Enter whole points for “{row.label}”, like 15."
    if form.any_points and not _whole(form.any_points):
        problems["any_points"] = "Enter whole points, like 15."
    if form.when.written is not None:
        try:
            value_at(form.when.written or "{}")
        except FlowError as error:
            problems["when-written"] = f"This is not a condition. {error.problems[0].what}"
    return replace(form, problems=problems)


def edits_of(studied: Studied, form: QuestionForm, id: str) -> Edits:
    """The edits that make the question, its choices and points as the form says."""
    found: Edits = [(studied.file, Change(places.question(id), _change(studied, form)))]
    return found + _playbook_edits(studied, form, form.subject)


def edits_of_new(studied: Studied, form: QuestionForm, after: str) -> Edits:
    """The edits that put a new question below another."""
    property, found = form.subject, Edits()
    if not property:
        taken = at_properties(studied)
        property = places.unused(places.slug(form.label) or "answer", taken)
        if not property[0].isalpha():
            property = f"about_{property}"
        new: dict[str, Plain] = {"label": form.label, "type": form.type}
        if form.has_choices:
            form = replace(form, choices=tuple(row for row in form.choices if row.label))
            ids = _choice_ids(form.choices, set())
            form = replace(
                form,
                choices=tuple(replace(r, id=i) for r, i in zip(form.choices, ids, strict=True)),
            )
            new["choices"] = {row.id: row.label for row in form.choices}
        found.append((PLAYBOOK, places.with_new(("properties", property), new)))
        found += _points_edits(studied, form, property)
    else:
        found += _playbook_edits(studied, form, property)
    item: dict[str, Plain] = {"property": property}
    item = _change(studied, form)(item)
    put = places.inserted_after(places.question(after), ("questions",), item)
    return [*found, (studied.file, put)]


def what_changed(before: QuestionForm, after: QuestionForm) -> str:
    """The change in a few words, for the undo button and the history."""
    name = f"“{after.label or after.subject}”"
    was = {row.id: row for row in before.choices}
    moved = [
        (row, was[row.id])
        for row in after.choices
        if row.id in was and row.points != was[row.id].points
    ]
    others = _aspects(before, after)
    if len(moved) == 1 and others == ["points"]:
        row, old = moved[0]
        return f"{name} · {row.label}: {old.points or '0'} → {row.points or '0'} points"
    return f"{' and '.join(others).capitalize() or 'Nothing'} of {name}"


def locales_of(studied: Studied) -> list[str]:
    return wordings.locales_of(studied.document, studied.playbook.locale)


def at_properties(studied: Studied) -> dict[str, Plain]:
    found = places.at(studied.book, "properties")
    return {**(found if isinstance(found, dict) else {}), **dict.fromkeys(_BUILT_IN, "")}


def ranges(studied: Studied, property: str) -> tuple[int, int] | None:
    """The least and most points that answers to a question about the property bring."""
    _, rule = _table(studied.book, property)
    _, other = _any_rule(studied.book, property)
    points: list[int] = []
    if rule and isinstance(rule.get("points"), dict):
        points = [int(each) for each in places.at(rule, "points").values() if _whole(str(each))]
        if "otherwise" in rule and _whole(str(rule["otherwise"])):
            points.append(int(str(rule["otherwise"])))
        known = studied.playbook.properties.get(property)
        if known and known.type is Type.CHOICES and points:
            points = [min(0, sum(p for p in points if p < 0)), sum(p for p in points if p > 0)]
            if _whole(str(rule.get("at_most", ""))):
                points[1] = min(points[1], int(str(rule["at_most"])))
    if other and _whole(str(other.get("points", ""))):
        points.append(int(str(other["points"])))
    return (min(points), max(points)) if points else None


_BUILT_IN = ("email_domain", "email_kind", "first_name", "all", "any", "none", "tier", "icp")


def _says(value: Plain | None, word: str) -> bool:
    return value is not None and str(value).lower() == word


def _whole(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d{1,6}", text.strip()) is not None


def _table(book: Plain | None, property: str) -> tuple[str, dict[str, Plain] | None]:
    """The scoring rule whose table holds points for the property's values."""
    for category in ("fit", "intent"):
        for rule in places.listed(book, "scoring", category, "rules"):
            if rule.get("property") == property and isinstance(rule.get("points"), dict):
                return category, rule
    return "fit", None


def _any_rule(book: Plain | None, property: str) -> tuple[str, dict[str, Plain] | None]:
    """The scoring rule that rewards any answer."""
    for category in ("fit", "intent"):
        for rule in places.listed(book, "scoring", category, "rules"):
            if rule.get("when") == {property: {"known": "true"}}:
                return category, rule
    return "fit", None


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


def _change(studied: Studied, form: QuestionForm) -> "_Change":
    return _Change(studied, form)


@dataclass(frozen=True)
class _Change:
    studied: Studied
    form: QuestionForm

    def __call__(self, seen: Plain) -> dict[str, Plain]:
        form, locale = self.form, self.studied.playbook.locale
        item: dict[str, Plain] = dict(seen) if isinstance(seen, dict) else {}
        put(item, "ask", wordings.written(item.get("ask"), form.asks, locale))
        put(item, "help", wordings.written(item.get("help"), form.helps, locale))
        put(item, "when", condition_of(form.when, item.get("when")))
        if form.skippable != _says(item.get("required"), "false"):
            put(item, "required", False if form.skippable else None)
        if form.always != _says(item.get("always"), "true"):
            put(item, "always", True if form.always else None)
        if form.has_choices:
            self._narrow(item)
        return item

    def _narrow(self, item: dict[str, Plain]) -> None:
        rows = [row for row in self.form.choices if row.id]
        offered = [row.id for row in rows if row.offered]
        before = item.get("choices")
        listed = [str(each) for each in before] if isinstance(before, list) else None
        if listed is not None and set(listed) == set(offered):
            return
        put(item, "choices", list[Plain](offered) if len(offered) < len(rows) else None)


def condition_of(picked: Picked, before: Plain | None) -> Plain | None:
    """The condition as the file should hold it: as before where it says the same."""
    if picked.written is not None:
        return value_at(picked.written) if picked.written.strip() else None
    if before is not None and conditions.taken_apart(before) == picked.rows:
        return before
    return conditions.put_together(picked.rows)


def put(item: dict[str, Plain], key: str, value: Plain | None) -> None:
    if value is None:
        item.pop(key, None)
    else:
        item[key] = value


def _playbook_edits(studied: Studied, form: QuestionForm, property: str) -> Edits:
    """Labels and new choices of the property, then the points."""
    found = Edits()
    known = studied.playbook.properties.get(property)
    if known is not None and form.has_choices:
        new = [row for row in form.choices if not row.id and row.label]
        ids = _choice_ids(tuple(new), set(known.choices))
        named = dict(zip(ids, new, strict=True))
        labels = {
            row.id: row.label
            for row in form.choices
            if row.id in known.choices and row.label != str(known.choices[row.id].label)
        }
        if named or labels:
            choices = places.field("properties", property, "choices")
            more = {id: row.label for id, row in named.items()}
            found.append((PLAYBOOK, Change(choices, _Labels(labels, more, known.label.locale))))
        kept = [row for row in form.choices if row.id]
        form = replace(form, choices=(*kept, *(replace(r, id=i) for i, r in named.items())))
    return found + _points_edits(studied, form, property)


@dataclass(frozen=True)
class _Labels:
    labels: Mapping[str, str]
    new: Mapping[str, str]
    locale: str

    def __call__(self, seen: Plain) -> Plain:
        choices: dict[str, Plain] = dict(seen) if isinstance(seen, dict) else {}
        for id, label in self.labels.items():
            before = choices.get(id)
            if isinstance(before, dict) and "label" in before:
                text = wordings.written(before["label"], {self.locale: label}, self.locale)
                choices[id] = {**before, "label": text or label}
            else:
                choices[id] = wordings.written(before, {self.locale: label}, self.locale) or label
        return {**choices, **self.new}


def _points_edits(studied: Studied, form: QuestionForm, property: str) -> Edits:
    if not form.has_table:
        category, rule = _any_rule(studied.book, property)
        return _any_edits(studied, form, property, category, rule)
    category, rule = _table(studied.book, property)
    wanted: dict[str, Plain] = {
        row.id: int(row.points) for row in form.choices if row.id and row.points
    }
    if rule is None:
        if not wanted:
            return []
        new: dict[str, Plain] = {"property": property, "points": wanted}
        return [(PLAYBOOK, _new_rule(studied, form.category, property, new))]
    offered = {row.id for row in form.choices}

    def change(seen: Plain) -> Plain | None:
        table = dict(places.at(seen, "points") or {})
        kept = {k: v for k, v in table.items() if k in wanted or k not in offered}
        points: dict[str, Plain] = {**kept, **wanted}
        assert isinstance(seen, dict)
        return {**seen, "points": points} if points else None

    return [(PLAYBOOK, Change(_rule_at(category, rule), change))]


def _any_edits(
    studied: Studied,
    form: QuestionForm,
    property: str,
    category: str,
    rule: dict[str, Plain] | None,
) -> Edits:
    if rule is None:
        if not form.any_points:
            return []
        new: dict[str, Plain] = {
            "when": {property: {"known": True}},
            "points": int(form.any_points),
        }
        return [(PLAYBOOK, _new_rule(studied, form.category, property, new))]
    if not form.any_points:
        return [(PLAYBOOK, places.deleted(_rule_at(category, rule)))]

    def change(seen: Plain) -> Plain:
        assert isinstance(seen, dict)
        return {**seen, "points": int(form.any_points)}

    return [(PLAYBOOK, Change(_rule_at(category, rule), change))]


def _rule_at(category: str, rule: Mapping[str, Plain]) -> Locate:
    return places.place_in_list(("scoring", category, "rules"), str(rule.get("id", "")))


def _new_rule(studied: Studied, category: str, property: str, rule: dict[str, Plain]) -> Edit:
    taken = {
        str(each.get("id"))
        for name in ("fit", "intent")
        for each in places.listed(studied.book, "scoring", name, "rules")
    }
    id = places.unused(property, taken)
    return places.appended(("scoring", category, "rules"), {"id": id, **rule})


def _choice_ids(rows: tuple[ChoiceRow, ...], taken: set[str]) -> list[str]:
    ids = []
    for row in rows:
        id = places.unused(places.slug(row.label) or "choice", taken)
        taken = {*taken, id}
        ids.append(id)
    return ids


def _aspects(before: QuestionForm, after: QuestionForm) -> list[str]:
    def filled(texts: Mapping[str, str]) -> dict[str, str]:
        return {key: words.strip() for key, words in texts.items() if words.strip()}

    def labels(form: QuestionForm) -> list[tuple[str, str, bool]]:
        return [(row.id, row.label, row.offered) for row in form.choices if row.label]

    def points(form: QuestionForm) -> tuple[dict[str, str], str]:
        return {row.label: row.points for row in form.choices if row.points}, form.any_points

    pairs = (
        ("wording", filled(before.asks), filled(after.asks)),
        ("help", filled(before.helps), filled(after.helps)),
        ("condition", before.when.rows, after.when.rows),
        ("written condition", before.when.written, after.when.written),
        ("choices", labels(before), labels(after)),
        ("points", points(before), points(after)),
        ("skipping", before.skippable, after.skippable),
        ("asking always", before.always, after.always),
    )
    return [name for name, first, second in pairs if first != second]
