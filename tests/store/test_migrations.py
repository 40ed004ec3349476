"""The migrations lead to exactly the rows, on both databases, and back."""

from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import Migrate, check, downgrade
from sqlalchemy import inspect

from tests.fixtures.servers import new_database
from webapp.store import database, schema
from webapp.store.database import db


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """An application with a database that nobody has touched."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = new_database(request.getfixturevalue("postgresql_server"), f"m{abs(hash(tmp_path))}")
    app = Flask("webapp")
    database.init_app(app, url)
    with app.app_context():
        Migrate(app, db, directory=str(schema.MIGRATIONS))
        yield app
        db.session.remove()
        db.engine.dispose()


def test_an_empty_database_becomes_what_the_rows_say(empty: Flask) -> None:
    assert schema.current() is None
    schema.upgrade()
    assert schema.current() == schema.newest()
    db.session.rollback()
    check()


def test_upgrading_twice_changes_nothing(empty: Flask) -> None:
    schema.upgrade()
    schema.upgrade()
    assert schema.current() == schema.newest()


def test_the_way_back_leaves_nothing_behind(empty: Flask) -> None:
    schema.upgrade()
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    schema.upgrade()
    assert schema.current() == schema.newest()
