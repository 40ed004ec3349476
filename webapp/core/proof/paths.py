"""Every path through a flow, as a graph: one layer for each thing that is settled on the way.

Two visitors stand on the same node when nothing that may still be asked, and no early end, can
tell them apart. Answers that lead to the same node and settle the same are one edge.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from webapp.core.flow import Question
from webapp.core.proof.classes import Classes, fits_in
from webapp.core.proof.course import Course, Event
from webapp.core.proof.formulas import TRUE
from webapp.core.proof.ledger import Books
from webapp.core.proof.moments import Tick
from webapp.core.proof.sights import Sights, Visits
from webapp.core.values import CONTACT, Type


class Node(NamedTuple):
    """Where visitors stand. ``finished`` is one more than the rule that ended it early, else 0.

    ``budget`` is what ``ask_at_most`` leaves (-1: no limit), never more than there are questions
    to come; ``asked`` is a bit for each property that several questions ask for, ``slots`` are the
    classes of the variables still needed.
    """

    finished: int
    budget: int
    asked: int
    settled: bool
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visitor does at an event: comes with ``start`` and gives ``answer``.

    Both are None where there is nothing to choose; ``answer`` counts the property's values,
    -1 is a skip.
    """

    start: int | None = None
    answer: int | None = None


NO_CHOICE = Choice()


class Edge(NamedTuple):
    """A step to a node of the next layer that ``classes`` classes of visitors take.

    ``option`` is what has been settled about the event's variable, or -1. ``when`` says whether
    the question's condition was true; ``ends`` is the finish rule that ends it here, or -1.
    """

    target: int
    option: int
    when: bool
    asked: bool
    ends: int
    classes: int
    choice: Choice


class Move(NamedTuple):
    """One thing a visitor may do at an event, whatever else is true of them.

    ``state`` is the option of the event's variable afterwards, ``like`` its class.
    """

    state: int
    like: int
    option: int
    when: bool
    asked: bool
    settled: bool
    changed: bool
    classes: int
    choice: Choice


@dataclass
class Layer:
    """The nodes before one event, with the edges the event adds to each.

    ``parents`` holds for each node a node of the layer before, and the edge from there.
    """

    live: tuple[int, ...]
    nodes: list[Node] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    parents: list[tuple[int, int]] = field(default_factory=list)


