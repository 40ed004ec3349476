"""What a file is made of: nodes that know their place, their text as written and whom to tell."""

from dataclasses import dataclass, field

from webapp.core.errors import Where
from webapp.flow_files.problems import Fix, Problems


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One piece of a file. Whoever cannot use it refuses it, which is how problems are found."""

    where: Where
    problems: Problems = field(repr=False)

    def refuse(self, what: str, fix: str | Fix) -> None:
        self.problems.error(self.where, what, fix)

    def warn(self, what: str, fix: str | Fix) -> None:
        self.problems.warning(self.where, what, fix)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar(Node):
    """``text`` is as written (``050`` is "050"); ``plain`` says that it stood without quotes."""

    text: str
    plain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Items(Node):
    """A YAML sequence."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entries(Node):
    """A YAML mapping, never empty, each key once."""

    entries: tuple[tuple[Scalar, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Absent(Node):
    """Stands where a node is missing or was refused already: refusing it again says nothing."""

    def refuse(self, what: str, fix: str | Fix) -> None:
        """Somebody was told before."""

    def warn(self, what: str, fix: str | Fix) -> None:
        """Somebody was told before."""
