"""Cursors: where a page ended, by instant and id, so that new rows never shift the next page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response, abort

from webapp.web.api.inputs import EARLIEST, LATEST
from webapp.web.api.problems import problem

Place = tuple[datetime, str]


def after(found: Sequence[Any], limit: int) -> str | None:
    """The cursor behind a page, where one more row than the page holds was found."""
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return urlsafe_b64encode(f"{last.created_at.isoformat()} {last.id}".encode()).decode()


def read(cursor: str | None) -> Place | None:
    """What ``after`` wrote; an end with 422 that names the field for anything else."""
    if not cursor:
        return None
    try:
        at, _, id = urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        place = datetime.fromisoformat(at)
    except ValueError:
        abort(_unknown())
    if place.tzinfo is None or not id.isprintable() or not id or not EARLIEST <= place <= LATEST:
        abort(_unknown())
    return place, id


def _unknown() -> Response:
    told = "Send what next of the page before says, or nothing for the first page."
    return problem(422, told, [("cursor", told)])