class Graph:
    """All paths of a flow. ``fresh`` leaves out whatever could be known beforehand.

    Where the flow stops when the route is settled, ``settling`` follows both: that it stops and
    that it goes on, at every question. Without it the flow always goes on. Without ``spam`` those
    whom the intake takes for spam are left out.

    ``until`` chooses whatever is not asked for before the first question, and leaves unknown what
    that question or a later one asks for: from there on all is only a matter of answers.
    """

    def __init__(
        self,
        ledger: Books,
        *,
        fresh: bool,
        tick: Tick,
        settling: bool = True,
        spam: bool = True,
        until: Question | None = None,
    ) -> None:
        self.ledger = ledger
        self.universe = ledger.universe
        self.flow = ledger.universe.flow
        self.playbook = ledger.playbook
        self.formulas = ledger.formulas
        self.fresh = fresh
        self.tick = tick
        self.spam = spam
        self.settling = settling and self.flow.stop_when_settled
        self._unknown = self._asked_from(until) if until else frozenset()
        self.course = Course(ledger.translator, self._never_asked() if until else self._tied())
        self.events = self.course.events
        self.classes = Classes(self.course, ledger.final)
        properties = [question.property for question in self.flow.questions]
        repeated = dict.fromkeys(p for p in properties if properties.count(p) > 1)
        self._bits = {p: 1 << n for n, p in enumerate(repeated)}
        self._evaluated: dict[tuple[int, tuple[int, ...]], bool] = {}
        self._moves: dict[object, Sequence[Move]] = {}
        self.layers: list[Layer] = []
        self._build()

    @property
    def chosen(self) -> set[int]:
        """The variables that are chosen on the way."""
        return {event.variable for event in self.events if event.variable >= 0}

    def _build(self) -> None:
        self.rest = self._questions_left()
        budget = -1 if self.flow.ask_at_most is None else min(self.flow.ask_at_most, self.rest[0])
        first = Layer((), [Node(0, budget, 0, settled=False, slots=())], parents=[(-1, -1)])
        self.layers.append(first)
        for place, event in enumerate(self.events):
            there = Layer(self.classes.live(place + 1))
            _Step(self, place, event, self.layers[-1], there).take()
            self.layers.append(there)

    def _questions_left(self) -> list[int]:
        """For each event, how many of it and those after it use up ``ask_at_most``."""
        left = [0]
        for event in reversed(self.events):
            left.append(left[-1] + (event.question is not None and not event.question.always))
        return left[::-1]

    def _asked_from(self, question: Question) -> frozenset[int]:
        questions = self.flow.questions
        later = questions[questions.index(question) :]
        return frozenset(self.universe.of_property[each.property] for each in later)

    def _never_asked(self) -> list[int]:
        asked = {self.universe.of_property[question.property] for question in self.flow.questions}
        numbers = range(1, len(self.universe.variables))
        return [n for n in numbers if n not in asked and self.ledger.matters(n)]

    def _tied(self) -> list[int]:
        """What many rules read together with answers, though it is not asked for itself.

        Left for the end, each such rule stays open or not with every answer: choosing first costs
        as many ways as there are options, choosing last two for every rule.
        """
        apart = {*self._never_asked()} - self.universe.seen - {self.universe.visits}
        asked = 0
        for question in self.flow.questions:
            asked |= 1 << self.universe.of_property[question.property]
        open_ = Counter(
            variable
            for reads in self.ledger.joint_rules()
            if reads & asked
            for variable in apart
            if reads >> variable & 1
        )
        return [
            variable
            for variable, rules in open_.items()
            if len({self.ledger.final(variable, n) for n in self.starts(variable)}) < 2**rules
        ]

    def starts(self, variable: int) -> Sequence[int]:
        """What a variable may be before the conversation."""
        fresh = self.fresh or variable in self._unknown
        options = self.universe[variable].starts(fresh=fresh)
        if variable == self.universe.spam and not self.spam:
            return options[:1]
        return options

    def moves(self, place: int, event: Event, node: Node, env: dict[int, int]) -> Sequence[Move]:
        """What a visitor on a node may do at an event. Depends on little, so it is kept."""
        start = env.get(event.variable, -1)
        reach = self._reach(event, env)
        if event.question is None or node.finished:
            key: object = (place, start, bool(node.finished), reach, node.settled)
        else:
            barred = bool(node.asked & self._bits.get(event.question.property, 0))
            key = (place, start, self._when(event, env), node.budget != 0, barred, node.settled)
        found = self._moves.get(key)
        if found is None:
            found = self._moves[key] = list(_Moves(self, place, event, node, env))
        return found

    def _when(self, event: Event, env: dict[int, int]) -> object:
        """Whether the question's condition is true; if it reads what is asked, what decides it."""
        if not event.first or not self.formulas.reads[event.when] >> event.variable & 1:
            return self.holds(event.when, env)
        reads = self.formulas.variables(event.when)
        return tuple([env[variable] for variable in reads if variable != event.variable])

    def _reach(self, event: Event, env: dict[int, int]) -> object:
        """How old events may be, for a variable of what was seen."""
        visits = self.universe.visits
        if visits is None or event.variable not in self.universe.seen or visits not in env:
            return None
        held = self.universe[visits]
        assert isinstance(held, Visits)
        return held.options[env[visits]].reach

    def check(self, env: dict[int, int]) -> int:
        """The first finish rule that is true, or -1."""
        for place, formula in enumerate(self.course.finishes):
            if self.holds(formula, env):
                return place
        return -1

    def holds(self, formula: int, env: dict[int, int]) -> bool:
        """Whether a formula is true of visitors with these options."""
        if formula < 2:
            return formula == TRUE
        reads = self.formulas.variables(formula)
        key = (formula, tuple([env[variable] for variable in reads]))
        found = self._evaluated.get(key)
        if found is None:
            left = formula
            for variable in reads:
                left = self.formulas.under(left, variable, env[variable])
            found = self._evaluated[key] = left == TRUE
        return found

    def bit(self, question: Question) -> int:
        """A bit for a property that is asked for more than once."""
        return self._bits.get(question.property, 0)

    def is_contact(self, question: Question) -> bool:
        type_ = self.playbook.properties[question.property].type
        return type_ in CONTACT or type_ is Type.CONSENT


