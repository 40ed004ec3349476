"""Everything that can happen in one flow: who is asked what, has which points and goes where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from webapp.core.decision import Decision
from webapp.core.flow import FinishRule, Flow, Question, Release
from webapp.core.proof.explore import Exploration, Paths, Trace
from webapp.core.proof.families import Family
from webapp.core.proof.formulas import IS_TRUE, TRUE, Formulas
from webapp.core.proof.ledger import Ledger
from webapp.core.proof.moments import Tick
from webapp.core.proof.paths import Edge, Graph
from webapp.core.proof.translate import Translator
from webapp.core.proof.universe import Universe, universe
from webapp.core.proof.witness import Shown, first_shown
from webapp.core.values import CONTACT

MOST_PLACES = 12
"""Points tried of each page for a visitor that is real; the pages are tried first."""


class Outcome(NamedTuple):
    """How a conversation ends: the rule that decides, where it leads, and whether we can write.

    ``early`` says that a finish rule named the destination.
    """

    rule: str
    to: str
    early: bool
    reachable: bool


@dataclass(frozen=True)
class Ground:
    """What both surveys of a flow stand on."""

    release: Release
    flow: Flow
    universe: Universe
    translator: Translator
    ledger: Ledger

    @staticmethod
    def of(release: Release, flow: Flow) -> "Ground":
        """Raises: TooMany, TooWide or TooManyPages."""
        here = universe(release.playbook, flow)
        translator = Translator(here, Formulas())
        ledger = Ledger(translator, watched=[can_be_reached(translator)])
        return Ground(release, flow, here, translator, ledger)

    def loosened(self) -> "Ground":
        """The same visitors without the flow's questions: anything may be known, nothing asked.

        More visitors than there are, so what is impossible for them is impossible.
        """
        bare = replace(self.flow, questions=(), finish_when=(), stop_when_settled=False)
        here = replace(self.universe, flow=bare)
        translator = Translator(here, self.translator.formulas)
        translator.scores = self.translator.scores
        return replace(self, flow=bare, universe=here, translator=translator)


def can_be_reached(translator: Translator) -> int:
    """The formula that says: an e-mail address or a phone number is known."""
    here, formulas = translator.universe, translator.formulas
    found = []
    for member, number in here.of_property.items():
        if here.playbook.properties[member].type in CONTACT:
            family = here[number]
            assert isinstance(family, Family)
            found.append(
                formulas.literal(number, ("known", member), _known(family, member), IS_TRUE)
            )
    return formulas.some(found)


def _known(family: Family, member: str) -> Callable[[int], bool]:
    return lambda option: family.surely(option, member)


class Survey:
    """All visitors of a flow, or only those about whom nothing was known beforehand."""

    def __init__(self, ground: Ground, *, fresh: bool, tick: Tick) -> None:
        self.ground = ground
        self.fresh = fresh
        self.release, self.flow = ground.release, ground.flow
        self.ledger = ground.ledger
        self.graph = Graph(ground.ledger, fresh=fresh, tick=tick)
        self.exploration = Exploration(self.graph, tick)
        self.asking_on = self.exploration
        self._known: dict[Exploration, dict[Outcome, list[tuple[int, int]]]] = {}
        if self.graph.settling:
            on = Graph(ground.ledger, fresh=fresh, tick=tick, settling=False)
            self.asking_on = Exploration(on, tick)

    @cached_property
    def outcomes(self) -> dict[Outcome, list[tuple[int, int]]]:
        """Every way to end, with the pages and points that end so. None can be missing."""
        return self._outcomes(self.exploration)

    def shown(
        self, outcome: Outcome, is_so: Callable[[Decision], bool] = lambda _: True
    ) -> Shown | None:
        """A visitor who ends so, confirmed by the engine."""

        def ends_so(decision: Decision) -> bool:
            route, contact = decision.route, reached(decision)
            return (
                decision.path.ended != "waiting"
                and (route.rule, route.to, contact) == (outcome.rule, outcome.to, outcome.reachable)
                and is_so(decision)
            )

        for exploration in dict.fromkeys((self.asking_on, self.exploration)):
            ways = self._outcomes(exploration).get(outcome, [])
            traces = self._traces(exploration, ways)
            found = first_shown(self.release, exploration.graph, traces, ends_so)
            if found:
                return found
        return None

    def extreme(self, sign: int) -> tuple[int, Shown | None]:
        """The greatest (1) or least (-1) score there can be, and a visitor who has it."""
        grid, best = self.exploration.grid, None
        for held in self.exploration.ends.values():
            found = grid.extreme(held, sign)
            if best is None or found[0] > best[0]:
                best = found
        assert best is not None
        total = sign * best[0]
        return total, self.shown_total(total)

    def shown_total(self, total: int) -> Shown | None:
        """A visitor with this score."""
        return self.shown_points(
            lambda points: points == total, lambda decision: decision.score.total == total
        )

    def shown_points(
        self, accepts: Callable[[int], bool], is_so: Callable[[Decision], bool]
    ) -> Shown | None:
        """A visitor whose total is accepted, confirmed by the engine."""
        for exploration in dict.fromkeys((self.asking_on, self.exploration)):
            ways = [w for w in self._ways(exploration, accepts) if w[1]]
            found = first_shown(
                self.release,
                exploration.graph,
                self._traces(exploration, ways),
                lambda d: d.path.ended != "waiting" and is_so(d),
            )
            if found:
                return found
        return None

    def has_total(self, accepts: Callable[[int], bool]) -> bool:
        """Whether anybody's total is accepted; never wrongly no."""
        return any(held for _, held in self._ways(self.exploration, accepts))

    def _ways(
        self, exploration: Exploration, accepts: Callable[[int], bool]
    ) -> list[tuple[int, int]]:
        mask = exploration.grid.mask("total", accepts)
        return [(page, held & mask) for (_, page), held in exploration.ends.items()]

    @property
    def universe(self) -> Universe:
        return self.ground.universe

    def is_sales(self, outcome: Outcome) -> bool:
        destination = self.release.playbook.destinations.get(outcome.to)
        return destination is not None and destination.kind == "sales"

    def _outcomes(self, exploration: Exploration) -> dict[Outcome, list[tuple[int, int]]]:
        known = self._known.get(exploration)
        if known is not None:
            return known
        found = self._known[exploration] = {}
        self._fill(exploration, found)
        return found

    def _fill(self, exploration: Exploration, found: dict[Outcome, list[tuple[int, int]]]) -> None:
        for (_, number), held in exploration.ends.items():
            page = self.ledger[number]
            contact = page.watched[0] == TRUE
            for place, taken in exploration.decided(page, held):
                outcome = self._outcome(place, reachable=contact)
                found.setdefault(outcome, []).append((number, taken))

    def _outcome(self, place: int, *, reachable: bool) -> Outcome:
        if place < 0:
            rule = self.flow.finish_when[-1 - place].id
        else:
            rule = self.release.playbook.routing[place].id
        to = self.ledger.destination(place)
        return Outcome(rule, to, early=place < 0, reachable=reachable)

    def _traces(self, exploration: Exploration, ways: list[tuple[int, int]]) -> Iterator[Trace]:
        """Traces of these ends, from all pages in turn and from points far apart."""
        places_of = [spread(exploration, held) for _, held in ways]
        for turn in range(MOST_PLACES):
            for (page, _), places in zip(ways, places_of, strict=True):
                if turn < len(places):
                    yield exploration.trace(page, places[turn])

    def place_of(self, question: Question) -> int:
        """The event at which the question's turn comes."""
        return place_of(self.graph, question)

    def until(self, question: Question) -> Exploration:
        """The same with all but answers chosen before a question: what may they still change?"""
        tick = self.graph.tick
        graph = Graph(self.ledger, fresh=self.fresh, tick=tick, settling=False, until=question)
        return Exploration(graph, tick)

    def is_asked(self, question: Question) -> bool:
        """Whether somebody may be asked; never wrongly no."""
        layer = self.asking_on.graph.layers[self.place_of(question)]
        return any(edge.asked for edges in layer.edges for edge in edges)

    def ends_early(self, rule: FinishRule) -> bool:
        """Whether a rule may end a conversation early; never wrongly no."""
        place = self.flow.finish_when.index(rule)
        layers = self.graph.layers
        return any(
            edge.ends == place for layer in layers for edges in layer.edges for edge in edges
        )

    def traces_ending(self, rule: FinishRule) -> Iterator[Trace]:
        """Visitors whom the rule sends home early."""
        place = self.flow.finish_when.index(rule)
        for at in range(len(self.asking_on.graph.events)):
            yield from self.traces_through(at, lambda edge: edge.ends == place)

    def traces_through(self, place: int, wanted: Callable[[Edge], bool]) -> Iterator[Trace]:
        """Visitors who take such an edge at an event."""
        exploration = self.asking_on
        layer = exploration.graph.layers[place]
        for node, edges in enumerate(layer.edges):
            for at, edge in enumerate(edges):
                if wanted(edge):
                    yield from exploration.through(place, node, at)


def place_of(graph: Paths, question: Question) -> int:
    """The event at which the question's turn comes."""
    return next(n for n, event in enumerate(graph.events) if event.question is question)


def spread(exploration: Exploration, held: int) -> list[int]:
    places = list(exploration.grid.places(held))
    step = max(1, len(places) // MOST_PLACES)
    chosen = places[::step]
    # The middle first: the ends are the least likely visitors.
    return sorted(chosen, key=lambda place: abs(place - places[len(places) // 2]))


def is_early(decision: Decision) -> bool:
    """Whether a finish rule named the destination, ahead of all routing rules."""
    finish = decision.path.finish
    return finish is not None and finish.to is not None


def reached(decision: Decision) -> bool:
    """Whether we know how to write to or call a visitor."""
    profile = decision.situation.profile
    return any(
        property.type in CONTACT and profile.is_known(property.id)
        for property in decision.playbook.properties.values()
    )
