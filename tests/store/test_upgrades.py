"""A database of an earlier release is brought up to date, and everything in it goes on."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask_migrate import Migrate, check, downgrade, upgrade
from sqlalchemy import inspect, select

from tests.fixtures.applications import FRIDAY
from webapp.services.operations import verification
from webapp.services.people import suppression
from webapp.services.prospects import conversations
from webapp.store import inbox, leads, releases, schema
from webapp.store.access import ApiKeyRow
from webapp.store.database import db, one_commit
from webapp.store.handoffs import HandoffRow
from webapp.store.releases import ReleaseRow

IN_THE_MIDDLE = f"{4:043d}"
"""The token of somebody who had answered three questions."""

FINISHED = f"{1:043d}"


@pytest.mark.promise(18)
def test_everything_in_an_old_database_stands_and_comes_out_as_it_did(old: Flask) -> None:
    assert schema.current() != schema.newest()
    schema.upgrade()
    assert schema.current() == schema.newest()
    found = verification.verify()
    assert found.problems == []
    kept = {"answer": 17, "conversation": 3, "handoff": 2, "record": 3}
    assert found.checked == kept | {"counted day": 0}
    db.session.rollback()
    Migrate(old, db, directory=str(schema.MIGRATIONS))
    check()


@pytest.mark.promise(18)
def test_people_go_on_where_they_were(old: Flask) -> None:
    schema.upgrade()
    state = conversations.show(IN_THE_MIDDLE, now=FRIDAY)
    assert [each.question.id for each in state.transcript] == ["goal", "challenge", "job_title"]
    while state.question is not None:
        fits = {"company_size": "50-199", "timeline": "now", "email": "dee@nordwind.example"}
        value = fits.get(state.question.id)
        state = conversations.answer(
            IN_THE_MIDDLE, state.question.id, value=value, skip=value is None, now=FRIDAY
        )
    assert conversations.show(FINISHED, now=FRIDAY).question is None
    assert verification.verify().problems == []


def test_who_is_to_be_left_alone_still_is_and_who_is_looked_for_is_found(old: Flask) -> None:
    schema.upgrade()
    for address in ("D.Oe@gmail.com", "anybody@rival.example"):
        assert suppression.of_addresses([address]) is not None
    everybody = inbox.whole(inbox.glimpsed("all", me="", teams=None, now=FRIDAY, q="nordw"))
    who = [leads.get(each.lead_id or "") for each in everybody]
    assert [each.email for each in who if each] == ["ana@nordwind.example"]


def test_a_program_goes_on_with_the_key_it_has(old: Flask) -> None:
    schema.upgrade()
    [key] = db.session.scalars(select(ApiKeyRow))
    assert (key.acts_for, key.site_id) == ("ada@example.com", None)


MISSED = {"0002": ["api_keys.acts_for is not written", "api_keys.created_by is gone"]}
"""What code of the release before misses after a migration. For none that is yet to come: its web
servers go on answering until they are restarted."""


def test_an_upgrade_leaves_the_release_before_what_it_reads_and_writes(old: Flask) -> None:
    Migrate(old, db, directory=str(schema.MIGRATIONS))
    numbers = sorted(each.name[:4] for each in schema.MIGRATIONS.glob("versions/*_*.py"))
    for number in numbers[numbers.index(schema.current() or "") + 1 :]:
        before = _columns()
        upgrade(revision=number)
        assert _missed(before, _columns()) == MISSED.get(number, []), number


Columns = dict[str, Mapping[str, Any]]


def _columns() -> Columns:
    found = inspect(db.session.connection()).get_multi_columns()
    db.session.rollback()
    return {f"{of}.{each['name']}": each for (_, of), columns in found.items() for each in columns}


def _missed(before: Columns, after: Columns) -> list[str]:
    """What whoever knows the columns of before can no longer read or leave out."""
    tables = {name.partition(".")[0] for name in before}
    found = [f"{name} is gone" for name in before.keys() - after.keys()]
    for name, column in after.items():
        was = before.get(name)
        if was is None:
            needed = not column["nullable"] and column["default"] is None
            if needed and name.partition(".")[0] in tables:
                found.append(f"{name} is not written")
        elif str(column["type"]) != str(was["type"]):
            found.append(f"{name} was {was['type']}")
        elif was["nullable"] and not column["nullable"]:
            found.append(f"{name} was often empty")
    return sorted(found)


def test_an_upgrade_is_taken_back_without_a_loss(old: Flask) -> None:
    before = schema.current()
    schema.upgrade()
    live = releases.live()
    assert live is not None
    with one_commit("tests"):
        challenger = ReleaseRow(
            hash="what was only tried", manifest={}, published_at=FRIDAY, by="mo", why="To see"
        )
        challenger.challenges_id = live.id
        db.session.add(challenger)
    Migrate(old, db, directory=str(schema.MIGRATIONS))
    downgrade(revision=before)
    assert schema.current() == before
    schema.upgrade()
    assert verification.verify().problems == []
    assert len(db.session.scalars(select(HandoffRow)).unique().all()) == 2
    still = releases.live()
    assert still is not None
    assert still.manifest == live.manifest
    assert still.id > challenger.id