class _Step:
    """Leads all nodes of one layer through one event."""

    def __init__(self, graph: Graph, place: int, event: Event, here: Layer, there: Layer) -> None:
        self.graph, self.place, self.event = graph, place, event
        self.here, self.there = here, there
        self.known: dict[Node, int] = {}
        own = event.variable
        self.own = there.live.index(own) if own in there.live else -1
        kept = [variable for variable in there.live if variable != own]
        self.sources = [(variable, here.live.index(variable)) for variable in kept]

    def take(self) -> None:
        graph, event = self.graph, self.event
        for number, node in enumerate(self.here.nodes):
            graph.tick()
            env = dict(zip(self.here.live, node.slots, strict=True))
            if event.variable < 0:
                moves: Sequence[Move] = (_BEGIN,)
            else:
                moves = graph.moves(self.place, event, node, env)
            self.here.edges.append(self._edges(number, node, env, moves))

    def _edges(
        self, number: int, node: Node, env: dict[int, int], moves: Sequence[Move]
    ) -> list[Edge]:
        event, graph = self.event, self.graph
        going = self._others(node, finished=bool(node.finished))
        ended: tuple[int, ...] | None = None
        merged: dict[tuple[int, int, bool, bool, int], Edge] = {}
        for move in moves:
            ends, finished, kept = -1, node.finished, going
            if event.checks and move.changed and not finished:
                env[event.variable] = move.state
                ends = graph.check(env)
                if ends >= 0:
                    finished = ends + 1
                    ended = kept = ended or self._others(node, finished=True)
            after = self._after(node, move, finished, kept)
            target = self.known.get(after)
            if target is None:
                target = self.known[after] = len(self.there.nodes)
                self.there.nodes.append(after)
                self.there.parents.append((number, -1))
            mark = (target, move.option, move.when, move.asked, ends)
            held = merged.get(mark)
            if held is None:
                merged[mark] = Edge(*mark, move.classes, move.choice)
            else:
                merged[mark] = held._replace(classes=held.classes + move.classes)
        edges = list(merged.values())
        for at, edge in enumerate(edges):
            if self.there.parents[edge.target] == (number, -1):
                self.there.parents[edge.target] = (number, at)
        return edges

    def _others(self, node: Node, *, finished: bool) -> tuple[int, ...]:
        """The classes of the variables this event does not touch."""
        like, position = self.graph.classes.like, self.place + 1
        return tuple(
            [like(position, v, node.slots[at], finished=finished) for v, at in self.sources]
        )

    def _after(self, node: Node, move: Move, finished: int, kept: tuple[int, ...]) -> Node:
        slots = kept
        if self.own >= 0:
            like = move.like
            if finished and not node.finished:
                like = self.graph.classes.like(
                    self.place + 1, self.event.variable, move.state, finished=True
                )
            slots = (*kept[: self.own], like, *kept[self.own :])
        if finished:
            return Node(finished, 0, 0, settled=False, slots=slots)
        budget, asked = node.budget, node.asked
        question = self.event.question
        if move.asked and question is not None:
            asked |= self.graph.bit(question)
            if budget > 0 and not question.always:
                budget -= 1
        budget = min(budget, self.graph.rest[self.place + 1])
        return Node(0, budget, asked, move.settled, slots)


_BEGIN = Move(
    state=-1,
    like=-1,
    option=-1,
    when=True,
    asked=False,
    settled=False,
    changed=True,
    classes=1,
    choice=NO_CHOICE,
)


