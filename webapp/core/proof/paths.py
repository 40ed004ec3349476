"""Every path through a flow, as a graph: one layer for each thing that is settled on the way.

Two visitors stand on the same node when nothing that may still be asked, and no early end, can
tell them apart. Answers that lead to the same node and settle the same are one edge.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from webapp.core.flow import Question
from webapp.core.proof.classes import Classes
from webapp.core.proof.course import Course, Event
from webapp.core.proof.ledger import Books
from webapp.core.proof.moments import Tick
from webapp.core.proof.moves import Choice, Move, Moves, Node


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


Stood = TypeVar("Stood")


@dataclass
class Layer(Generic[Stood]):
    """The nodes before one event, with the edges the event adds to each."""

    live: tuple[int, ...]
    nodes: list[Stood] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)


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
        self.moves = Moves(self.classes, self.starts, settling=self.settling)
        self.layers: list[Layer[Node]] = []
        self._build()

    @property
    def chosen(self) -> set[int]:
        """The variables that are chosen on the way."""
        return {event.variable for event in self.events if event.variable >= 0}

    def _build(self) -> None:
        self.rest = self._questions_left()
        budget = -1 if self.flow.ask_at_most is None else min(self.flow.ask_at_most, self.rest[0])
        first = Layer((), [Node(0, budget, 0, settled=False, slots=())])
        self.layers.append(first)
        for place, event in enumerate(self.events):
            there = Layer[Node](self.classes.live(place + 1))
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


class _Step:
    """Leads all nodes of one layer through one event."""

    def __init__(
        self, graph: Graph, place: int, event: Event, here: Layer[Node], there: Layer[Node]
    ) -> None:
        self.graph, self.place, self.event = graph, place, event
        self.here, self.there = here, there
        self.known: dict[Node, int] = {}
        own = event.variable
        self.own = there.live.index(own) if own in there.live else -1
        kept = [variable for variable in there.live if variable != own]
        self.going, self.over = (
            [(here.live.index(v), _Likes(graph.classes, place + 1, v, finished=f)) for v in kept]
            for f in (False, True)
        )

    def take(self) -> None:
        graph, event = self.graph, self.event
        for node in self.here.nodes:
            graph.tick()
            env = dict(zip(self.here.live, node.slots, strict=True))
            moves = graph.moves.at(self.place, event, node, env)
            self.here.edges.append(self._edges(node, env, moves))

    def _edges(self, node: Node, env: dict[int, int], moves: Sequence[Move]) -> list[Edge]:
        variable, checks = self.event.variable, self.event.checks and not node.finished
        course = self.graph.course
        going = _others(node, self.over if node.finished else self.going)
        ended: tuple[int, ...] | None = None
        merged: dict[tuple[int, int, bool, bool, int], Edge] = {}
        for move in moves:
            ends, finished, kept = -1, node.finished, going
            if checks and move.changed:
                env[variable] = move.state
                ends = course.ended(env)
                if ends >= 0:
                    finished = ends + 1
                    ended = kept = ended or _others(node, self.over)
            target = self._target(self._after(node, move, finished, kept))
            mark = (target, move.option, move.when, move.asked, ends)
            held = merged.get(mark)
            if held is None:
                merged[mark] = Edge(*mark, move.classes, move.choice)
            else:
                merged[mark] = held._replace(classes=held.classes + move.classes)
        return list(merged.values())

    def _target(self, after: Node) -> int:
        target = self.known.get(after)
        if target is None:
            target = self.known[after] = len(self.there.nodes)
            self.there.nodes.append(after)
        return target

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
            asked |= self.graph.moves.bit(question)
            if budget > 0 and not question.always:
                budget -= 1
        budget = min(budget, self.graph.rest[self.place + 1])
        return Node(0, budget, asked, move.settled, slots)


class _Likes(dict[int, int]):
    """The class that each option of a variable is in from a position on, as they are met."""

    def __init__(self, classes: Classes, position: int, variable: int, *, finished: bool) -> None:
        self.classes, self.position, self.variable = classes, position, variable
        self.finished = finished

    def __missing__(self, option: int) -> int:
        like = self.classes.like(self.position, self.variable, option, finished=self.finished)
        self[option] = like
        return like


def _others(node: Node, likes: Sequence[tuple[int, _Likes]]) -> tuple[int, ...]:
    """The classes of the variables an event does not touch."""
    slots = node.slots
    return tuple([like[slots[at]] for at, like in likes])
