"""How commands speak of problems: sentences on stderr for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import click

from webapp.core.errors import Problem


def print_problems(problems: Iterable[Problem]) -> None:
    """One line for each on stderr, errors in red, so that stdout stays data."""
    for problem in problems:
        click.secho(problem, fg="red" if problem.severity == "error" else "yellow", err=True)


def refuse(problems: Sequence[Problem], *, for_programs: bool) -> NoReturn:
    """End the command over files that cannot be used."""
    print_problems(problems)
    if for_programs:
        print_json({"ok": False, "problems": [as_json(each) for each in problems]})
    raise SystemExit(1)


def as_json(problem: Problem) -> dict[str, Any]:
    """A problem for programs."""
    return {
        "severity": problem.severity,
        "file": problem.where.file,
        "line": problem.where.line,
        "column": problem.where.column,
        "what": problem.what,
        "fix": problem.fix,
    }


def print_json(document: object) -> None:
    """A document on one line."""
    click.echo(json.dumps(document, ensure_ascii=False))


def count(number: int, noun: str) -> str:
    """``1 flow``, ``2 flows``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
