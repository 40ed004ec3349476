"""A condition as rows of pickers, and back. What pickers cannot say stays text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from webapp.core.errors import FlowError
from webapp.core.values import clean
from webapp.flow_files.document import value_at
from webapp.flow_files.rendering import Plain, flow

SECTIONS = ("all", "any", "none")
TRUTHS = frozenset({"returning", "spam", "disqualified"})
_OPERATORS = ("not", "at_least", "at_most", "includes", "mentions")


@dataclass(frozen=True)
class Row:
    """One comparison. ``op`` is ``is``, ``known``, ``unknown`` or an operator of the files."""

    subject: str = ""
    op: str = "is"
    values: tuple[str, ...] = ()
    within: str = ""


@dataclass(frozen=True)
class Rows:
    """``all`` must hold, at least one of ``any`` (if there are some), and ``none`` must not."""

    all: tuple[Row, ...] = ()
    any: tuple[Row, ...] = ()
    none: tuple[Row, ...] = ()

    def section(self, name: str) -> tuple[Row, ...]:
        return {"all": self.all, "any": self.any, "none": self.none}[name]


@dataclass(frozen=True)
class Picked:
    """A condition being edited. ``written`` is its YAML where it is too deep for rows."""

    rows: Rows = field(default_factory=Rows)
    written: str | None = None
    focus: str = ""


def picked(when: Plain | None) -> Picked:
    """A condition of the files, to be edited."""
    rows = taken_apart(when)
    return Picked(rows or Rows(), None if rows is not None else flow(when or {}))


def sent(form: MultiDict[str, str]) -> Picked:
    """The condition that a form sent."""
    written = form.get("when-written")
    return Picked(read(form), clean(written) if written is not None else None)


def adjusted(condition: Picked, do: str) -> Picked:
    """The condition after a button of the pickers: a row more, a row less."""
    verb, _, rest = do.partition(":")
    rows = condition.rows
    section, _, number = rest.partition(":")
    if section not in SECTIONS:
        return condition
    if verb == "add":
        focus = f"{section}-{len(rows.section(section))}"
        return replace(condition, rows=_with_row(rows, section), focus=focus)
    if verb == "remove" and re.fullmatch(r"\d{1,3}", number):
        return replace(condition, rows=_without_row(rows, section, int(number)))
    return condition


def problem(condition: Picked) -> str | None:
    """Why what was written cannot be a condition."""
    try:
        written(condition, None)
    except FlowError as error:
        return f"This is not a condition. {error.problems[0].what}"
    return None


def written(condition: Picked, before: Plain | None) -> Plain | None:
    """The condition as the file should hold it: as before where it says the same.

    Raises: FlowError.
    """
    if condition.written is not None:
        return value_at(condition.written) if condition.written.strip() else None
    if before is not None and taken_apart(before) == condition.rows:
        return before
    return put_together(condition.rows)


def taken_apart(when: Plain | None) -> Rows | None:
    """The condition as rows; None where rows cannot say it."""
    if not when:
        return Rows()
    if not isinstance(when, Mapping):
        return None
    found: dict[str, list[Row]] = {name: [] for name in SECTIONS}
    for key, value in when.items():
        if key not in SECTIONS:
            if not _comparable(value):
                return None
            found["all"] += _rows(key, value)
            continue
        if not isinstance(value, list):
            return None
        for part in value:
            rows = _plain_rows(part)
            if rows is None or (key != "all" and len(rows) != 1):
                return None
            found[key] += rows
    return Rows(*(tuple(found[name]) for name in SECTIONS))


def put_together(rows: Rows) -> dict[str, Plain] | None:
    """The rows as the files write them; None without any."""
    when: dict[str, Plain] = {}
    left_over: list[Plain] = []
    for row in _filled(rows.all):
        found, value = when.get(row.subject), _value(row)
        if found is None:
            when[row.subject] = value
        elif isinstance(found, dict) and isinstance(value, dict) and not found.keys() & value:
            when[row.subject] = {**found, **value}
        else:
            left_over.append({row.subject: value})
    if left_over:
        when["all"] = left_over
    for name in ("any", "none"):
        if listed := [{row.subject: _value(row)} for row in _filled(rows.section(name))]:
            when[name] = list[Plain](listed)
    return when or None


def read(form: MultiDict[str, str], prefix: str = "w") -> Rows:
    """The rows a form sent. A single one in which nothing is picked says Always."""
    found: dict[str, list[Row]] = {name: [] for name in SECTIONS}
    named = re.compile(rf"{re.escape(prefix)}-(all|any|none)-(\w+)-subject")
    for key in form:
        if match := named.fullmatch(key):
            start = key.removesuffix("subject")
            op = form.get(f"{start}op", "is")
            sent = form.getlist(f"{start}value")
            if form.get(f"{start}many"):
                sent = [part for each in sent for part in each.split(",")]
            values = tuple(v for each in sent if (v := clean(each).strip()))
            within = clean(form.get(f"{start}within", "")).strip()
            found[match[1]].append(Row(form[key], op, values, within))
    rows = Rows(*(tuple(found[name]) for name in SECTIONS))
    return Rows() if rows == Rows(all=(Row(),)) else rows


def _with_row(rows: Rows, section: str) -> Rows:
    """The rows with an empty one more."""
    return _replaced(rows, section, (*rows.section(section), Row()))


def _without_row(rows: Rows, section: str, place: int) -> Rows:
    kept = tuple(row for at, row in enumerate(rows.section(section)) if at != place)
    return _replaced(rows, section, kept)


def _replaced(rows: Rows, section: str, new: tuple[Row, ...]) -> Rows:
    return Rows(*(new if name == section else rows.section(name) for name in SECTIONS))


def _filled(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        if row.subject and (row.values or row.within or row.op in ("known", "unknown")):
            yield row


def _plain_rows(part: Plain) -> list[Row] | None:
    if not isinstance(part, Mapping) or any(key in SECTIONS for key in part):
        return None
    if not all(_comparable(value) for value in part.values()):
        return None
    return [row for key, value in part.items() for row in _rows(key, value)]


def _comparable(value: Plain) -> bool:
    if isinstance(value, dict):
        known = {*_OPERATORS, "known", "within"}
        return value.keys() <= known and not any(isinstance(v, dict) for v in value.values())
    return not isinstance(value, list) or not any(isinstance(v, list | dict) for v in value)


def _rows(subject: str, value: Plain) -> list[Row]:
    if not isinstance(value, dict):
        return [Row(subject, "is", _listed(subject, value))]
    within = str(value.get("within", ""))
    found = [
        Row(subject, op, _listed(subject, value[op]), within) for op in _OPERATORS if op in value
    ]
    if "known" in value:
        yes = str(value["known"]).lower() == "true"
        found.append(Row(subject, "known" if yes else "unknown"))
    return found or [Row(subject, "at_least", ("1",), within)]


def _listed(subject: str, value: Plain) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    spelled = {"true": "yes", "false": "no"} if subject in TRUTHS else {}
    return tuple(spelled.get(str(each).lower(), str(each)) for each in values)


def _value(row: Row) -> Plain:
    values: list[Plain] = [_scalar(row, each) for each in row.values]
    one_or_more: Plain = values[0] if len(values) == 1 else values
    within: dict[str, Plain] = {"within": row.within} if row.within else {}
    match row.op:
        case "is" if not within:
            return one_or_more
        case "known":
            return {"known": True}
        case "unknown":
            return {"known": False}
        case "at_least" | "at_most":
            bound: dict[str, Plain] = {row.op: values[0]} if values else {}
            only_seen = row.op == "at_least" and within and row.values in ((), ("1",))
            return within if only_seen else {**bound, **within}
        case "is":
            return {"at_least": values[0], "at_most": values[0], **within} if values else within
        case _:
            return {row.op: values, **within}


def _scalar(row: Row, value: str) -> Plain:
    if row.subject in TRUTHS:
        return value in ("yes", "true")
    counted = row.subject.startswith(("signals.", "score.")) or row.op in ("at_least", "at_most")
    return int(value) if counted and re.fullmatch(r"-?\d{1,9}", value) else value
