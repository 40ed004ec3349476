"""Numbers on staff pages."""

from flask import Flask

from webapp.store.counts import MOST_COUNTED


def init_app(app: Flask) -> None:
    """Let templates say ``{{ number | counted }}``."""
    app.add_template_filter(counted)


def counted(number: int) -> str:
    """A number that was counted only so far, and is that or more."""
    return str(number) if number < MOST_COUNTED else f"{MOST_COUNTED - 1}+"
