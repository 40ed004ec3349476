"""What programs are given: what all schemas of answers have in common."""

from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

SOMETIMES = {"x-sometimes": True}
RECORD = {"allOf": [{"$ref": "#/components/schemas/HandoffRecord"}]}

LOCATION: dict[str, Any] = {
    "Location": {"description": "Where what was made is.", "schema": {"type": "string"}}
}


class Shown(Schema):
    """Every field is always there, unless its metadata say ``SOMETIMES``. Fields may be added
    within a version, so programs must bear some that they do not know."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = not field_obj.metadata.get("x-sometimes", False)


class Found(fields.List[Any]):
    """A list that is looked up for the row being shown."""

    def __init__(self, schema: type[Schema], find: Callable[[Any], Sequence[Any]]) -> None:
        super().__init__(fields.Nested(schema))
        self._find = find

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = None) -> Any:
        return self._find(obj)
