"""A copy made while people answer misses nothing they were told is kept, and works in its place."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from tests.faults.walking import Walker
from tests.fixtures.injuries import Tell, often
from tests.fixtures.servers import new_database
from tests.waiting import eventually
from webapp import create_app
from webapp.config import Config
from webapp.services.operations import verification
from webapp.store import schema
from webapp.store.backup import backup
from webapp.store.conversations import AnswerRow
from webapp.store.database import db
from webapp.web.shared import pace

PutInPlace = Callable[[Path], Flask]


@pytest.fixture
def copies() -> int:
    """How many copies to make: 1, or 20 in the long run."""
    return often(1, 20)


@pytest.fixture
def put_in_place(app: Flask, request: pytest.FixtureRequest) -> PutInPlace:
    """Does what docs/operate.md says of a copy, and gives the application on it."""
    config: Config = app.extensions["baton"]

    def on_sqlite(copy: Path) -> Flask:
        return create_app(replace(config, database_url=f"sqlite:///{copy}"))

    def on_postgresql(copy: Path) -> Flask:
        server = request.getfixturevalue("postgresql_server")
        url = new_database(server, f"restored_{abs(hash(copy))}")
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        program = shutil.which("pg_restore") or "pg_restore"
        subprocess.run([program, "--no-owner", "--dbname", plain, copy], check=True)
        return create_app(replace(config, database_url=url))

    request.getfixturevalue("postgresql_programs")
    return on_sqlite if config.database_url.startswith("sqlite") else on_postgresql


@contextmanager
def people_answering(app: Flask) -> Iterator[Walker]:
    """Somebody who goes through one conversation after another until the block ends; what they
    were told is kept is in ``taken``."""
    prospect, over = Walker(app), threading.Event()

    def answer() -> None:
        while not over.is_set():
            prospect.who += 1
            pace.forget_everybody()
            for form in prospect.answers():
                if over.is_set():
                    return
                prospect.taken.append((form.action, form.question))

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield prospect
    finally:
        over.set()
        thread.join()


@pytest.mark.promise(26)
@pytest.mark.timeout(1_800)
def test_a_copy_made_while_people_answer_misses_nothing_and_can_be_put_in_place(
    app: Flask, tmp_path: Path, copies: int, put_in_place: PutInPlace, tell: Tell
) -> None:
    with people_answering(app) as prospect:
        for number in range(copies):
            enough = len(prospect.taken) + 10
            eventually(lambda enough=enough: len(prospect.taken) >= enough)
            told = len(prospect.taken) - 1  # the newest is only on its way
            copy = tmp_path / f"copy {number}"
            with app.app_context():
                backup(copy)
            restored = put_in_place(copy)
            with restored.app_context():
                schema.upgrade()
                kept = db.session.scalar(select(func.count()).select_from(AnswerRow)) or 0
                found = verification.verify()
                db.session.remove()
                db.engine.dispose()
            tell(number + 1, f"copies put in place, {kept:,} answers", lost=max(told - kept, 0))
            assert kept >= told
            assert found.problems == []
            assert found.checked["answer"] == kept
