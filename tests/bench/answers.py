"""How fast an answer is, side by side with the references, in alternating one-second windows."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench import goals, references
from tests.bench.load import Caller, Window, exchange, median, window
from tests.bench.servers import Server, gunicorn
from webapp.cli.drill.pages import question_form

CONNECTIONS = 8
MANY_CONNECTIONS = 32
PAIRS = 5
BEGUN = 12
"""Conversations that each caller has begun before a window of answers alone."""
_people = itertools.count(1)
_addresses = itertools.count(1)
HEADER = "{:24}{:>9}{:>9}{:>9}{:>11}{:>11}{:>9}"


@dataclass(frozen=True)
class Contender:
    name: str
    server: Server
    callers: Sequence[Caller]

    def run(self, seconds: float = 1.0) -> Window:
        for caller in self.callers:
            if isinstance(caller, Midway):
                caller.begin(self.server.port)
        return window(self.server.port, self.callers, self.server.process, seconds)


class Poster:
    """Sends the references their form, for one lead after another."""

    def __init__(self, first: int) -> None:
        self._numbers = itertools.count(first * 7919)

    def next_request(self) -> bytes:
        number = next(self._numbers)
        lead, question = number % references.LEADS, f"q{number % references.QUESTIONS}"
        return post("/", {"lead": str(lead), "question": question, "value": "yes"})

    def take(self, status: int, head: bytes, body: bytes) -> bool:
        return status == 200


class Prospect:
    """Answers a flow from its first question to its last, over and over. Only answers count."""

    def __init__(self, flow: str) -> None:
        self._page = f"/f/{flow}"
        self._next = get(self._page)
        self._answering = False
        self._who = next(_people)

    def next_request(self) -> bytes:
        return self._next

    def take(self, status: int, head: bytes, body: bytes) -> bool:
        answered = self._answering and status == 200
        form = question_form(body.decode()) if status in (200, 422) else None
        self._answering = form is not None
        if form is None:
            self._next, self._who = get(self._page), next(_people)
        else:
            self._next = post(form.action, form.body(form.something(self._who)))
        return answered


class Midway(Prospect):
    """Gives the answers in the middle of a conversation and nothing else, as the references do:
    conversations are begun between the windows, and none is brought to its end."""

    def __init__(self, flow: str, last: str) -> None:
        super().__init__(flow)
        self._last = last
        self._begun: list[bytes] = []

    def begin(self, port: int) -> None:
        """Have enough conversations at hand for the next window."""
        while len(self._begun) < BEGUN:
            self._next, self._answering = get(self._page), False
            for _ in range(2):
                super().take(*exchange(port, self._next))
            self._begun.append(self._next)
        self._go_on()

    def take(self, status: int, head: bytes, body: bytes) -> bool:
        counts = super().take(status, head, body)
        if f'name="question" value="{self._last}"'.encode() in body:
            self._go_on()
        return counts

    def _go_on(self) -> None:
        """With another conversation or, should all be used up, with a new one from its page."""
        self._answering = bool(self._begun)
        self._next = self._begun.pop() if self._begun else get(self._page)


class ProspectsProgram:
    """The same without a page: runs a flow by API, over and over. Only answers count."""

    def __init__(self, flow: str, site_key: str) -> None:
        self._begin = {"flow": flow, "site": site_key}
        self._conversation: dict[str, str] = {}
        self._question: dict[str, Any] | None = None
        self._who = next(_people)

    def next_request(self) -> bytes:
        if self._question is None:
            return post_json("/api/v1/conversations", self._begin)
        path = f"/api/v1/conversations/{self._conversation['conversation']}/answers"
        body = {"question": self._question["id"], "value": self._something(self._question)}
        return post_json(path, body, self._conversation["token"])

    def take(self, status: int, head: bytes, body: bytes) -> bool:
        answered = self._question is not None and status == 200
        told = json.loads(body) if status in (200, 201) else {}
        if status == 201:
            self._conversation, self._who = told, next(_people)
        self._question = told.get("state", {}).get("question")
        return answered

    def _something(self, question: dict[str, Any]) -> str:
        if choices := question["choices"]:
            return str(choices[self._who % len(choices)]["id"])
        typed = {"email": f"p{self._who}@company{self._who}.example", "phone": "+442079460958"}
        return typed.get(question["type"], f"{self._who}")


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()


def post(path: str, body: bytes | dict[str, str]) -> bytes:
    """A form post as htmx sends it, so that the answer is the next question and no redirect.

    Each comes from an address of its own, or the limit for one address would stop it.
    """
    if isinstance(body, dict):
        body = urlencode(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nHX-Request: true\r\n"
        f"X-Forwarded-For: 2001:db8::{next(_addresses) & 0xFFFF:x}:1:1\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def post_json(path: str, body: dict[str, Any], bearer: str = "") -> bytes:
    """A call as a program makes it, each from an address of its own."""
    sent = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"X-Forwarded-For: 2001:db8::{next(_addresses) & 0xFFFF:x}:1:1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
    )
    if bearer:
        head += f"Authorization: Bearer {bearer}\r\n"
    return f"{head}\r\n".encode() + sent


def contend(contenders: Sequence[Contender], pairs: int) -> dict[str, list[Window]]:
    """Give each contender its window in turn, round after round, after one to warm up."""
    for contender in contenders:
        contender.run()
    windows: dict[str, list[Window]] = {contender.name: [] for contender in contenders}
    for _ in range(pairs):
        for contender in contenders:
            windows[contender.name].append(contender.run())
    return windows


def table(windows: dict[str, list[Window]], *, unit: str) -> Iterator[str]:
    """Each contender's medians, and its rate as a share of ``unit``'s in the same round."""
    yield HEADER.format("", "answers/s", f"of {unit}", "p50 ms", "p99/p50", "CPU us", "errors")
    for name, rounds in windows.items():
        shares = [
            mine.rate / theirs.rate for mine, theirs in zip(rounds, windows[unit], strict=True)
        ]
        yield HEADER.format(
            name,
            f"{median([each.rate for each in rounds]):.0f}",
            f"{median(shares):.2f}",
            f"{median([each.percentile(0.5) for each in rounds]) * 1e3:.1f}",
            f"{median([each.tail for each in rounds]):.1f}",
            f"{median([each.cpu_us for each in rounds]):.0f}",
            str(sum(each.errors for each in rounds)),
        )


def note(windows: dict[str, list[Window]], database: str) -> None:
    """What of this was to be reached."""
    ours, core, bare = windows["product"], windows["core"], windows["bare"]
    shares = [mine.rate / theirs.rate for mine, theirs in zip(ours, core, strict=True)]
    costs = [mine.cpu_us / theirs.cpu_us for mine, theirs in zip(ours, bare, strict=True)]
    crowded = windows[f"product, at {MANY_CONNECTIONS}"]
    goals.note("rate", median(shares), database)
    goals.note("cpu", median(costs), database)
    goals.note("tail", median([each.tail for each in ours]), database)
    goals.note("errors", sum(each.errors for each in crowded), database)


def start_references(
    stack: ExitStack, folder: Path, new_database: Callable[[str], str]
) -> list[Contender]:
    """The references, each on a server and a database of its own."""
    contenders = []
    for name in ("bare", "core", "orm"):
        arguments = ""
        if name != "bare":
            url = new_database(name)
            references.fill(url)
            arguments = repr(url)
        app = f"tests.bench.references:{name}({arguments})"
        server = stack.enter_context(gunicorn(app, folder / f"{name}.log"))
        contenders.append(Contender(name, server, [Poster(i) for i in range(CONNECTIONS)]))
    return contenders


def check_that_it_asks(server: Server, flow: str) -> None:
    """Fail early, in words, if the product does not serve the flow as the bench expects."""
    status, _, body = exchange(server.port, get(f"/f/{flow}"))
    if status != 200 or question_form(body.decode()) is None:
        raise SystemExit(
            f"GET /f/{flow} answered {status} and asks no question: nothing to measure."
        )
