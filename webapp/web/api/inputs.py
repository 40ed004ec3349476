"""What arrives from programs: just what its schema says, storable alike on every database."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from webapp.core import values

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""At the ends of the calendar an instant cannot be said in another zone."""


class Sent(Schema):
    """What a program sends. A field we do not know is refused: it was meant to do something."""

    class Meta:
        unknown = RAISE


class Clean(fields.String):
    """A string without NUL and lone surrogates, which PostgreSQL or SQLite would choke on. What is
    said of its length holds for the string as it was sent too."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        sent = super()._deserialize(value, attr, data, **kwargs)
        cleaned = values.clean(sent)
        if cleaned is not sent:
            self._validate(sent)
        return cleaned


class Flag(fields.Boolean):
    """True or false, and no word or number that stands for one."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Amount(fields.Decimal):
    """A number, and no text that looks like one."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if isinstance(value, bool | str):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


def text(most: int, *, least: int = 0, **more: Any) -> Clean:
    """A string field of at most so many characters."""
    return Clean(validate=validate.Length(min=least, max=most), **more)


def instant(**more: Any) -> fields.AwareDateTime:
    """An instant in the years that anybody means."""
    sensible = validate.Range(min=EARLIEST, max=LATEST)
    return fields.AwareDateTime(default_timezone=UTC, validate=sensible, **more)
