"""The worker's loop. Everything it knows is in the database, so it may be killed at any moment."""

import logging
import os
import secrets
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from flask import Flask

from webapp.config import Config
from webapp.delivery.channels import Channels
from webapp.services.operations import heartbeat
from webapp.services.receivers import sending
from webapp.services.receivers.sending import Claim
from webapp.store import deliveries
from webapp.store.database import AWAY, db, reading
from webapp.worker.chores import CHORES, Chore

log = logging.getLogger(__name__)

IDLE_S = 0.5
"""How long to wait before looking again when there was nothing to do."""

HEARTBEAT_S = 5.0
AFTER_TROUBLE_S = 2.0

MOST_THREADS = 200
MOST_FOR_MAIL = 4
MOST_FOR_ONE = 2
"""Deliveries under way to one receiver at a time: one that hangs keeps two threads, not all."""


@dataclass
class _Due:
    """A chore, and when to do it next by the monotonic clock."""

    chore: Chore
    at: float = 0.0


class Worker:
    """Runs until ``stop`` is set. ``name`` tells workers apart in claims and heartbeats."""

    def __init__(
        self,
        app: Flask,
        *,
        stop: threading.Event,
        name: str = "",
        channels: Channels | None = None,
    ) -> None:
        self.app = app
        self.stop = stop
        self.name = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        config: Config = app.extensions["baton"]
        self.channels = channels or Channels(config)
        self._busy: Counter[str | None] = Counter()
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._chores = [_Due(each) for each in CHORES]
        self._beaten = float("-inf")

    def run(self) -> None:
        """Work until told to stop; then finish what is under way."""
        with ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="send") as pool:
            while not self.stop.is_set():
                try:
                    with self.app.app_context():
                        worked = self.turn(pool)
                except AWAY as problem:
                    # The database restarts, or is busy for longer than we wait.
                    log.warning("the database cannot be used just now: %s", _why(problem))
                    self.stop.wait(AFTER_TROUBLE_S)
                    continue
                if not worked:
                    self._done.wait(IDLE_S)
                    self._done.clear()
        try:
            with self.app.app_context():
                heartbeat.stop(self.name)
        except AWAY as problem:
            log.warning("the database did not hear that this worker stopped: %s", _why(problem))

    def turn(self, pool: ThreadPoolExecutor) -> bool:
        """Look once for everything there is to do. Says whether something was claimed."""
        if monotonic() - self._beaten >= HEARTBEAT_S:
            heartbeat.beat(self.name, detail={"sending": self._busy.total()})
            self._beaten = monotonic()
        due = [each for each in self._chores if monotonic() >= each.at]
        if due:
            # The database's clock: workers on several machines disagree, and one may be a day off.
            with reading():
                now = deliveries.clock()
            for chore in due:
                if chore.chore.aside:
                    chore.at = float("inf")
                    pool.submit(self._do_aside, chore, now)
                else:
                    self._do(chore, now)
        with self._lock:
            free = {each: _most(each) - busy for each, busy in self._busy.items()}
            room = MOST_THREADS - self._busy.total()
        if room <= 0:
            return False
        free.setdefault(None, MOST_FOR_MAIL)
        worked = False
        for each in sending.claim(by=self.name, free=free, otherwise=MOST_FOR_ONE, most=room):
            with self._lock:
                self._busy[each.connection_id] += 1
            pool.submit(self._send, each)
            worked = True
        return worked

    def _send(self, claim: Claim) -> None:
        """Send one. A fault of ours in it must end neither the thread nor the others."""
        try:
            with self.app.app_context():
                try:
                    sending.send(claim, self.channels)
                except AWAY:
                    raise
                except Exception as problem:
                    log.exception("delivery %s failed in a way nobody foresaw", claim.id)
                    db.session.rollback()
                    sending.stumbled(claim, problem)
        except AWAY as problem:
            # The lease runs out and somebody tries again; the attempt has been counted.
            log.warning("the database did not take what became of a delivery: %s", _why(problem))
        finally:
            with self._lock:
                self._busy[claim.connection_id] -= 1
                if not self._busy[claim.connection_id]:
                    del self._busy[claim.connection_id]
            self._done.set()

    def _do_aside(self, due: _Due, now: datetime) -> None:
        """Do a chore in a thread of its own; it is due again only when this time is over."""
        try:
            with self.app.app_context():
                self._do(due, now)
        except AWAY as problem:
            log.warning(
                "the chore %s has to wait for the database: %s", due.chore.name, _why(problem)
            )
            due.at = monotonic() + AFTER_TROUBLE_S

    def _do(self, due: _Due, now: datetime) -> None:
        pause = due.chore.every_s
        try:
            if due.chore.do(now) and due.chore.once_more_s is not None:
                pause = due.chore.once_more_s
        except AWAY:
            raise
        except Exception:
            # One chore that fails must not keep the leads from being delivered.
            log.exception("the chore %s failed", due.chore.name)
            db.session.rollback()
        finally:
            due.at = monotonic() + pause


def _why(problem: Exception) -> object:
    """The database's own words where it has any: SQLAlchemy adds the statement."""
    return getattr(problem, "orig", None) or type(problem).__name__


def _most(connection_id: str | None) -> int:
    return MOST_FOR_ONE if connection_id else MOST_FOR_MAIL
