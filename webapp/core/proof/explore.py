"""Who can end where: all paths of a flow with everything that is open about score and route.

Walks the graph of paths layer by layer, and then the variables nobody is asked about. A state is a
node and a page of the ledger; with it goes the set of points (or the number of classes) that reach
it. Every state is kept, so that a visitor can be traced back from any end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from webapp.core.flow import Question
from webapp.core.proof.classes import fits_in
from webapp.core.proof.formulas import Formulas
from webapp.core.proof.grid import Grid, shifted
from webapp.core.proof.ledger import Books, Page
from webapp.core.proof.moments import MOMENT, Tick
from webapp.core.proof.moves import Choice
from webapp.core.proof.paths import Edge
from webapp.core.proof.sights import Sights, Visits
from webapp.core.proof.universe import Universe
from webapp.core.proof.verdicts import Verdicts

State = tuple[int, int]
"""A node of a layer and a page; after the last layer the node is the variable of visits' option."""

Reached = dict[State, int]


@dataclass(frozen=True, slots=True)
class Trace:
    """One visitor: what they do at each event of the graph, and an option of each free variable."""

    choices: tuple[Choice, ...]
    options: dict[int, int]


class Standing(Protocol):
    @property
    def slots(self) -> tuple[int, ...]: ...


class Stage(Protocol):
    """Where visitors may be before a step."""

    @property
    def live(self) -> tuple[int, ...]: ...

    @property
    def nodes(self) -> Sequence[Standing]: ...

    @property
    def edges(self) -> Sequence[Sequence[Edge]]: ...


class Happening(Protocol):
    """A step of all paths: what is chosen about a variable, or answered to a question."""

    @property
    def variable(self) -> int: ...

    @property
    def question(self) -> Question | None: ...


class Paths(Protocol):
    """What can be explored: a graph of all paths, with its books."""

    @property
    def tick(self) -> Tick: ...

    @property
    def ledger(self) -> Books: ...

    @property
    def universe(self) -> Universe: ...

    @property
    def formulas(self) -> Formulas: ...

    @property
    def events(self) -> Sequence[Happening]: ...

    @property
    def layers(self) -> Sequence[Stage]: ...

    @property
    def chosen(self) -> set[int]: ...

    def starts(self, variable: int) -> Sequence[int]: ...


