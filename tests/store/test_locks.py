"""The order in which locks are taken on PostgreSQL, which every test listens to."""

import pytest
from flask import Flask

from tests.fixtures.locking import OutOfOrder
from webapp.store import locks
from webapp.store.database import db


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_who_waits_for_what_stands_before_what_they_hold_fails_a_test(app: Flask) -> None:
    with app.app_context():
        locks.exclusive("lead", "ana@nordwind.example")
        locks.exclusive("team", "everyone")
        locks.exclusive("lead", "bo@nordwind.example")
        with pytest.raises(OutOfOrder, match="suppressions is waited for while team is held"):
            locks.shared("suppressions")
        db.session.rollback()
        locks.shared("suppressions")
        db.session.rollback()
