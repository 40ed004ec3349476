"""What operators are told."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, text, update

from tests.fixtures.applications import SECRET_KEY
from webapp import create_app
from webapp.config import Config
from webapp.store import schema
from webapp.store.database import db
from webapp.store.heartbeats import HeartbeatRow
from webapp.store.releases import ReleaseRow, VersionRow


@pytest.fixture
def worker(app: Flask) -> None:
    with app.app_context():
        db.session.add(HeartbeatRow(name="one", kind="worker", at=datetime.now(UTC), detail={}))
        db.session.commit()


def test_a_running_process_says_so(app: Flask) -> None:
    assert app.test_client().get("/healthz").text == "ok\n"


@pytest.mark.usefixtures("worker")
def test_an_installation_with_all_its_parts_is_ready(app: Flask) -> None:
    response = app.test_client().get("/readyz")
    assert response.status_code == 200
    assert set(response.get_json().values()) == {"ok"}


def test_without_a_worker_it_is_not_ready_and_says_so(app: Flask) -> None:
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.get_json()["worker"] == "No worker has ever been heard of."


@pytest.mark.usefixtures("worker")
def test_without_flows_it_is_not_ready_and_says_so(app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(ReleaseRow))
        db.session.commit()
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert "No flows are published." in response.get_json()["flows"]


@pytest.mark.usefixtures("worker")
def test_where_a_fault_lies_in_the_live_flows_is_told_to_nobody_who_asks(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        db.session.execute(update(VersionRow).values(text="secret: 1\n"))
        # What a hash names never changes, so the process looks it up once.
        db.session.execute(update(ReleaseRow).values(hash="0" * 64))
        db.session.commit()
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.get_json()["flows"] == "The flows cannot be used."
    assert "playbook.yaml:1:1" in caplog.text


@pytest.fixture
def at(app: Flask) -> Iterator[Callable[[str], None]]:
    """Lets a migration be the last that the database has seen, until the test is over."""

    def put(number: str) -> None:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": number})

    yield put
    put(schema.newest())


def test_a_database_that_is_behind_is_not_ready_and_says_so(
    app: Flask, at: Callable[[str], None]
) -> None:
    at("0000")
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert "is at 0000" in response.get_json()["migrations"]


def test_what_a_database_says_that_refuses_us_is_for_the_log_and_not_for_anybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusing = "postgresql+psycopg://ana:hunter2@127.0.0.1:1/leads"
    app = create_app(Config(data_dir=tmp_path, secret_key=SECRET_KEY, database_url=refusing))
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.get_json() == {"database": "The database does not answer as it should."}
    logged = capsys.readouterr().err
    assert "127.0.0.1" in logged
    assert "hunter2" not in logged


@pytest.mark.usefixtures("worker")
def test_while_other_machines_get_the_next_release_this_one_stays_ready(
    app: Flask, at: Callable[[str], None]
) -> None:
    at("9999")
    assert app.test_client().get("/readyz").status_code == 200


def test_counts_are_for_the_private_network_only(app: Flask) -> None:
    client = app.test_client()
    assert "baton_handoffs_waiting 0.0" in client.get("/metrics").text
    for address in ("93.184.216.34", "::ffff:93.184.216.34", "evil", ""):
        from_outside = client.get("/metrics", environ_base={"REMOTE_ADDR": address})
        assert from_outside.status_code == 404


def test_it_says_which_version_it_is(app: Flask) -> None:
    assert set(app.test_client().get("/version").get_json()) == {"version", "engine"}