class _Moves:
    """What may be done at one event by a visitor of whom only what matters there is known."""

    def __init__(
        self, graph: Graph, place: int, event: Event, node: Node, env: dict[int, int]
    ) -> None:
        self.graph, self.place, self.event, self.node, self.env = graph, place, event, node, env
        self.classes = graph.classes
        self.live = event.variable in self.classes.live(place + 1)

    def __iter__(self) -> Iterator[Move]:
        """One move for all that are alike, with their number."""
        merged: dict[object, Move] = {}
        for move in self._every():
            checked = self.classes.checked(self.event.variable, move.state)
            mark = (
                move.like,
                move.option,
                move.when,
                move.asked,
                move.settled,
                checked if self.event.checks else None,
            )
            held = merged.get(mark)
            merged[mark] = held._replace(classes=held.classes + move.classes) if held else move
        yield from merged.values()

    def _every(self) -> Iterator[Move]:
        for start, count in self._starts():
            chosen = start if self.event.first and not self.event.glimpse else None
            if self.event.question is None or self.node.finished:
                yield self._move(start, count=count, choice=Choice(chosen))
            else:
                yield from self._asked(self.event.question, start, count, chosen)

    def _asked(
        self, question: Question, start: int, count: int, chosen: int | None
    ) -> Iterator[Move]:
        graph, node, variable = self.graph, self.node, self.event.variable
        family = graph.universe.family(variable)
        assert family is not None
        when = graph.holds(self.event.when, {**self.env, variable: start})
        due = when and not node.asked & graph.bit(question)
        if due and not question.always:
            due = node.budget != 0 and not family.surely(start, question.property)
        if not due:
            yield self._move(start, count=count, when=when, choice=Choice(chosen))
            return
        offered = self.classes.offered(variable, question)
        if graph.settling and not graph.is_contact(question):
            # Whether the route is settled depends on everything at once, so both are followed.
            # Dropped or not, the visitor has an answer ready.
            ready = Choice(chosen, offered[0] if offered else None)
            yield self._move(start, count=count, settled=True, choice=ready)
            if node.settled:
                return
        for value in offered:
            answered = family.answered(start, question.property, value)
            choice = Choice(chosen, value)
            yield self._move(answered, count=count, asked=True, changed=True, choice=choice)
        if not question.required:
            yield self._move(start, count=count, asked=True, choice=Choice(chosen, -1))

    def _move(
        self,
        state: int,
        *,
        count: int,
        choice: Choice,
        when: bool = True,
        asked: bool = False,
        settled: bool | None = None,
        changed: bool = False,
    ) -> Move:
        variable, node = self.event.variable, self.node
        like = -1
        if self.live:
            finished = bool(node.finished)
            like = self.classes.like(self.place + 1, variable, state, finished=finished)
        return Move(
            state=state,
            like=like,
            option=self.graph.ledger.final(variable, state) if self.event.last else -1,
            when=when,
            asked=asked,
            settled=node.settled if settled is None else settled,
            changed=changed,
            classes=count,
            choice=choice,
        )

    def _starts(self) -> list[tuple[int, int]]:
        """The options to begin with, one of each class, and how many are in it."""
        event, universe = self.event, self.graph.universe
        if not event.first:
            return [(self.env[event.variable], 1)]
        variable = universe[event.variable]
        options = self.graph.starts(event.variable)
        if event.glimpse:
            seen = dict.fromkeys(self.classes.glimpse(event.variable, each) for each in options)
            return [(option, 1) for option in seen]
        if event.variable in self.env:
            seen_before = self.env[event.variable]
            glimpse = self.classes.glimpse
            options = [n for n in options if glimpse(event.variable, n) == seen_before]
        visits = universe.visits
        if event.variable in universe.seen and visits is not None and visits in self.env:
            held = universe[visits]
            assert isinstance(held, Visits)
            assert isinstance(variable, Sights)
            reach = held.options[self.env[visits]].reach
            options = [n for n in options if fits_in(variable.options[n].needs, reach)]
        counted: dict[int, int] = {}
        for option in options:
            like = self.classes.alike(self.place, event.variable, option, finished=False)
            counted[like] = counted.get(like, 0) + 1
        return list(counted.items())
