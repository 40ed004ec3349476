"""Visitors who answer as fast as they are asked, keep note of every answer the server took, and
send an answer again until it is taken, as the page's own script does."""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

from webapp.cli.drill.pages import Form, question_form
from webapp.services.prospects.receipts import HEADER

PATIENCE = 180.0
"""Seconds without any answer taken from anybody, after which something hangs. While others are
answered one visitor may be out of luck for long: the server is killed again before their turn."""

READING = 1.2
"""Seconds a first page is looked at. Who answers sooner is taken for a program, and rightly so."""
AT_ONCE = 20

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Taken:
    """One answer that the server said it has. ``address`` holds the conversation's token;
    ``receipt`` is None from a release that gave none, and where another question was put."""

    address: str
    question: str
    answer: str
    receipt: str | None = None


class Reply(NamedTuple):
    """``address`` is where to go on, ``html`` the page, if it came along."""

    status: int
    address: str
    html: str
    receipt: str | None


class Visitors:
    """So many visitors at once, one conversation after another each. With several ports, each
    request goes to the next one, as a proxy in front of several machines would have it."""

    def __init__(self, ports: Sequence[int], flow: str, count: int) -> None:
        self.taken: list[Taken] = []
        self.refused = 0
        self.surprises: list[str] = []
        self._ports = itertools.cycle(ports)
        self._first_page = f"/f/{flow}"
        self._over = threading.Event()
        self._last_taken = time.monotonic()
        self._threads = [threading.Thread(target=self._visit) for _ in range(count)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let everybody finish the answer being given, and no more."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, *, answers: int = 0, refusals: int = 0) -> None:
        """Wait until so many more answers were taken, and so many more refused for now."""
        answers += len(self.taken)
        refusals += self.refused
        self._last_taken = time.monotonic()
        while len(self.taken) < answers or self.refused < refusals:
            if self.surprises:
                raise RuntimeError(self.surprises[0])
            if self._hangs():
                raise RuntimeError(f"Nothing more happened in {PATIENCE:g} s.")
            time.sleep(0.005)

    def _visit(self) -> None:
        try:
            for who, first in self._first_forms():
                form: Form | None = first
                while form is not None and not self._over.is_set():
                    form = self._answer(form, who)
        except (OSError, RuntimeError) as problem:
            self.surprises.append(str(problem))

    def _first_forms(self) -> Iterator[tuple[int, Form]]:
        """First pages, several looked at together: the time for reading is waited for only once."""
        while not self._over.is_set():
            pages = [(next(_numbers), self._question(self._first_page)) for _ in range(AT_ONCE)]
            self._over.wait(READING)
            for who, form in pages:
                if form is None:
                    raise RuntimeError(f"GET {self._first_page} asks nothing.")
                if not self._over.is_set():
                    yield who, form

    def _answer(self, form: Form, who: int) -> Form | None:
        answer = form.something(who)
        reply = self._call("POST", form.action, form.body(answer))
        self.taken.append(Taken(reply.address, form.question, answer, reply.receipt))
        self._last_taken = time.monotonic()
        return question_form(reply.html) if reply.html else self._question(reply.address)

    def _question(self, path: str) -> Form | None:
        return question_form(self._call("GET", path).html)

    def _call(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """One request until it is answered."""
        instead: Counter[int] = Counter()
        while True:
            try:
                reply = self._send(method, path, body)
            except (OSError, http.client.HTTPException):
                status = 0  # nobody there, or gone before answering
            else:
                status = reply.status
                if status in (200, 303):
                    return reply
            if status in (429, 503):
                self.refused += 1
            elif status:
                raise RuntimeError(f"{method} {path} answered {status}.")
            instead[status] += 1
            if self._hangs():
                told = ", ".join(
                    f"{times} x {each or 'nothing'}" for each, times in instead.items()
                )
                raise RuntimeError(f"{method} {path} was not taken, but answered {told}.")
            time.sleep(0.02)

    def _hangs(self) -> bool:
        return time.monotonic() - self._last_taken > PATIENCE

    def _send(self, method: str, path: str, body: bytes | None) -> Reply:
        who = threading.get_ident()
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": f"2001:db8:{who & 0xFFFF:x}:{next(_numbers) & 0xFFFF:x}::1",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        server = http.client.HTTPConnection("127.0.0.1", next(self._ports), timeout=10)
        with closing(server) as connection:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                address = response.headers.get("Location", path)
                html = response.read().decode() if response.status == 200 else ""
                return Reply(response.status, address, html, response.headers.get(HEADER))
