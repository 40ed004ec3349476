"""Text as it arrives from programs, made storable alike on every database."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from flask import Response, request
from marshmallow import fields, validate

from webapp.core import values
from webapp.web.api.problems import problem

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""At the ends of the calendar an instant cannot be said in another zone."""


class Clean(fields.String):
    """A string without NUL and lone surrogates, which PostgreSQL or SQLite would choke on."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        return values.clean(super()._deserialize(value, attr, data, **kwargs))


def text(most: int, *, least: int = 0, **more: Any) -> Clean:
    """A string field of at most so many characters."""
    return Clean(validate=validate.Length(min=least, max=most), **more)


def instant(**more: Any) -> fields.AwareDateTime:
    """An instant in the years that anybody means."""
    sensible = validate.Range(min=EARLIEST, max=LATEST)
    return fields.AwareDateTime(default_timezone=UTC, validate=sensible, **more)


def refuse_what_is_no_json() -> Response | None:
    """A 400 for a body that Python's reader chokes on, or takes although it is no JSON: numbers of
    thousands of digits, NaN, and brackets nested thousands deep."""
    if not request.is_json:
        return None
    try:
        json.loads(request.get_data(cache=True) or b"null", parse_constant=_no_number)
    except (ValueError, RecursionError):
        return problem(400, "The body is not JSON.")
    return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
