"""What is still open about a visitor's score and route, and what each option of theirs settles.

A page holds the routing rules that may still decide, the scoring rules of which some of what they
rest on is known and some is not, and formulas somebody watches. Equal pages are one number;
settling a variable leads to another page and brings points.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from webapp.core.conditions import Subject
from webapp.core.playbook import Playbook, ScoringRule
from webapp.core.proof.formulas import FALSE, TRUE, Formulas, Judge
from webapp.core.proof.grid import Grid, Points
from webapp.core.proof.sights import Sights
from webapp.core.proof.translate import Translator
from webapp.core.proof.universe import Universe
from webapp.core.rules import capped, table_points
from webapp.core.values import Type

STOPPED = ""
"""Where conversations end that wait for an answer nobody gives."""

Routing = tuple[tuple[int, int], ...]
"""Rules that may still decide, by place, with what is left of their conditions."""


@dataclass(frozen=True, slots=True)
class Page:
    """``pending`` are scoring rules that are begun, with what is left of them until all they rest
    on is known; ``begun`` has a bit for each variable that is known of such rules.

    ``early`` is the finish rule that has taken over the routing, else -1.
    """

    routing: Routing
    watched: tuple[int, ...]
    pending: tuple[tuple[int, int], ...] = ()
    begun: int = 0
    early: int = -1


class Books(Protocol):
    """What a walk over all paths needs: where each option leads, and the points it brings."""

    translator: Translator
    formulas: Formulas
    universe: Universe
    playbook: Playbook
    given: Points
    first: int

    def __getitem__(self, number: int) -> Page: ...

    def reads(self, number: int) -> int: ...

    def matters(self, variable: int) -> bool: ...

    def joint_rules(self) -> Iterable[int]: ...

    def settle(self, page: int, variable: int, option: int) -> tuple[int, Points]: ...

    def ended(self, page: int, rule: int) -> int: ...

    def final(self, variable: int, option: int) -> int: ...

    def grid(self, slot: int = 1) -> Grid: ...


class Ledger:
    """Pages of one flow's visitors. ``scored`` False leaves all points out."""

    def __init__(
        self,
        translator: Translator,
        *,
        routed: bool = True,
        scored: bool = True,
        watched: Sequence[int] = (),
    ) -> None:
        self.translator = translator
        self.formulas: Formulas = translator.formulas
        self.universe = translator.universe
        self.playbook = translator.playbook
        self.rules = self.playbook.rules
        self._pages: list[Page] = []
        self._numbers: dict[Page, int] = {}
        self._reads: list[int] = []
        self._steps: dict[tuple[int, int, int], tuple[int, Points]] = {}
        self._own: dict[int, list[Callable[[int], Points]]] = {}
        self._points: dict[tuple[int, int], Points] = {}
        self._finals: dict[int, dict[object, int]] = {}
        self._joint, self.given = self._scoring() if scored else ((), (0, 0))
        self._touched = self._rules_on()
        routing = self._routing() if routed else ()
        self.first = self._page(Page(routing, tuple(watched)))
        self._judges = self._read_by(self._pages[self.first])

    def __getitem__(self, number: int) -> Page:
        return self._pages[number]

    def reads(self, number: int) -> int:
        """A bit for each variable the page still depends on."""
        return self._reads[number] | self._reads_of(self._joint) & ~self._pages[number].begun

    def matters(self, variable: int) -> bool:
        """Whether a variable touches the points or the first page."""
        return bool(self.reads(self.first) >> variable & 1) or variable in self._own

    def joint_rules(self) -> Iterable[int]:
        """What the scoring rules that rest on several variables read, a bit for each variable."""
        return [self.formulas.reads[formula] for _, formula in self._joint]

    def settle(self, page: int, variable: int, option: int) -> tuple[int, Points]:
        """The page once a variable is known, and the points that brings."""
        key = (page, variable, option)
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = self._settle(page, variable, option)
        return found

    def destination(self, place: int) -> str:
        """Where a routing rule, or the finish rule at -1 - place, leads."""
        if place >= 0:
            return self.playbook.routing[place].to
        if self.is_stopped(place):
            return STOPPED
        to = self.universe.flow.finish_when[-1 - place].to
        assert to is not None
        return to

    def ended(self, page: int, rule: int) -> int:
        """The page once a finish rule has ended the conversation; if it names no destination, as
        it was."""
        if self.universe.flow.finish_when[rule].to is None:
            return page
        found = self._pages[page]
        return self._page(replace(found, routing=(), early=rule))

    def stopped(self, page: int) -> int:
        """The page of those who cannot go on without an answer."""
        early = len(self.universe.flow.finish_when)
        return self._page(replace(self._pages[page], routing=(), early=early))

    def is_stopped(self, place: int) -> bool:
        return place == -1 - len(self.universe.flow.finish_when)

    def final(self, variable: int, option: int) -> int:
        """The first option met that is like this one to every rule: it may stand for it."""
        known = self._finals.setdefault(variable, {})
        mark = (self._own_points(variable, option), self._truths(variable, option))
        return known.setdefault(mark, option)

    def grid(self, slot: int = 1) -> Grid:
        """Room for all the points anybody can have."""
        least, most = [0, 0], [0, 0]
        for rule in self.rules:
            low, high = self._range(rule)
            place = 0 if rule.category == "fit" else 1
            least[place] += min(low, 0)
            most[place] += max(high, 0)
        return Grid(self.playbook, (least[0], least[1]), (most[0], most[1]), slot)

    def _settle(self, page: int, variable: int, option: int) -> tuple[int, Points]:
        fit, intent = self._own_points(variable, option)
        touched, reads = self._touched.get(variable, ()), self._reads[page] >> variable & 1
        if not touched and not reads:
            return page, (fit, intent)
        found, under = self._pages[page], self.formulas.under
        begun = found.begun | 1 << variable if touched else found.begun
        pending = dict(found.pending)
        for place, formula in touched:
            left = under(pending.get(place, formula), variable, option)
            if left == TRUE:
                brought = _placed(self.rules[place], self.rules[place].points)
                fit, intent = fit + brought[0], intent + brought[1]
            # Once the points are given there is nothing more to come, as where it cannot be true.
            pending[place] = FALSE if left == TRUE else left
            if not self.formulas.reads[formula] & ~begun:
                del pending[place]
        routing, watched = found.routing, found.watched
        if reads:
            routing = _shortened((place, under(f, variable, option)) for place, f in routing)
            watched = tuple(under(f, variable, option) for f in watched)
        ordered = tuple(sorted(pending.items()))
        return self._page(Page(routing, watched, ordered, begun, found.early)), (fit, intent)

    def _own_points(self, variable: int, option: int) -> Points:
        key = (variable, option)
        found = self._points.get(key)
        if found is None:
            brought = [points(option) for points in self._own.get(variable, ())]
            found = self._points[key] = (sum(b[0] for b in brought), sum(b[1] for b in brought))
        return found

    def _truths(self, variable: int, option: int) -> tuple[object, ...]:
        return tuple(judge(option) for judge in self._judges.get(variable, ()))

    def _read_by(self, page: Page) -> dict[int, list[Judge]]:
        """What a page asks of each variable."""
        formulas = [formula for _, formula in (*page.routing, *self._joint)]
        found: dict[int, dict[object, Judge]] = {}
        for formula in (*formulas, *page.watched):
            for variable, about in self.formulas.literals(formula):
                judge = self.formulas.judges[variable][about]
                found.setdefault(variable, {})[about] = judge
        return {variable: list(judges.values()) for variable, judges in found.items()}

    def _routing(self) -> Routing:
        return _shortened(
            (place, self.translator.true(rule.when))
            for place, rule in enumerate(self.playbook.routing)
        )

    def _scoring(self) -> tuple[tuple[tuple[int, int], ...], Points]:
        """Rules on several variables, as formulas; those on one are kept with it."""
        pending: list[tuple[int, int]] = []
        given = (0, 0)
        for place, rule in enumerate(self.rules):
            if rule.property:
                number = self.universe.of_property[rule.property]
                self._own.setdefault(number, []).append(self._table(rule, number))
            elif rule.signal:
                number = self.universe.of_signal[rule.signal]
                self._own.setdefault(number, []).append(self._sighting(rule, number))
            else:
                formula = self.translator.true(rule.when)
                variables = self.formulas.variables(formula)
                if formula == TRUE:
                    brought = _placed(rule, rule.points)
                    given = (given[0] + brought[0], given[1] + brought[1])
                elif len(variables) == 1:
                    number = variables[0]
                    self._own.setdefault(number, []).append(self._fired(rule, number, formula))
                elif formula != FALSE:
                    pending.append((place, formula))
        return tuple(pending), given

    def _table(self, rule: ScoringRule, number: int) -> Callable[[int], Points]:
        assert rule.property
        variable, property = self.universe[number], self.playbook.properties[rule.property]
        subject = Subject("property", property.id)

        def points(option: int) -> Points:
            value = variable.read(option, subject)
            return _placed(rule, 0 if value is None else table_points(rule, property, value) or 0)

        return points

    def _sighting(self, rule: ScoringRule, number: int) -> Callable[[int], Points]:
        variable = self.universe[number]
        assert isinstance(variable, Sights)
        return lambda option: _placed(rule, variable.options[option].points[rule.id])

    def _fired(self, rule: ScoringRule, number: int, formula: int) -> Callable[[int], Points]:
        def points(option: int) -> Points:
            fired = self.formulas.under(formula, number, option) == TRUE
            return _placed(rule, rule.points if fired else 0)

        return points

    def _range(self, rule: ScoringRule) -> tuple[int, int]:
        """The least and the greatest points a rule can bring."""
        if rule.signal:
            variable = self.universe[self.universe.of_signal[rule.signal]]
            assert isinstance(variable, Sights)
            found = [option.points[rule.id] for option in variable.options]
            return min(found), max(found)
        if rule.property:
            found = [0, rule.otherwise or 0, *rule.table.values()]
            property = self.playbook.properties[rule.property]
            if property.type is Type.CHOICES:
                each = [rule.table.get(c, rule.otherwise or 0) for c in property.choices]
                found = [sum(p for p in each if p < 0), sum(p for p in each if p > 0)]
        else:
            found = [0, rule.points]
        return capped(rule, min(found)), capped(rule, max(found))

    def _rules_on(self) -> dict[int, list[tuple[int, int]]]:
        """For each variable, the rules that rest on it and on others."""
        found: dict[int, list[tuple[int, int]]] = {}
        for place, formula in self._joint:
            for variable in self.formulas.variables(formula):
                found.setdefault(variable, []).append((place, formula))
        return found

    def _reads_of(self, rules: Iterable[tuple[int, int]]) -> int:
        reads = 0
        for _, formula in rules:
            reads |= self.formulas.reads[formula]
        return reads

    def _page(self, page: Page) -> int:
        found = self._numbers.get(page)
        if found is None:
            found = self._numbers[page] = len(self._pages)
            self._pages.append(page)
            reads = self._reads_of(page.routing)
            for formula in page.watched:
                reads |= self.formulas.reads[formula]
            self._reads.append(reads)
        return found


def _shortened(rules: Iterable[tuple[int, int]]) -> Routing:
    """Rules that cannot fire are left out, and so are those after one that does."""
    found: list[tuple[int, int]] = []
    for place, formula in rules:
        if formula != FALSE:
            found.append((place, formula))
        if formula == TRUE:
            break
    return tuple(found)


def _placed(rule: ScoringRule, points: int) -> Points:
    brought = capped(rule, points)
    return (brought, 0) if rule.category == "fit" else (0, brought)
