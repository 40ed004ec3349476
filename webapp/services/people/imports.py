"""Leads from a file: people we already know, with what a provider or a CRM says of them."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import chain
from typing import TextIO

from webapp.core import values
from webapp.core.enrichment import Learnt
from webapp.core.errors import AnswerRefused, BatonError
from webapp.core.playbook import Playbook, Property
from webapp.core.values import Type, Value
from webapp.services.flows import releases
from webapp.services.people import exports, leads, learning
from webapp.store import handoffs
from webapp.store import leads as rows
from webapp.store.database import db, give_way, one_commit
from webapp.store.leads import LeadRow

SOURCE = "import"
AT_A_TIME = 20
"""In one commit: on SQLite whoever answers meanwhile waits for it."""


class CannotImport(BatonError):
    """Nothing was imported; each problem says line, column and what to do."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    email: str
    found: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Imported:
    """How many leads were taken on, and which columns of their file were not: only Baton writes
    those. ``without_address`` counts who was exported and is known by a telephone number alone."""

    leads: int
    passed_over: tuple[str, ...]
    without_address: int


def import_leads(
    file: TextIO, *, now: datetime, tell: Callable[[int, int], None] = lambda taken, of: None
) -> Imported:
    """Take on every lead of a CSV file, or none if there is a fault in it.

    The first line names a property for each column, the e-mail property among them; or it is that
    of an exported file. What the file says counts as inferred: nobody told us themselves. An open
    case is brought up to date with it.
    Cut short in the middle, the same again goes on. ``tell`` hears how many are taken on, of all.

    Raises: CannotImport.
    """
    playbook = releases.live()[1].playbook
    lines, passed_over, without_address = _read(file, playbook)
    for taken in range(0, len(lines), AT_A_TIME):
        tell(taken, len(lines))
        _take_on(lines[taken : taken + AT_A_TIME], playbook, now)
        give_way()
    return Imported(len(lines), passed_over, without_address)


def _take_on(lines: Sequence[_Line], playbook: Playbook, now: datetime) -> None:
    with one_commit("imports.import_leads"):
        emails = [line.email for line in lines]
        leads.hold_all_about(rows.ids_of(map(leads.email_key, emails)), emails)
        news: list[tuple[LeadRow, list[Learnt]]] = []
        for line in lines:
            lead = leads.of_file(line.found, playbook, now=now)
            db.session.flush()
            learnt = [
                Learnt(playbook.properties[name], value, str(value))
                for name, value in line.found.items()
            ]
            if learning.keep(lead.id, learnt, SOURCE, now):
                news.append((lead, learnt))
        for lead, learnt in news:
            for handoff in handoffs.newest_of([lead.id]).values():
                learning.bring_up_to_date(handoff.record_id, learnt, SOURCE, now)


def _read(file: TextIO, playbook: Playbook) -> tuple[list[_Line], tuple[str, ...], int]:
    head = file.readline()
    # Spreadsheets separate by what their country does not use in numbers.
    separator = max(",;\t", key=head.count)
    reader = csv.DictReader(chain([head], file), delimiter=separator, strict=True)
    try:
        return _lines(reader, playbook)
    except csv.Error:
        told = "the quotation marks of a field from here on do not match."
        fix = "Put one at both of its ends, and double those within."
        raise CannotImport([f"line {reader.line_num + 1}: {told} {fix}"]) from None


def _lines(
    reader: "csv.DictReader[str]", playbook: Playbook
) -> tuple[list[_Line], tuple[str, ...], int]:
    email = playbook.email_property
    columns = [_meant(name.strip(), playbook) for name in reader.fieldnames or []]
    passed_over = tuple(name for name in columns if _is_ours(name, playbook))
    problems = list(_wrong_columns(columns, playbook))
    if email is None or email.id not in columns:
        problems.append(f"line 1: there is no column {email.id if email else 'email'}. Add one.")
        raise CannotImport(problems)
    if problems:
        raise CannotImport(problems)
    reader.fieldnames = columns
    lines: list[_Line] = []
    without_address = 0
    for row in reader:
        number = reader.line_num
        if None in row:
            told = "there are more fields than columns. Check what separates them."
            problems.append(f"line {number}: {told}")
            continue
        found: dict[str, Value] = {}
        for name, text in row.items():
            if name in passed_over:
                continue
            try:
                value = values.read(
                    playbook.properties[name], _ids(playbook.properties[name], text)
                )
            except AnswerRefused as refusal:
                problems.append(f"line {number}, {name}: {refusal}")
            else:
                if value is not None:
                    found[name] = value
        if email.id in found:
            lines.append(_Line(number, str(found[email.id]), found))
        elif (row.get("id") or "").strip() and "id" in passed_over:
            without_address += 1
        elif not (row.get(email.id) or "").strip():
            problems.append(f"line {number}: there is no e-mail address. Add it or drop the line.")
    if problems:
        raise CannotImport(problems)
    return lines, passed_over, without_address


def _meant(name: str, playbook: Playbook) -> str:
    """The property that a column holds: an export names some by what a lead's row shows."""
    exported = {} if name in playbook.properties else leads.shown_properties(playbook)
    return exported.get(name, name)


def _is_ours(name: str, playbook: Playbook) -> bool:
    """Whether a column is one that an export has, and no property."""
    return name in exports.COLUMNS and name not in playbook.properties


def _wrong_columns(columns: list[str], playbook: Playbook) -> Iterator[str]:
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield f"line 1: there is more than one column {name}. Keep one."
    for name in columns:
        property = playbook.properties.get(name)
        if _is_ours(name, playbook) or (property is not None and not property.built_in):
            continue
        [*near] = get_close_matches(name, playbook.properties, n=1)
        hint = f"Did you mean {near[0]}?" if near else "Name a property of the playbook."
        yield f"line 1: {name!r} is no property. {hint}"


def _ids(property: Property, text: str | None) -> object:
    """Several choices stand in one field, apart by semicolons."""
    if property.type is Type.CHOICES and text:
        return [each.strip() for each in text.split(";") if each.strip()]
    return exports.as_it_was(text) if text else text
