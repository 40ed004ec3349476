"""What a proof says: findings with a place, a sentence and a visitor, and facts about each flow."""

from dataclasses import dataclass, field
from typing import Literal

from webapp.core.errors import Where
from webapp.core.proof.told import POINTS, Remedy, Verdict
from webapp.core.proof.visitor import Visitor


@dataclass(frozen=True)
class Finding:
    """One thing found. A ``note`` is worth knowing and refutes nothing.

    ``visitor`` is somebody for whom it is so, confirmed by the engine. Where a point is not
    proved, ``sentence`` gives the reason.
    """

    point: int
    kind: Literal["refuted", "not proved", "note"]
    where: Where
    sentence: str
    flow: str | None = None
    visitor: Visitor | None = None
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Extreme:
    """A least or greatest number, with a visitor who has it.

    Without a visitor the number is a bound that nobody was found to reach. ``open_ended`` says
    that some rule counts without a limit.
    """

    number: int
    visitor: Visitor | None
    open_ended: bool = False


@dataclass(frozen=True)
class Spread:
    """Numbers of one flow, for fresh visitors or for all."""

    fewest: Extreme
    most: Extreme
    least: Extreme
    greatest: Extreme


@dataclass(frozen=True)
class Use:
    """What a question is used for: ``score route gate icp question team ending guidance contact``.

    ``only_the_rep`` says that nothing but people ever looks at the answer.
    """

    question: str
    uses: tuple[str, ...]

    @property
    def only_the_rep(self) -> bool:
        return not set(self.uses) - {"guidance"}


@dataclass(frozen=True)
class Share:
    """How many classes of fresh visitors end at a destination."""

    destination: str
    classes: int
    visitor: Visitor | None = None


@dataclass(frozen=True)
class FlowReport:
    """Facts about one flow. What is None could not be worked out in time.

    ``uncounted`` says that there was no time for the shares.
    """

    flow: str
    fresh: Spread | None = None
    anybody: Spread | None = None
    shares: tuple[Share, ...] = ()
    uncounted: bool = False
    uses: tuple[Use, ...] = ()

    @property
    def classes(self) -> int:
        return sum(share.classes for share in self.shares)


@dataclass(frozen=True)
class Proof:
    """The verdict on a release: point by point, with everything found on the way."""

    findings: tuple[Finding, ...]
    flows: tuple[FlowReport, ...]
    checked: frozenset[int] = field(default_factory=lambda: frozenset(POINTS))

    def verdict(self, point: int) -> Verdict:
        kinds = {finding.kind for finding in self.findings if finding.point == point}
        if "refuted" in kinds:
            return "refuted"
        if "not proved" in kinds or point not in self.checked:
            return "not proved"
        return "proved"

    @property
    def refuted(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.kind == "refuted")

    @property
    def not_proved(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.kind == "not proved")

    @property
    def notes(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.kind == "note")
