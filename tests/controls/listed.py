"""The list of controls: what can be taken out of the tree, and which tests must notice."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("controls.yaml")
THREATS = ROOT / "docs" / "security.md"


@dataclass(frozen=True)
class Control:
    """``new`` in the place of ``old`` takes it out of ``file``; then all of ``tests`` must fail."""

    threat: str
    name: str
    file: str
    old: str
    new: str
    tests: list[str]

    def taken_out(self, text: str) -> str:
        """The file's text without it. Raises: LookupError where that cannot be said for sure."""
        if (found := text.count(self.old)) != 1:
            raise LookupError(f"{self.name}: `old` stands in {self.file} {found} times, not once")
        return text.replace(self.old, self.new)


def controls() -> list[Control]:
    by_threat = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return [Control(threat, **each) for threat, some in by_threat.items() for each in some]


def threats() -> list[str]:
    """What could happen: the first cell of each row of the table of threats."""
    rows = re.findall(r"^\| (.+?) \|", THREATS.read_text(encoding="utf-8"), re.MULTILINE)
    return rows[1:]


def stale(control: Control) -> str | None:
    """Why the entry says nothing any more about the tree as it is; None while it does."""
    try:
        control.taken_out((ROOT / control.file).read_text(encoding="utf-8"))
        gone = [each for each in control.tests if not _is_there(each)]
    except (LookupError, OSError) as problem:
        return str(problem)
    return f"{control.name}: there is no {gone[0]}" if gone else None


def _is_there(test: str) -> bool:
    file, *_, name = test.split("::")
    return f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
