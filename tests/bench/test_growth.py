"""Nothing that people wait for, or that keeps others from writing, may take longer the more there
ever was. Counted is how often SQLite goes round a loop for each statement, with few leads and with
many: that does not depend on how busy the machine is."""

import re
import shutil
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, Table, UniqueConstraint, event, update

from tests.bench import filling
from tests.bench.growth import People
from tests.effort import counting
from tests.faults.walking import Walker
from tests.fixtures.applications import Prepared
from webapp.config import ROOT
from webapp.services.figures import counting as figures
from webapp.services.flows import releases, sites
from webapp.services.operations import demo_data
from webapp.services.people import erasure, exports
from webapp.services.prospects import known
from webapp.services.sales import history
from webapp.store import conversations, counts, inbox, lead_words, leads, removal
from webapp.store.database import db
from webapp.store.sites import SiteRow
from webapp.store.tables import metadata
from webapp.worker.chores import CHORES

FEW, MANY = 300, 1_000
ORIGINALS = ("demo-request.ana-cfo-urgent", "pricing-inquiry.hana-cto-hot")
KEPT_FOREVER = 100_000
Turns = Counter[tuple[str, str]]
"""How often the loops of each statement of something were gone through."""


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bounded is so with few leads already, or it would seem to grow."""
    monkeypatch.setattr(counts, "MOST_COUNTED", 30)
    monkeypatch.setattr(lead_words, "MOST_LISTED", 30)
    monkeypatch.setattr(inbox, "MOST_LOOKED_THROUGH", 100)
    monkeypatch.setattr(removal, "PAGE", 30)
    monkeypatch.setattr(filling, "OPEN", 60)
    monkeypatch.setattr(figures, "LOOKED_BACK", figures.A_DAY)


@pytest.mark.usefixtures("small_bounds")
def test_what_takes_longer_with_many_leads_is_found_with_few(
    prepared_sqlite: Prepared, tmp_path: Path
) -> None:
    for name in ORIGINALS:
        shutil.copy(ROOT / "question_flows" / "cases" / f"{name}.yaml", tmp_path)
    app, now = prepared_sqlite.as_new(), datetime.now(UTC)
    with app.app_context():
        demo_data.people(now=now)
        demo_data.receiver(now=now)
        demo_data.visitors(tmp_path, now=now)
        db.session.execute(update(SiteRow).values(retention_days=KEPT_FOREVER))
        filling.copied(FEW, now=now)
        people = People(app, now)
    few = _turns(app, people, filling.address(FEW // 2))
    with app.app_context():
        filling.copied(MANY, after=FEW, now=now)
    many = _turns(app, people, filling.address(MANY // 2))
    assert sum(few.values()) > 10_000
    grown = {
        f"{name}: {few[name, statement]} times with {FEW} leads, {turns} with {MANY}: {statement}"
        for (name, statement), turns in many.items()
        if turns > 1.5 * few[name, statement] + 200
    }
    assert grown == set()


def _turns(app: Flask, people: People, somebody: str) -> Turns:
    now = datetime.now(UTC)
    things: dict[str, Callable[[], object]] = {**people.everything()}
    del things["insights, 90 days"]  # it reads the days that nobody has counted here
    for name in [name for name in things if "closed" in name and "search" in name]:
        del things[name]  # those who fit are not there yet, or fewer than a page
    for words in ("company", "person100@"):
        things[f"searching {words}"] = partial(people._page, f"/desk?view=closed&q={words}")
    things["a conversation"] = lambda: list(Walker(app, who=time.time_ns()).answers())
    for chore in CHORES:
        if not chore.aside:
            things[chore.name] = partial(chore.do, now)
    things["publishing"] = lambda: conversations.move_on(1, now=now)
    things["exporting somebody"] = lambda: _export(somebody, now)
    things["erasing somebody"] = lambda: erasure.erase(somebody, by="a test", now=now)
    with app.app_context():
        engine = db.engine
    return _counted(app, engine, things)


def _export(address: str, now: datetime) -> None:
    lead = leads.by_email_key(address)
    assert lead is not None
    exports.of_person(lead, by="a test", now=now)


def _counted(app: Flask, engine: Engine, things: dict[str, Callable[[], object]]) -> Turns:
    turns, doing = Turns(), ["", ""]

    def count() -> None:
        turns[doing[0], doing[1]] += 1

    def watch(connection: Any, *_: object) -> None:
        connection.set_progress_handler(count, 1)

    def note(_: object, __: object, statement: str, *more: object) -> None:
        doing[1] = re.sub(r"\(\?(, \?)*\)", "(…)", statement)

    engine.dispose()
    event.listen(engine, "connect", watch)
    event.listen(engine, "before_cursor_execute", note)
    try:
        for name, do in things.items():
            doing[0] = name
            with app.app_context():
                do()
                db.session.rollback()
    finally:
        event.remove(engine, "connect", watch)
        event.remove(engine, "before_cursor_execute", note)
        engine.dispose()
    return turns


def test_who_comes_for_the_hundredth_time_costs_no_more_than_for_the_tenth(
    prepared_sqlite: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "MOST_REMEMBERED", 20)
    monkeypatch.setattr(history, "MOST", 3)
    app, calls = prepared_sqlite.as_new(), []
    with app.app_context():
        releases.seed(ROOT / "question_flows", now=datetime.now(UTC))
        site = sites.seed(now=datetime.now(UTC))
    for _ in range(36):
        with counting() as effort:
            _comes_again(app, site.key)
        calls.append(effort.calls)
    # What has been forgotten is asked again now and then, which costs more.
    assert min(calls[24:]) < min(calls[12:24]) + 40


def _comes_again(app: Flask, site: str) -> None:
    """The same person in the same browser, who chooses the first choice whenever asked."""
    begin = {"flow": "demo-request", "site": site, "visitor": "v" * 22}
    told = app.test_client().post("/api/v1/conversations", json=begin).json or {}
    path = f"/api/v1/conversations/{told['conversation']}/answers"
    bearer = {"Authorization": f"Bearer {told['token']}"}
    while question := told["state"].get("question"):
        typed = {"email": "ann@company.example", "country": "DE"}.get(question["type"], "Ann")
        value = question["choices"][0]["id"] if question["choices"] else typed
        answer = {"question": question["id"], "value": value}
        told = app.test_client().post(path, json=answer, headers=bearer).json or {}


def test_what_goes_with_something_is_found_through_an_index() -> None:
    """Or removing one person would look through everybody's."""
    growing = "accounts conversations deliveries events handoffs leads records visitors".split()
    unaided = {
        str(key.parent)
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in growing and key.parent.name not in _first_in_an_index(table)
    }
    assert unaided == set()


def _first_in_an_index(table: Table) -> set[str]:
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    return {
        table.primary_key.columns[0].name,
        *(each.columns[0].name for each in unique),
        *(each.columns[0].name for each in table.indexes),
    }
