"""Text as it arrives from programs, made storable alike on every database."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from webapp.core import values


class Clean(fields.String):
    """A string without NUL and lone surrogates, which PostgreSQL or SQLite would choke on."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        return values.clean(super()._deserialize(value, attr, data, **kwargs))


def text(most: int, *, least: int = 0, **more: Any) -> Clean:
    """A string field of at most so many characters."""
    return Clean(validate=validate.Length(min=least, max=most), **more)
