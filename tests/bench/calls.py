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
    """One cost per answer, of a newcomer's conversation from its first question to its last.

    Calls are counted in one conversation and what the database is told in the next: to hear of
    each statement takes calls too, of which the references make none.
    """
    for who in range(1, WARM_UP + 1):
        list(_answers(app, _opened(app, flow), who))
    effort = list(_answers(app, _opened(app, flow), WARM_UP + 1))
    form = _opened(app, flow)
    counts = {"statements": 0, "commits": 0}

    def on_statement(*_: object) -> None:
        counts["statements"] += 1

    def on_commit(*_: object) -> None:
        counts["commits"] += 1

    costs = []
    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    try:
        again = _answers(app, form, WARM_UP + 2)
        for (calls, size), _ in zip(effort, again, strict=True):
            costs.append(Cost(calls, **counts, size=size))
            counts.update(statements=0, commits=0)
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
        event.remove(engine, "commit", on_commit)
    return costs


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


def _opened(app: Flask, flow: str) -> Form:
    form = question_form(Client(app).get(f"/f/{flow}").text)
    assert form is not None
    return form


def _answers(app: Flask, first: Form, who: int) -> Iterator[tuple[int, int]]:
    """The calls of each answer, and the bytes it was answered with."""
    form: Form | None = first
    while form is not None:
        calls, page = _answer(app, form, who)
        yield calls, len(page)
        form = question_form(page.decode())


def _answer(app: Flask, form: Form, who: int) -> tuple[int, bytes]:
    builder = EnvironBuilder(
        path=form.action,
        method="POST",
        data=form.body(form.something(who)),
        content_type="application/x-www-form-urlencoded",
        headers=[*HTMX.items()],
    )
    environ = builder.get_environ()
    with counting() as effort:
        body, status, _ = run_wsgi_app(app, environ, buffered=True)
    assert status.startswith("200"), status
    return effort.calls, b"".join(body)
