"""A database of an earlier release is brought up to date, and everything in it goes on."""

import pytest
from flask import Flask
from flask_migrate import Migrate, check, downgrade
from sqlalchemy import select

from tests.fixtures.applications import FRIDAY
from webapp.services import conversations, suppression, verification
from webapp.store import handoffs, leads, releases, schema
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
    everybody = handoffs.listed("all", me="", teams=None, now=FRIDAY, q="nordw")
    who = [leads.get(each.lead_id or "") for each in everybody]
    assert [each.email for each in who if each] == ["ana@nordwind.example"]


def test_a_program_goes_on_with_the_key_it_has(old: Flask) -> None:
    schema.upgrade()
    [key] = db.session.scalars(select(ApiKeyRow))
    assert (key.acts_for, key.site_id) == ("ada@example.com", None)


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
