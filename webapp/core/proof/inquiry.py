"""What the checks of one proof share: a survey of each flow, and every visitor met on the way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from webapp.core.cells import TooMany
from webapp.core.decision import Decision
from webapp.core.flow import Flow, Release
from webapp.core.proof.explore import Paths, Trace
from webapp.core.proof.families import TooWide
from webapp.core.proof.moments import OutOfTime, Tick
from webapp.core.proof.patterns import TooManyPages
from webapp.core.proof.survey import Ground, Outcome, Survey
from webapp.core.proof.told import TIME_IS_UP
from webapp.core.proof.witness import Shown, first_shown, simplest


@dataclass
class Inquiry:
    """The surveys of a release. ``unsurveyed`` says of some flows why there is none."""

    release: Release
    tick: Tick
    met: dict[str, list[Shown]] = field(default_factory=dict)
    unsurveyed: dict[str, str] = field(default_factory=dict)
    _grounds: dict[str, Ground] = field(default_factory=dict)
    _surveys: dict[tuple[str, bool], Survey] = field(default_factory=dict)
    _shown: dict[tuple[str, bool, Outcome], Shown | None] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every flow is surveyed, so that what was not found is not there."""
        return not self.unsurveyed

    def ground(self, flow: Flow) -> Ground | None:
        """The variables of a flow's visitors; None where they are too many to list."""
        if flow.id not in self._grounds and flow.id not in self.unsurveyed:
            try:
                self._grounds[flow.id] = Ground.of(self.release, flow)
            except (TooMany, TooWide) as error:
                self.unsurveyed[flow.id] = (
                    f"Too many different values of {error} matter to be looked at one by one."
                )
            except TooManyPages:
                self.unsurveyed[flow.id] = (
                    "The page patterns of the signals overlap in too many ways."
                )
        return self._grounds.get(flow.id)

    def survey(self, flow: Flow, *, fresh: bool) -> Survey | None:
        """All visitors of a flow, or the fresh ones; None where there are too many."""
        key = (flow.id, fresh)
        if key not in self._surveys and flow.id not in self.unsurveyed:
            ground = self.ground(flow)
            if ground is None:
                return None
            try:
                self._surveys[key] = Survey(ground, fresh=fresh, tick=self.tick)
            except TooWide as error:
                self.unsurveyed[flow.id] = (
                    f"Too many different values of {error} matter to be looked at one by one."
                )
            except OutOfTime:
                self.unsurveyed[flow.id] = TIME_IS_UP
                raise
        return self._surveys.get(key)

    def surveys(self, *, fresh: bool) -> Iterator[Survey]:
        for flow in self.release.flows.values():
            survey = self.survey(flow, fresh=fresh)
            if survey is not None:
                yield survey

    def shown(self, survey: Survey, outcome: Outcome) -> Shown | None:
        """A visitor who ends so."""
        key = (survey.flow.id, survey.fresh, outcome)
        if key not in self._shown:
            self.tick()
            self._shown[key] = self.meet(survey.shown(outcome))
        return self._shown[key]

    def confirm(
        self, graph: Paths, traces: Iterable[Trace], is_so: Callable[[Decision], bool]
    ) -> Shown | None:
        """The first trace that is real and of whom it is so."""
        self.tick()
        return self.meet(first_shown(self.release, graph, traces, is_so))

    def meet(self, shown: Shown | None) -> Shown | None:
        """Remember a visitor: most questions are answered by somebody met before."""
        if shown is not None:
            self.met.setdefault(shown.visitor.flow, []).append(shown)
        return shown

    def simplest(self, shown: Shown, is_so: Callable[[Decision], bool]) -> Shown:
        """Somebody of the same flow with nothing about them that is not needed for it to be so."""
        flow = shown.visitor.flow
        plainest = min(self._of_whom(is_so, flow), key=lambda s: s.visitor.size, default=shown)
        found = simplest(self.release, plainest, is_so)
        self.meet(found)
        return found

    def anybody_met(
        self, is_so: Callable[[Decision], bool], flow: str | None = None
    ) -> Shown | None:
        """Somebody met before of whom it is so."""
        flows = [flow] if flow else list(self.met)
        return next((shown for each in flows for shown in self._of_whom(is_so, each)), None)

    def _of_whom(self, is_so: Callable[[Decision], bool], flow: str) -> Iterator[Shown]:
        for shown in self.met.get(flow, ()):
            if shown.decision.path.ended != "waiting" and is_so(shown.decision):
                yield shown
