"""A question's form as edits of the files: wording and condition in the flow, choices and points in
the playbook. And the change in a few words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from webapp.flow_files.merging import Change, Edit
from webapp.flow_files.rendering import Plain
from webapp.services.flows.releases import PLAYBOOK
from webapp.web.studio import conditions, places, points, wordings
from webapp.web.studio.loaded import Studied
from webapp.web.studio.question_form import ChoiceRow, QuestionForm, says

Edits = list[tuple[str, Edit]]

TOP = "@top"
"""Where no other question stands before."""


def edits_of(studied: Studied, form: QuestionForm, id: str) -> Edits:
    """The edits that make the question, its choices and points as the form says."""
    found: Edits = [(studied.file, Change(places.question(id), _Change(studied, form)))]
    return found + _playbook_edits(studied, form, form.subject)


def edits_of_new(studied: Studied, form: QuestionForm, after: str) -> Edits:
    """The edits that put a new question below another, or at the ``TOP``."""
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
    item = _Change(studied, form)(item)
    if after == TOP:
        return [*found, (studied.file, places.put_first(("questions",), item))]
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


def at_properties(studied: Studied) -> dict[str, Plain]:
    found = places.at(studied.book, "properties")
    return {**(found if isinstance(found, dict) else {}), **dict.fromkeys(_BUILT_IN, "")}


_BUILT_IN = ("email_domain", "email_kind", "first_name", "all", "any", "none", "tier", "icp")


@dataclass(frozen=True)
class _Change:
    studied: Studied
    form: QuestionForm

    def __call__(self, seen: Plain) -> dict[str, Plain]:
        form, locale = self.form, self.studied.playbook.locale
        item: dict[str, Plain] = dict(seen) if isinstance(seen, dict) else {}
        places.put(item, "ask", wordings.written(item.get("ask"), form.asks, locale))
        places.put(item, "help", wordings.written(item.get("help"), form.helps, locale))
        places.put(item, "confirm", wordings.written(item.get("confirm"), form.confirms, locale))
        places.put(item, "when", conditions.written(form.when, item.get("when")))
        if form.skippable != says(item.get("required"), "false"):
            places.put(item, "required", False if form.skippable else None)
        if form.always != says(item.get("always"), "true"):
            places.put(item, "always", True if form.always else None)
        if form.has_choices:
            self._narrow(item)
        if form.type == "choice" and form.dropped_down != says(item.get("input"), "select"):
            places.put(item, "input", "select" if form.dropped_down else None)
        return item

    def _narrow(self, item: dict[str, Plain]) -> None:
        rows = [row for row in self.form.choices if row.id]
        offered = [row.id for row in rows if row.offered]
        before = item.get("choices")
        listed = [str(each) for each in before] if isinstance(before, list) else None
        if listed is not None and set(listed) == set(offered):
            return
        places.put(item, "choices", list[Plain](offered) if len(offered) < len(rows) else None)


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
        category, rule = points.any_rule(studied.book, property)
        return _any_edits(studied, form, property, category, rule)
    category, rule = points.table(studied.book, property)
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
        now: dict[str, Plain] = {**kept, **wanted}
        assert isinstance(seen, dict)
        return {**seen, "points": now} if now else None

    return [(PLAYBOOK, Change(points.rule_at(category, rule), change))]


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
        return [(PLAYBOOK, places.deleted(points.rule_at(category, rule)))]

    def change(seen: Plain) -> Plain:
        assert isinstance(seen, dict)
        return {**seen, "points": int(form.any_points)}

    return [(PLAYBOOK, Change(points.rule_at(category, rule), change))]


def _new_rule(studied: Studied, category: str, property: str, rule: dict[str, Plain]) -> Edit:
    taken = {
        str(each.get("id"))
        for name in points.CATEGORIES
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

    def worth(form: QuestionForm) -> tuple[dict[str, str], str]:
        return {row.label: row.points for row in form.choices if row.points}, form.any_points

    pairs = (
        ("wording", filled(before.asks), filled(after.asks)),
        ("help", filled(before.helps), filled(after.helps)),
        ("confirmation", filled(before.confirms), filled(after.confirms)),
        ("condition", before.when.rows, after.when.rows),
        ("written condition", before.when.written, after.when.written),
        ("choices", labels(before), labels(after)),
        ("points", worth(before), worth(after)),
        ("skipping", before.skippable, after.skippable),
        ("asking always", before.always, after.always),
        ("drop-down", before.dropped_down, after.dropped_down),
    )
    return [name for name, first, second in pairs if first != second]
