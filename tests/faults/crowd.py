"""Eight processes that do the same thing to one PostgreSQL at the same moment.

``python -m tests.faults.crowd '{"database_url": ..., "data_dir": ...}'`` takes lines such as
``{"task": "assign", "processes": 8, "times": 50}`` and prints what each process did, as JSON, one
line for each.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from tests.fixtures.applications import FRIDAY, SECRET_KEY
from webapp import create_app
from webapp.config import ROOT, Config
from webapp.core.simulate import decide_case
from webapp.flow_files import load_case, load_release
from webapp.services.receivers import sending
from webapp.services.sales import assignment
from webapp.store import deliveries
from webapp.store.database import one_commit

CASE = ROOT / "question_flows" / "cases" / "demo-request.ana-cfo-urgent.yaml"
RELEASE = load_release(ROOT / "question_flows")
DECISION = decide_case(RELEASE, load_case(CASE.read_text(encoding="utf-8"), str(CASE), RELEASE))


def assign(times: int) -> list[str | None]:
    """Take leads in turn, each in a commit of its own."""
    given_to = []
    for n in range(times):
        with one_commit("crowd.assign"):
            found = assignment.assign(DECISION, (), now=FRIDAY + timedelta(seconds=n))
        given_to.append(found.owner_email)
    return given_to


def claim(times: int) -> list[list[Any]]:
    """Claim until nothing is left, and settle each claim at once."""
    claimed: list[list[Any]] = []
    empty = 0
    while empty < 3:
        some = list(sending.claim(by=str(os.getpid()), free={}, otherwise=5, most=5))
        empty = 0 if some else empty + 1
        for each in some:
            with one_commit("crowd.settle"):
                done = {"state": "delivered", "delivered_at": deliveries.clock()}
                assert deliveries.settle(each.id, each.fence, done)
            claimed.append([each.id, each.fence])
    return claimed


TASKS: dict[str, Callable[[int], Any]] = {"assign": assign, "claim": claim}


def application(given: dict[str, Any]) -> Flask:
    return create_app(
        Config(
            secret_key=SECRET_KEY,
            database_url=given["database_url"],
            data_dir=Path(given["data_dir"]),
            test=True,
        )
    )


def main(app: Flask) -> None:
    """What is to be done comes as lines of JSON; each is done by processes of its own."""
    for line in sys.stdin:
        do(app, **json.loads(line))


def do(app: Flask, *, task: str, times: int, processes: int) -> None:
    start_read, start_write = os.pipe()
    pipes = []
    for _ in range(processes):
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(start_write)
            os.read(start_read, 1)  # ends for all at once, when the parent closes its end
            with app.app_context():
                done = TASKS[task](times)
            with os.fdopen(write, "w", encoding="utf-8") as out:
                out.write(json.dumps(done))
            os._exit(0)
        os.close(write)
        pipes.append(read)
    os.close(start_write)
    os.close(start_read)
    for read in pipes:
        with os.fdopen(read, encoding="utf-8") as done_by_one:
            print(done_by_one.read(), flush=True)


if __name__ == "__main__":
    # Made once: it has opened no connection yet that its children would share.
    main(application(json.loads(sys.argv[1])))
