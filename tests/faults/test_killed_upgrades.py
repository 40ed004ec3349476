"""An upgrade that is killed in the middle leaves what was there, and the next one does it whole."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import inspect

from tests.fixtures.injuries import Tell
from webapp.config import ROOT
from webapp.services.operations import verification
from webapp.store import schema
from webapp.store.database import db

Upgrade = Callable[[int | None], bool]
STATEMENTS = 1_000
"""More than any upgrade takes."""


@pytest.fixture
def upgrade(old: Flask) -> Iterator[Upgrade]:
    """An upgrade in a process of its own that lives for so many statements; whether it was done."""
    config = old.extensions["baton"]
    given = {"database_url": config.database_url, "data_dir": str(config.data_dir)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.upgrading", json.dumps(given)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    wanted, done = process.stdin, process.stdout

    def run(statements: int | None) -> bool:
        db.session.remove()
        db.engine.dispose()
        wanted.write(json.dumps(statements) + "\n")
        wanted.flush()
        return bool(json.loads(done.readline()))

    yield run
    wanted.close()
    process.wait()
    done.close()


def shape() -> dict[str, list[str]]:
    """The columns of every table, as the database has them."""
    there = inspect(db.session.connection())
    columns = there.get_multi_columns()
    return {name: [each["name"] for each in found] for (_, name), found in columns.items()}


@pytest.mark.promise(18)
@pytest.mark.timeout(1_800)
def test_an_upgrade_killed_anywhere_leaves_the_old_database_whole(
    upgrade: Upgrade, times: int, tell: Tell
) -> None:
    """At some statements of its course in every run, at each in the long one."""
    was, release = shape(), schema.current()
    places = range(STATEMENTS) if times > 100 else (0, 7, 14, 22, 30, 38, 46)
    killed = 0
    for statements in places:
        if upgrade(statements):
            break
        killed += 1
        assert (schema.current(), shape()) == (release, was), f"killed before {statements}"
    tell(killed, "statements before which an upgrade was killed")
    assert killed > 3

    assert upgrade(None)
    assert schema.current() == schema.newest()
    assert verification.verify().problems == []
