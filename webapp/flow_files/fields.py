"""The fields of one mapping: those it needs, those it may have, and none besides."""

from types import TracebackType
from typing import Literal, Self, TypeVar, overload

from webapp.flow_files.nodes import Absent, Entries, Node, Scalar
from webapp.flow_files.problems import Fix, did_you_mean, quoted
from webapp.flow_files.readers import Reader, kind

T = TypeVar("T")
D = TypeVar("D")


class Fields:
    """The fields of one mapping. On leaving, keys nobody asked for are refused.

    with Fields(node, "a tier") as tier:
        return Tier(id=tier.need("id", name_id), least=tier.get("from", whole()))
    """

    def __init__(self, node: Node, of: str, *, says: str = "") -> None:
        self.node = node
        self.of = of
        self.given: dict[str, tuple[Scalar, Node]] = {}
        self.asked: dict[str, None] = {}
        if isinstance(node, Entries):
            self.given = {key.text: (key, value) for key, value in node.entries}
        else:
            node.refuse(
                f"{of.capitalize()} is a mapping, not {kind(node)}.", says or "Write `key: ..`."
            )

    def need(self, key: str, reader: Reader[T], fix: str = "") -> T:
        """Read a field that must be there."""
        if key not in self and isinstance(self.node, Entries):
            self.node.refuse(f"`{key}` is missing.", fix or f"Add `{key}:` to {self.of}.")
        return reader(self.at(key))

    @overload
    def get(self, key: str, reader: Reader[T]) -> T | None: ...
    @overload
    def get(self, key: str, reader: Reader[T], default: D) -> T | D: ...
    def get(self, key: str, reader: Reader[T], default: D | None = None) -> T | D | None:
        """Read a field that may be left out."""
        return reader(self.at(key)) if key in self else default

    def at(self, key: str) -> Node:
        """The field's node; ``Absent`` if it was left out."""
        self.asked[key] = None
        return (
            self.given[key][1] if key in self.given else Absent(self.node.where, self.node.problems)
        )

    def __contains__(self, key: str) -> bool:
        self.asked[key] = None
        return key in self.given

    def together(self, *keys: str) -> list[str]:
        """Which of the keys were given."""
        return [key for key in keys if key in self]

    def refuse(self, key: str, what: str, fix: str | Fix) -> None:
        """Refuse a field that was given, for a reason its own reader cannot know."""
        self.given[key][0].refuse(what, fix)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        if error is None:
            for name, (key, _) in self.given.items():
                if name not in self.asked:
                    key.refuse(
                        f"{quoted(name)} is not a key of {self.of}.",
                        did_you_mean(name, self.asked, "Delete it.", else_take_out=True),
                    )
        return False