class Exploration:
    """Everything that can be reached. ``counting`` gives numbers of classes instead of sets."""

    def __init__(self, graph: Paths, tick: Tick, *, counting: bool = False) -> None:
        self.graph = graph
        self.ledger: Books = graph.ledger
        self.universe = graph.universe
        self.formulas = graph.formulas
        self.tick = tick
        self.counting = counting
        self.free = self._free()
        self._options = {variable: self._counted(variable) for variable in self.free}
        slot = self._width() if counting else 1
        self.grid: Grid = self.ledger.grid(slot)
        self.verdicts = Verdicts(self.ledger.translator, self.grid)
        self.reached: list[Reached] = []
        self._walk()

    @property
    def ends(self) -> Reached:
        """The pages at the end, with only points left open; the node says nothing any more."""
        return self.reached[-1]

    # Forwards

    def _walk(self) -> None:
        given = self.grid.shift(self.ledger.given)
        first: Reached = {(0, self.ledger.first): shifted(self.grid.start, given)}
        self.reached.append(first)
        for place in range(len(self.graph.events)):
            self.reached.append(self._next_layer(place, self.reached[-1]))
        self.reached.append(self._past_the_end(self.reached[-1]))
        for variable in self.free:
            self.reached.append(self._next_variable(variable, self.reached[-1]))

    def _next_layer(self, place: int, here: Reached) -> Reached:
        edges, variable = self.graph.layers[place].edges, self.graph.events[place].variable
        counting = self.counting
        there: Reached = {}
        for (node, page), held in here.items():
            self.tick()
            for edge in edges[node]:
                target, shift = self._along(page, variable, edge.option, edge.ends)
                moved = shifted(held, shift)
                key = (edge.target, target)
                if counting:
                    there[key] = there.get(key, 0) + moved * edge.classes
                else:
                    there[key] = there.get(key, 0) | moved
        return there

    def _along(self, page: int, variable: int, option: int, ends: int) -> tuple[int, int]:
        points = (0, 0)
        if option >= 0:
            page, points = self.ledger.settle(page, variable, option)
        if ends >= 0:
            page = self.ledger.ended(page, ends)
        return page, self.grid.shift(points)

    def _past_the_end(self, here: Reached) -> Reached:
        """Of the node only what was seen of visits is kept, where it still matters."""
        there: Reached = {}
        for (node, page), held in here.items():
            key = (self._visit_of(node), page)
            there[key] = there.get(key, 0) + held if self.counting else there.get(key, 0) | held
        return there

    def _visit_of(self, node: int) -> int:
        end = self.graph.layers[-1]
        visits = self.universe.visits
        if visits is None or visits not in end.live:
            return -1
        return end.nodes[node].slots[end.live.index(visits)]

    def _next_variable(self, variable: int, here: Reached) -> Reached:
        there: Reached = {}
        for (visit, page), held in here.items():
            self.tick()
            for (key, shift), count in self._led(variable, visit, page).items():
                moved = shifted(held, shift)
                if self.counting:
                    there[key] = there.get(key, 0) + moved * count
                else:
                    there[key] = there.get(key, 0) | moved
        if variable == self._last_seen:
            # Nothing is left that had to happen within a visit.
            merged: Reached = {}
            for (_, page), held in there.items():
                known = merged.get((-1, page), 0)
                merged[-1, page] = known + held if self.counting else known | held
            return merged
        return there

    def _led(self, variable: int, visit: int, page: int) -> dict[tuple[State, int], int]:
        """Where a variable's options lead and what they bring, with how many do the same."""
        found: dict[tuple[State, int], int] = {}
        for option, count in self._open_to(variable, visit):
            target, points = self.ledger.settle(page, variable, option)
            state = option if variable == self.universe.visits else visit, target
            mark = state, self.grid.shift(points)
            found[mark] = found.get(mark, 0) + count
        return found

    # Variables nobody is asked about

    def _free(self) -> list[int]:
        """Visits before what was seen in them, then what the pages read, then mere points."""
        chosen = self.graph.chosen
        free = [
            number
            for number, variable in enumerate(self.universe.variables)
            if variable is not None and number not in chosen and self._matters(number)
        ]
        visits, seen = self.universe.visits, self.universe.seen
        first = self.ledger.reads(self.ledger.first)

        def order(number: int) -> tuple[int, int, int]:
            with_visits = 0 if number == visits else (1 if number in seen else 2)
            return (with_visits, 0 if first >> number & 1 else 1, number)

        ordered = sorted(free, key=order)
        self._last_seen = next((n for n in reversed(ordered) if n in seen), visits)
        return ordered

    def _matters(self, number: int) -> bool:
        if number == self.universe.visits:
            return self.ledger.matters(number) or any(
                self.ledger.matters(each) for each in self.universe.seen
            )
        return self.ledger.matters(number)

    def _counted(self, variable: int) -> list[tuple[int, int]]:
        """One option for all that are alike, and how many are.

        Of what was seen on the site only the most recent is kept unless classes are counted: it
        fits into every visit that older events fit into.
        """
        found: dict[object, tuple[int, int]] = {}
        held = self.universe[variable]
        for option in self._recent_first(variable):
            mark: object = self.ledger.final(variable, option)
            if isinstance(held, Visits):
                mark = (mark, held.options[option].reach)
            elif isinstance(held, Sights) and self.counting:
                mark = (mark, held.options[option].needs)
            first, count = found.get(mark, (option, 0))
            found[mark] = (first, count + 1)
        return list(found.values())

    def _recent_first(self, variable: int) -> Sequence[int]:
        held = self.universe[variable]
        options = self.graph.starts(variable)
        if isinstance(held, Visits) or not isinstance(held, Sights):
            return options
        return sorted(options, key=lambda n: held.options[n].needs or -MOMENT)

    def _open_to(self, variable: int, visit: int) -> Iterator[tuple[int, int]]:
        """The options of a variable that go together with the visits chosen."""
        if visit < 0 or variable not in self.universe.seen:
            yield from self._options[variable]
            return
        held = self.universe[variable]
        assert isinstance(held, Sights)
        reach = self._reach(visit)
        for option, count in self._options[variable]:
            if fits_in(held.options[option].needs, reach):
                yield option, count

    def _reach(self, visit: int) -> timedelta:
        assert self.universe.visits is not None
        visits = self.universe[self.universe.visits]
        assert isinstance(visits, Visits)
        return visits.options[visit].reach

    def _width(self) -> int:
        """Slots wide enough for all classes there are."""
        most = 1
        for layer in self.graph.layers[:-1]:
            most *= max((sum(e.classes for e in edges) for edges in layer.edges), default=1)
        for options in self._options.values():
            most *= sum(count for _, count in options)
        return -(-(most.bit_length() + 1) // 8) * 8

    # What the points decide

    def mask(self, formula: int) -> int:
        """Everybody for whom a formula holds that only points are left of."""
        return self.verdicts.mask(formula)

    def decided(self, page: Page, held: int) -> Iterator[tuple[int, int]]:
        """The routing rules (by place) that decide for those held, each with its share."""
        return self.verdicts.decided(page, held)

    # Backwards

    def trace(self, page: int, place: int) -> Trace:
        """A visitor who ends on this page with these points."""
        options: dict[int, int] = {}
        state = next(s for s, held in self.ends.items() if s[1] == page and held >> place & 1)
        layer = len(self.reached) - 1
        for variable in reversed(self.free):
            state, place, options[variable] = self._before(variable, layer, state, place)
            layer -= 1
        node, page = next(
            (s[0], s[1])
            for s, held in self.reached[layer - 1].items()
            if s[1] == state[1] and self._visit_of(s[0]) == state[0] and held >> place & 1
        )
        layer -= 1
        choices: list[Choice] = []
        while layer > 0:
            node, page, place, choice = self._step_back(layer, node, page, place)
            choices.append(choice)
            layer -= 1
        return Trace(tuple(reversed(choices)), options)

    def through(self, place: int, node: int, at: int) -> Iterator[Trace]:
        """Visitors who take an edge, from every page that is open there, with points far apart."""
        for state, held in self.reached[place].items():
            if state[0] == node:
                lowest, highest = (held & -held).bit_length() - 1, held.bit_length() - 1
                for points in dict.fromkeys((lowest, highest)):
                    yield self.through_state(place, state, points, at)

    def through_state(self, place: int, state: State, points: int, at: int) -> Trace:
        """A visitor who comes to a state with these points and takes an edge from there."""
        edge = self.graph.layers[place].edges[state[0]][at]
        choices: list[Choice] = []
        step = (*state, points)
        for layer in range(place, 0, -1):
            node, page, before, choice = self._step_back(layer, *step)
            step = (node, page, before)
            choices.append(choice)
        onwards = self._onwards(place + 1, edge.target)
        return Trace((*reversed(choices), edge.choice, *onwards), self._some_options(points))

    def edges_from(self, place: int, state: State) -> Iterator[tuple[Edge, State, int]]:
        """Every edge from a state, where it leads and by how much it moves the points."""
        variable = self.graph.events[place].variable
        for edge in self.graph.layers[place].edges[state[0]]:
            target, shift = self._along(state[1], variable, edge.option, edge.ends)
            yield edge, (edge.target, target), shift

    def _onwards(self, layer: int, node: int) -> Iterator[Choice]:
        """Some way from a node to the end."""
        for place in range(layer, len(self.graph.events)):
            edge = self.graph.layers[place].edges[node][0]
            yield edge.choice
            node = edge.target

    def plain_options(self) -> dict[int, int]:
        """The plainest option of each free variable."""
        return self._some_options(0)

    def _some_options(self, turn: int) -> dict[int, int]:
        """An option of each free variable; another turn gives others."""
        found: dict[int, int] = {}
        visits = self.universe.visits
        for variable in self.free:
            held = self.universe[variable]
            seen = isinstance(held, Sights)
            options = self._options[variable]
            found[variable] = options[0 if seen else turn % len(options)][0]
        if visits is not None and visits in self.graph.chosen:
            found = {v: o for v, o in found.items() if v not in self.universe.seen}
        return found

    def _before(
        self, variable: int, layer: int, state: State, place: int
    ) -> tuple[State, int, int]:
        merged = variable == self._last_seen
        is_visits = variable == self.universe.visits
        for (visit, page), held in self.reached[layer - 1].items():
            for option, _ in self._open_to(variable, visit):
                after = -1 if merged else (option if is_visits else visit)
                if after != state[0]:
                    continue
                target, points = self.ledger.settle(page, variable, option)
                at = place - self.grid.shift(points)
                if target == state[1] and at >= 0 and held >> at & 1:
                    return (visit, page), at, option
        raise AssertionError("what was reached has a way there")

    def _step_back(
        self, layer: int, node: int, page: int, place: int
    ) -> tuple[int, int, int, Choice]:
        event = self.graph.events[layer - 1]
        edges = self.graph.layers[layer - 1].edges
        for (before, held_page), held in self.reached[layer - 1].items():
            for edge in edges[before]:
                if edge.target != node:
                    continue
                target, shift = self._along(held_page, event.variable, edge.option, edge.ends)
                at = place - shift
                if target == page and at >= 0 and held >> at & 1:
                    return before, held_page, at, edge.choice
        raise AssertionError("what was reached has a way there")
