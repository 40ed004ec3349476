"""A limit of time that people give a command."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import click

from webapp.core.proof.moments import OutOfTime, Tick


def seconds_option(default: float, help: str) -> Callable[[Any], Any]:
    return click.option(
        "--seconds", type=click.FloatRange(min=0), default=default, show_default=True, help=help
    )


def within(seconds: float) -> Tick:
    """A limit in seconds from now."""
    end = monotonic() + seconds

    def tick() -> None:
        if monotonic() > end:
            raise OutOfTime

    return tick
