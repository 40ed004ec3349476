"""What is put to the driver itself keeps, gives and fails like all that SQLAlchemy is asked."""

from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.fixtures.applications import FRIDAY
from tests.fixtures.listening import statements
from webapp.store.database import connection, db, looking_first, one_commit
from webapp.store.sites import SiteRow
from webapp.store.statements import Statement

pytestmark = pytest.mark.usefixtures("in_app")

_sites = cast(Table, SiteRow.__table__)
_add = Statement(_sites.insert())
_change = Statement(_sites.update().where(_sites.c.id == bindparam("this")))
_query = select(_sites).where(_sites.c.id == bindparam("id"))
_by_id = Statement(_query)
ELSEWHERE = datetime(2026, 3, 6, 15, 30, 1, 250, tzinfo=timezone(timedelta(hours=2)))
SITE = {
    "id": "s",
    "key": "k",
    "name": "Señor’s \U0001f6b2 shop",
    "origins": ["https://a.example", "ö"],
    "settings": {"b": None, "a": [1, 2.5, True, {"c": "%s ?1 :id"}]},
    "created_at": ELSEWHERE,
}


def test_a_row_is_kept_and_given_as_sqlalchemy_would() -> None:
    with one_commit("test"):
        _add.run(SITE)
        _change.run({"this": "s", "name": "Bikes", "archived_at": FRIDAY})
    told = db.session.execute(_query, {"id": "s"}).one()
    found = _by_id.one_or_none({"id": "s"})
    assert found is not None
    assert vars(found) == dict(told._mapping)
    assert (found.name, found.archived_at, found.settings) == ("Bikes", FRIDAY, SITE["settings"])
    assert found.created_at == ELSEWHERE
    assert found.created_at.tzinfo is UTC
    assert _by_id.one_or_none({"id": "nobody"}) is None


def test_what_fails_is_not_kept_and_its_error_tells_nothing_that_was_said() -> None:
    with one_commit("test"):
        _add.run(SITE)

    def change_and_fail() -> None:
        with looking_first(), one_commit("test"):
            _change.run({"this": "s", "name": "changed"})
            _add.run({**SITE, "name": "a secret"})

    with pytest.raises(IntegrityError) as failed:
        change_and_fail()
    assert "a secret" not in str(failed.value)
    found = _by_id.one_or_none({"id": "s"})
    assert found is not None
    assert found.name == SITE["name"]


def test_whoever_listens_hears_of_it() -> None:
    with statements() as asked:
        _by_id.one_or_none({"id": "s"})
    assert [each.split()[0] for each in asked] == ["SELECT"]


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_nobodys_next(app: Flask) -> None:
    def be_cut_off() -> None:
        with looking_first(), one_commit("test"):
            mine = connection().execute(select(func.pg_backend_pid())).scalar_one()
            with db.engine.connect() as other:
                other.execute(select(func.pg_terminate_backend(mine, 5_000)))
            _by_id.one_or_none({"id": "s"})

    with pytest.raises(OperationalError) as failed:
        be_cut_off()
    assert failed.value.connection_invalidated
    assert _by_id.one_or_none({"id": "s"}) is None
