"""What another release would change for whom, over all classes of visitors at once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from webapp.core.cells import TooMany
from webapp.core.crowd.compare import Change, Documented, Move, compare
from webapp.core.errors import FlowError
from webapp.core.flow import Release
from webapp.core.playbook import Playbook, Tier
from webapp.core.proof.abreast import Abreast
from webapp.core.proof.explore import Exploration
from webapp.core.proof.families import TooWide
from webapp.core.proof.grid import shifted
from webapp.core.proof.ledger import STOPPED
from webapp.core.proof.moments import NotConcrete, OutOfTime, Tick
from webapp.core.proof.pair import Incomparable, Pair, pair
from webapp.core.proof.patterns import TooManyPages
from webapp.core.proof.verdicts import Verdicts
from webapp.core.proof.visitor import Visitor
from webapp.core.proof.witness import concrete, decided, ways_to_leave_out

TRIES = 20
OUT_OF_TIME = "the time given ran out"


@dataclass(frozen=True)
class Compared:
    """What changes in one flow. ``sampled`` says why only some visitors were tried.

    Otherwise ``change`` counts all classes of new visitors; ``from_before`` holds the further
    moves of people of whom something was known, each with somebody if any was found, and
    ``unlooked`` says why nobody looked for them.
    """

    change: Change
    sampled: str | None = None
    from_before: Mapping[Move, Documented | None] = field(default_factory=dict)
    unlooked: str | None = None


def differences(old: Release, new: Release, tick: Tick) -> Iterator[Compared]:
    """Every flow of both releases: by classes, or by a crowd where that is not possible in time."""
    for flow_id in sorted(old.flows.keys() & new.flows.keys()):
        try:
            yield by_classes(old, new, flow_id, tick)
        except (Incomparable, TooMany, TooWide, TooManyPages, OutOfTime) as error:
            yield Compared(compare(old, new, flow_id), _why(error))


def _why(error: Exception) -> str:
    match error:
        case Incomparable():
            return str(error)
        case OutOfTime():
            return OUT_OF_TIME
        case TooManyPages():
            return "the page patterns of the signals overlap in too many ways"
        case _:
            return f"too many different values of {error} matter"


def by_classes(old: Release, new: Release, flow_id: str, tick: Tick) -> Compared:
    """What changes in one flow for every class of new visitors, and who else moves.

    Raises: Incomparable, TooMany, TooWide, TooManyPages or OutOfTime.
    """
    ledgers = pair(old, new, flow_id)
    real = partial(_is_real, old, new)
    graph = Abreast(ledgers, fresh=True, tick=tick)
    counted = _Compared(ledgers, Exploration(graph, tick, counting=True))
    change = Change(flow_id, tried=counted.classes())
    change.destinations = counted.moves(_Compared.ends)
    change.tiers = counted.moves(_Compared.tiers)
    fresh = _Compared(ledgers, Exploration(graph, tick))
    plain = partial(_plain, old, new)
    change.examples = fresh.examples(set(change.destinations), real, plain)
    try:
        everybody = Abreast(ledgers, fresh=False, tick=tick)
        known = _Compared(ledgers, Exploration(everybody, tick))
        further = set(known.moves(_Compared.ends)) - set(change.destinations)
        examples = known.examples(further, real, plain)
    except OutOfTime:
        return Compared(change, unlooked=OUT_OF_TIME)
    return Compared(change, from_before={move: examples.get(move) for move in sorted(further)})


def _plain(old: Release, new: Release, move: Move, visitor: Visitor) -> Visitor:
    """The same visitor without whatever the move does not need."""
    found = visitor
    for simpler in ways_to_leave_out(visitor):
        candidate = simpler(found)
        if _is_real(old, new, move, candidate):
            found = candidate
    return found


def _is_real(old: Release, new: Release, move: Move, visitor: Visitor) -> bool:
    """Whether the engine moves a visitor so."""
    return (_end(old, visitor), _end(new, visitor)) == move


def _end(release: Release, visitor: Visitor) -> str:
    try:
        decision = decided(release, visitor)
    except FlowError:
        return STOPPED  # their answer is not among those offered
    return STOPPED if decision.path.ended == "waiting" else decision.route.to


Split = Iterator[tuple[str, str, int, int, int]]
"""Where some end before and after: those held, on which page, and by how much they moved."""


class _Compared:
    """The ends of one exploration of two releases, read by either."""

    def __init__(self, ledgers: Pair, exploration: Exploration) -> None:
        self.ledgers, self.exploration = ledgers, exploration
        self.grid = exploration.grid
        self.new_grid = ledgers.new_grid(self.grid.slot)
        self.after = Verdicts(ledgers.new.translator, self.new_grid)

    def classes(self) -> int:
        return sum(self.grid.count(held) for held in self.exploration.ends.values())

    def moves(self, split: Callable[["_Compared"], Split]) -> Counter[Move]:
        """How many are moved from where to where."""
        found = Counter[Move]()
        for before, after, held, _, _ in split(self):
            if before != after:
                found[before, after] += self.grid.count(held)
        return found

    def ends(self) -> Split:
        """By destination."""
        old, new = self.ledgers.old, self.ledgers.new
        for (_, number), held in self.exploration.ends.items():
            page = self.ledgers.both(number)
            shift = self.grid.shift(page.more)
            for place, taken in self.exploration.decided(old[page.old], held):
                for second, left in self.after.decided(new[page.new], shifted(taken, shift)):
                    yield old.destination(place), new.destination(second), left, number, shift

    def tiers(self) -> Split:
        """By tier."""
        old, new = self.ledgers.old.playbook, self.ledgers.new.playbook
        first = [(tier.id, self.grid.mask("total", _within(old, tier))) for tier in old.tiers]
        second = [(tier.id, self.new_grid.mask("total", _within(new, tier))) for tier in new.tiers]
        for (_, number), held in self.exploration.ends.items():
            shift = self.grid.shift(self.ledgers.both(number).more)
            for before, mask in first:
                moved = shifted(held & mask, shift)
                for after, other in second:
                    if moved & other:
                        yield before, after, moved & other, number, shift

    def examples(
        self,
        wanted: set[Move],
        real: Callable[[Move, Visitor], bool],
        plain: Callable[[Move, Visitor], Visitor],
    ) -> dict[Move, Documented]:
        """Somebody for each move, confirmed by the engine. Only for sets."""
        found: dict[Move, Documented] = {}
        tries = Counter[Move]()
        for before, after, held, number, shift in self.ends():
            move = (before, after)
            if move not in wanted or move in found or tries[move] > TRIES:
                continue
            for place in islice(self.grid.places(shifted(held, -shift)), 3):
                self.exploration.tick()
                tries[move] += 1
                try:
                    visitor = concrete(
                        self.exploration.graph, self.exploration.trace(number, place)
                    )
                except NotConcrete:
                    continue
                if real(move, visitor):
                    found[move] = plain(move, visitor)
                    break
        return found


def _within(playbook: Playbook, tier: Tier) -> Callable[[int], bool]:
    return lambda total: playbook.tier_of(total) is tier
