"""The application as commands use it: settings that cannot be used end the command with code 2."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp import create_app
from webapp.config import Config, ConfigError, from_environment
from webapp.core.errors import BatonError
from webapp.store import schema
from webapp.store.database import address, db


def configured(**changes: Any) -> Config:
    """The settings from the environment, with what the command line says instead."""
    try:
        return replace(from_environment(), **changes)
    except ConfigError as error:
        for problem in error.problems:
            click.secho(problem, fg="red", err=True)
        raise SystemExit(2) from None


@contextmanager
def application(config: Config | None = None) -> Iterator[Flask]:
    """The application, with its context around the block. What is refused there, or a database that
    is away, ends the command in words."""
    app = create_app(config or configured())
    try:
        with app.app_context():
            yield app
            # Processes forked from here must not inherit an open SQLite file: closing their copy
            # would drop the locks that they hold on it themselves.
            db.session.remove()
            db.engine.dispose()
    except BatonError as refusal:
        fail(refusal)
    except DBAPIError as error:
        what = str(error.orig).strip().split("\n")[0].removesuffix(".")
        more = to_upgrade(app) or "baton doctor says more."
        fail(f"The database did not take it: {what}. {more}")


def to_upgrade(app: Flask) -> str | None:
    """What to do first about a database that misses something; None where it misses nothing, or
    does not answer."""
    with app.app_context():
        try:
            behind = schema.behind()
        except DBAPIError:
            return None
        return behind and f"{behind} If {address()} is the right one, run baton db upgrade."


def fail(why: object) -> NoReturn:
    """End the command: a problem was found."""
    click.secho(str(why), fg="red", err=True)
    raise SystemExit(1)


def now() -> datetime:
    return datetime.now(UTC)
