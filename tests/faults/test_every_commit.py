"""At every commit on a lead's way, before it and after it, the program may fail: then all of it
happened or nothing, and the prospect who tries again finds it done once."""

import ast
import sqlite3
from collections.abc import Callable
from functools import cache

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.faults.promises import broken
from tests.faults.walking import Walker
from tests.fixtures.injuries import Tell
from webapp.config import ROOT
from webapp.store import failpoints
from webapp.store.conversations import AnswerRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow

ON_A_LEADS_WAY = ("conversations.start", "conversations.answer")


@cache
def _commits() -> dict[str, list[str]]:
    """The name of every place that commits, by file; and where a commit has no name."""
    found: dict[str, list[str]] = {"named": [], "bare": []}
    for path in sorted((ROOT / "webapp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if isinstance(node.func, ast.Name) and node.func.id == "one_commit":
                found["named"].append(ast.unparse(node.args[0]).strip("'"))
            elif name == "commit":
                found["bare"].append(str(path.relative_to(ROOT)))
    return found


@pytest.mark.promise(5)
def test_nothing_commits_without_a_place_where_it_can_be_made_to_fail() -> None:
    assert _commits()["bare"] == ["webapp/store/database.py"]


def test_every_commit_has_a_name_of_its_own() -> None:
    named = _commits()["named"]
    assert named
    assert sorted(set(named)) == sorted(named)
    assert set(ON_A_LEADS_WAY) <= set(named)


def _disk_error() -> None:
    raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))


def _bug() -> None:
    raise RuntimeError("a fault of the test")


@pytest.mark.promise(5)
@pytest.mark.parametrize("fault", [_disk_error, _bug])
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("place", ON_A_LEADS_WAY)
def test_an_answer_that_failed_on_the_way_is_sent_again_and_kept_once(
    app: Flask, place: str, moment: str, fault: Callable[[], None], tell: Tell
) -> None:
    prospect = Walker(app)
    failed = 0
    for form in prospect.answers():
        with failpoints.armed(f"{place}.{moment}", fault):
            status = prospect.send(form).status_code
        failed += status in (500, 503)
        with app.app_context():
            assert broken() == []

    tell(failed, f"answers that failed at a commit: {place}")
    assert failed
    with app.app_context():
        answers = db.session.scalars(select(AnswerRow.question)).all()
        assert len(answers) == len(set(answers)) >= 5
        assert db.session.scalar(select(func.count()).select_from(HandoffRow)) == 1
        assert broken() == []
