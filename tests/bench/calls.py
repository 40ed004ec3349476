"""What one answer costs in counts, which no busy machine can blur: calls, statements, commits."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from tests.bench import references
from tests.effort import counting
from webapp.cli.drill.pages import Form, question_form

HTMX = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
WARM_UP = 2


@dataclass(frozen=True)
class Cost:
    calls: int
    statements: int
    commits: int
    size: int
    """Bytes of what was answered."""


def of_product(app: Flask, engine: Engine, flow: str) -> list[Cost]:
    """One cost per answer, of a newcomer's conversation from its first question to its last."""
    for who in range(1, WARM_UP + 1):
        list(_conversation(app, engine, flow, who))
    return list(_conversation(app, engine, flow, WARM_UP + 1))


def of_reference(app: Flask) -> int:
    """The median number of calls of a reference's answer."""
    counts = []
    for number in range(WARM_UP + 9):
        data = {"lead": "1", "question": f"q{number % references.QUESTIONS}", "value": "yes"}
        builder = EnvironBuilder(path="/", method="POST", data=data)
        environ = builder.get_environ()
        with counting() as effort:
            run_wsgi_app(app, environ)
        counts.append(effort.calls)
    return int(median(counts[WARM_UP:]))


def _conversation(app: Flask, engine: Engine, flow: str, who: int) -> Iterator[Cost]:
    form = question_form(Client(app).get(f"/f/{flow}").text)
    assert form is not None
    while form is not None:
        cost, form = _answer(app, engine, form, who)
        yield cost


def _answer(app: Flask, engine: Engine, form: Form, who: int) -> tuple[Cost, Form | None]:
    builder = EnvironBuilder(
        path=form.action,
        method="POST",
        data=form.body(form.something(who)),
        content_type="application/x-www-form-urlencoded",
        headers=[*HTMX.items()],
    )
    environ = builder.get_environ()
    said: list[bytes] = []
    counts = {"statements": 0, "commits": 0}

    def send() -> None:
        body, status, _ = run_wsgi_app(app, environ, buffered=True)
        said.append(b"".join(body))
        assert status.startswith("200"), status

    def on_statement(*_: object) -> None:
        counts["statements"] += 1

    def on_commit(*_: object) -> None:
        counts["commits"] += 1

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    try:
        with counting() as effort:
            send()
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
        event.remove(engine, "commit", on_commit)
    return Cost(effort.calls, **counts, size=len(said[0])), question_form(said[0].decode())
