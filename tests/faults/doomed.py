"""Workers in processes of their own that may end, as by kill -9, at a named place.

Started once, since starting Python takes longer than a worker lives here: each line of stdin
(``{"place": ..., "after": 2}``, or ``{}`` for one that is not doomed) forks a worker and answers
with its process id.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask

from tests.fixtures.applications import SECRET_KEY
from webapp import create_app
from webapp.config import Config
from webapp.delivery.channels import Channels
from webapp.delivery.guard import Guard
from webapp.services.receivers import sending
from webapp.store import failpoints
from webapp.worker import loop


def dying(after: int) -> Callable[[], None]:
    reached = count(1)

    def die() -> None:
        if next(reached) >= after:
            os.kill(os.getpid(), signal.SIGKILL)

    return die


def work(app: Flask, listed: frozenset[str], doom: dict[str, Any]) -> None:
    sending.LEASE = timedelta(seconds=0.5)
    sending.FIRST_PAUSE = timedelta(milliseconds=20)
    loop.IDLE_S = 0.05
    channels = Channels(app.extensions["baton"], Guard(listed, deadline_s=5))
    worker = loop.Worker(app, stop=threading.Event(), channels=channels)
    if doom:
        with failpoints.armed(doom["place"], dying(doom["after"])):
            worker.run()
    worker.run()


def main(given: dict[str, Any]) -> None:
    config = Config(
        secret_key=SECRET_KEY,
        database_url=given["database_url"],
        data_dir=Path(given["data_dir"]),
        test=True,
    )
    app = create_app(config)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(app, frozenset(given["listed"]), json.loads(line))
        print(child, flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
