"""How soon a demo request reaches its rep: from the last answer to their mailbox, and to the desk
that they have open, while other visitors answer. In seconds, so read the load beside it too."""

import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from html import unescape
from http import HTTPStatus
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from tests.bench import product
from tests.bench.answers import get, post
from tests.bench.load import exchange
from tests.bench.servers import WORKERS, serving
from tests.fixtures.mailbox import Mailbox, taking_mail
from tests.fixtures.people import FarColleague
from tests.services.conftest import Prospect
from tests.services.selling import asks_for_a_demo
from tests.waiting import eventually
from webapp.cli.drill.pages import Form, question_form
from webapp.services.accounts import staff
from webapp.services.sales import assignment
from webapp.store import sites
from webapp.store.database import db

ANSWERS_A_SECOND = 50
VISITORS = 64
"""So many that each reads for longer than the product takes for a person's least."""

REQUESTS = 40
A_REQUEST_EVERY_S = 0.9
READS_FOR_S = 1.2
A_LONG_WAIT_S = 120.0

REP = "carla@example.com"
COMPANY = "watched.example"
"""Of whom the rep's first lead was: all who ask from there are hers, and of the others none."""

Moments = dict[str, float]


def report(database: str, folder: Path, url: str) -> Iterator[str]:
    box, stop = Clocked(), threading.Event()
    with ExitStack() as stack:
        stack.enter_context(taking_mail(box))
        app = product.prepare(folder, url)
        password = _hire(app)
        port = stack.enter_context(_served(folder, url, box.url))
        desk = Desk(FarColleague(port, REP, password), stop)
        others = [Visitor(port, n, stop) for n in range(VISITORS)]
        for each in (desk, *others):
            each.start()
            stack.callback(each.join)
        stack.callback(stop.set)
        eventually(lambda: all(each.answers for each in others))
        began, before = time.monotonic(), sum(each.answers for each in others)
        ended = _ask(port)
        seconds, given = time.monotonic() - began, sum(each.answers for each in others) - before
        with suppress(AssertionError):  # then fewer came than ended, which the table says
            eventually(lambda: ended.keys() <= box.arrived.keys() & desk.arrived.keys())
        busy = os.getloadavg()[0]
    rate = given / seconds
    yield f"A demo request reaches its rep, {database}"
    yield f"seconds from its last answer, {rate:.0f} answers a second beside it, load {busy:.1f}"
    yield f"{'':24}{'came':>12}{'p50':>8}{'p95':>8}{'most':>8}"
    yield _row("mailbox", ended, box.arrived)
    yield _row(f"desk, asks every {desk.period:g} s", ended, desk.arrived)
    yield ""


def _row(where: str, ended: Moments, arrived: Moments) -> str:
    waits = sorted(arrived[each] - at for each, at in ended.items() if each in arrived)
    came = f"{where:24}{f'{len(waits)} of {REQUESTS}':>12}"
    if not waits:
        return came
    p50, p95 = (waits[int(len(waits) * share)] for share in (0.5, 0.95))
    return f"{came}{p50:>8.2f}{p95:>8.2f}{waits[-1]:>8.2f}"


class Clocked(Mailbox):
    """Notes when the first mail about each prospect came: replying to it writes to them."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: Moments = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        told = await super().handle_DATA(server, session, envelope)
        self.arrived.setdefault(str(self.messages[-1]["Reply-To"]), time.monotonic())
        return told


class Desk(threading.Thread):
    """The rep's open desk. It asks as the page does: where the page says, as often as it says."""

    def __init__(self, rep: FarColleague, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.rep, self.stop = rep, stop
        self.arrived: Moments = {}
        self.period, self._address = 0.0, ""
        self._read(rep.get("/desk"))

    def run(self) -> None:
        while not self.stop.wait(self.period):
            if shown := self.rep.get(self._address, **{"HX-Request": "true"}):
                self._read(shown)

    def _read(self, shown: str) -> None:
        polling = re.search(r'hx-get="([^"]+)" hx-trigger="every (\d+)s"', shown)
        assert polling, "the inbox asks for what is new"
        self._address, self.period = unescape(polling[1]), float(polling[2])
        for email in re.findall(rf"[\w.]+@{COMPANY}", shown):
            self.arrived.setdefault(email, time.monotonic())


class Visitor(threading.Thread):
    """Answers one conversation after the other; together as many a second as were asked for."""

    def __init__(self, port: int, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.number, self.stop = port, number, stop
        self.answers = 0

    def run(self) -> None:
        period, who = VISITORS / ANSWERS_A_SECOND, self.number
        due = time.monotonic() + period * self.number / VISITORS
        form: Form | None = None
        while not self.stop.wait(max(0.0, due - time.monotonic())):
            if form is None:
                who += VISITORS
                form = _first(self.port)
            else:
                form = _answer(self.port, form, form.something(who))
                self.answers += 1
            due = max(due + period, time.monotonic())


def _first(port: int) -> Form | None:
    return _asked(port, get(f"/f/{product.FLOW}"))


def _answer(port: int, form: Form, value: str) -> Form | None:
    """The next question, None after the last."""
    return _asked(port, post(form.action, form.body(value)))


def _asked(port: int, request: bytes) -> Form | None:
    """What the product asks then. Where it is too busy it says so, and people try again."""
    while True:
        status, _, page = exchange(port, request, A_LONG_WAIT_S)
        if status != HTTPStatus.SERVICE_UNAVAILABLE:
            return question_form(page.decode())
        time.sleep(READS_FOR_S)


def _ask(port: int) -> Moments:
    """Have people ask for a demo, one after the other; when each had their last answer taken."""
    ended: Moments = {}

    def asks(email: str) -> None:
        form = _first(port)
        while form is not None:
            time.sleep(READS_FOR_S)
            value = email if form.question == "email" else form.something()
            form = _answer(port, form, value)
        ended[email] = time.monotonic()

    people = [
        threading.Thread(target=asks, args=[f"ada{n}@{COMPANY}"], daemon=True)
        for n in range(REQUESTS)
    ]
    for each in people:
        each.start()
        time.sleep(A_REQUEST_EVERY_S)
    for each in people:
        each.join()
    return ended


def _hire(app: Flask) -> str:
    """Carla, who has somebody of the company already; returns her password."""
    now = datetime.now(UTC)
    with app.app_context():
        row, password = staff.add(REP, role="rep", by="the bench", now=now)
        row.one_time = False  # she has chosen it herself
        site = sites.first()
        assert site is not None
        lead = asks_for_a_demo(Prospect(site, now), "first", f"first@{COMPANY}")
        assignment.reassign(lead.id, to=REP, by="the bench", now=now)
        db.session.commit()
        db.engine.dispose()
    return password


@contextmanager
def _served(folder: Path, url: str, mail: str) -> Iterator[int]:
    """Everything that ``baton serve`` runs, its worker too; says at which port."""
    environ = {
        "BATON_DATA_DIR": str(folder),
        "BATON_DATABASE_URL": url,
        "BATON_SECRET_KEY": product.SECRET_KEY,
        "BATON_TRUSTED_PROXIES": "1",
        "BATON_SMTP_URL": f"{mail}?from=baton@q.example",
    }
    command = [sys.executable, "-m", "webapp.cli", "serve", "--port", "0"]
    with serving([*command, f"--workers={WORKERS}"], folder / "product.log", environ) as server:
        yield server.port
