"""Two releases as one: the same visitors, told apart by what either asks, settled in both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from webapp.core.errors import NOWHERE
from webapp.core.flow import Release
from webapp.core.playbook import Category, Guidance, Playbook, Property, ScoringRule, Signal
from webapp.core.proof.formulas import Formulas
from webapp.core.proof.grid import Grid, Points
from webapp.core.proof.ledger import Ledger, Page
from webapp.core.proof.translate import Translator
from webapp.core.proof.twofold import Twofold, as_read, twofold
from webapp.core.proof.universe import Universe, universe


class Incomparable(Exception):
    """Says why visitors of one release cannot be told from those of the other by classes."""


STUCK = 1 << 20
"""In place of an early end: no answer, or none that is offered, where one has to be given."""


@dataclass(frozen=True, slots=True)
class Both:
    """A page of each ledger, and how many points more the new one has brought so far."""

    old: int
    new: int
    more: Points


class Pair:
    """The ledgers of two releases as one: its points are the old ones, its pages ``Both``."""

    def __init__(
        self, old: Ledger, new: Ledger, everybody: Universe, both: Mapping[int, Twofold]
    ) -> None:
        self.old, self.new = old, new
        self.everybody, self.twofold = everybody, both
        self.translator, self.formulas = old.translator, old.formulas
        self.universe, self.playbook = old.universe, old.playbook
        self.given = old.given
        self._codes: dict[tuple[int, int], int] = {}
        self._pages: list[Both] = []
        self._numbers: dict[Both, int] = {}
        self._steps: dict[tuple[int, int, int], tuple[int, Points]] = {}
        self._finals: dict[int, dict[object, int]] = {}
        self._final: dict[tuple[int, int], int] = {}
        self.first = self._number(Both(old.first, new.first, _more(old.given, new.given)))

    def both(self, number: int) -> Both:
        return self._pages[number]

    def __getitem__(self, number: int) -> Page:
        """The old page."""
        return self.old[self._pages[number].old]

    def reads(self, number: int) -> int:
        page = self._pages[number]
        return self.old.reads(page.old) | self.new.reads(page.new)

    def matters(self, variable: int) -> bool:
        return self.old.matters(variable) or self.new.matters(variable)

    def joint_rules(self) -> Iterable[int]:
        return [*self.old.joint_rules(), *self.new.joint_rules()]

    def settle(self, page: int, variable: int, option: int) -> tuple[int, Points]:
        key = (page, variable, option)
        found = self._steps.get(key)
        if found is None:
            here = self._pages[page]
            old, points = self.old.settle(here.old, variable, option)
            new, others = self.new.settle(here.new, variable, option)
            more = _more(points, others)
            more = (here.more[0] + more[0], here.more[1] + more[1])
            found = self._steps[key] = self._number(Both(old, new, more)), points
        return found

    def code(self, old: int, new: int) -> int:
        """One number for how both have ended: one more than a rule, ``STUCK``, or 0 where not."""
        return self._codes.setdefault((old, new), len(self._codes))

    def ended(self, page: int, rule: int) -> int:
        here = self._pages[page]
        old, new = next(ends for ends, code in self._codes.items() if code == rule)
        pages = _ended(self.old, here.old, old), _ended(self.new, here.new, new)
        return self._number(Both(*pages, here.more))

    def final(self, variable: int, option: int) -> int:
        key = (variable, option)
        found = self._final.get(key)
        if found is None:
            mark = self.old.final(variable, option), self.new.final(variable, option)
            found = self._finals.setdefault(variable, {}).setdefault(mark, option)
            self._final[key] = found
        return found

    def grid(self, slot: int = 1) -> Grid:
        """Room for the points of either, with the old caps."""
        return self._grid(self.old.playbook, slot)

    def new_grid(self, slot: int = 1) -> Grid:
        """The same room, with the new caps."""
        return self._grid(self.new.playbook, slot)

    def _grid(self, playbook: Playbook, slot: int) -> Grid:
        old, new = self.old.grid(), self.new.grid()
        least = min(old.least[0], new.least[0]), min(old.least[1], new.least[1])
        most = max(old.most[0], new.most[0]), max(old.most[1], new.most[1])
        return Grid(playbook, least, most, slot)

    def _number(self, page: Both) -> int:
        found = self._numbers.setdefault(page, len(self._pages))
        if found == len(self._pages):
            self._pages.append(page)
        return found


def _ended(ledger: Ledger, page: int, over: int) -> int:
    if over == STUCK:
        return ledger.stopped(page)
    return ledger.ended(page, over - 1) if over else page


def _more(old: Points, new: Points) -> Points:
    return new[0] - old[0], new[1] - old[1]


def pair(old: Release, new: Release, flow_id: str) -> Pair:
    """The ledgers of one flow in two releases, over the same visitors.

    Raises: Incomparable; TooMany, TooWide or TooManyPages.
    """
    before, after = old.flows[flow_id], new.flows[flow_id]
    second = _renamed(old.playbook, new.playbook)
    everybody = universe(_joint(old.playbook, second), before, [before, after])
    _same_meaning(everybody, old.playbook, second)
    both = twofold(everybody, (q.property for flow in (before, after) for q in flow.questions))
    first, other = (
        Translator(
            replace(as_read(everybody, both, side), playbook=playbook, flow=flow), Formulas()
        )
        for side, (playbook, flow) in enumerate(((old.playbook, before), (second, after)))
    )
    return Pair(Ledger(first), Ledger(other), everybody, both)


def _renamed(old: Playbook, new: Playbook) -> Playbook:
    """The new playbook, its scoring rules named so that each name means one rule in both."""

    def renamed(first: Category, second: Category) -> Category:
        rules = []
        for rule in second.rules:
            same = next((each for each in first.rules if _bare(each) == _bare(rule)), None)
            rules.append(replace(rule, id=same.id if same else f"{rule.id} (new)"))
        return replace(second, rules=tuple(rules))

    return replace(new, fit=renamed(old.fit, new.fit), intent=renamed(old.intent, new.intent))


def _bare(rule: ScoringRule) -> ScoringRule:
    """What a rule does, without its name, its words and its place."""
    return replace(rule, id="", because=None, where=NOWHERE)


def _joint(old: Playbook, new: Playbook) -> Playbook:
    """A playbook that asks whatever either asks, to tell visitors apart by."""

    def united(first: Category, second: Category) -> Category:
        more = {rule.id: rule for rule in (*first.rules, *second.rules)}
        cap = (first.at_most or 0) + (second.at_most or 0)
        return replace(first, rules=tuple(more.values()), at_most=cap)

    return replace(
        old,
        properties={**old.properties, **new.properties},
        signals={**old.signals, **new.signals},
        icp=old.icp + new.icp,
        disqualifiers=old.disqualifiers + new.disqualifiers,
        fit=united(old.fit, new.fit),
        intent=united(old.intent, new.intent),
        tiers=old.tiers + new.tiers,
        routing=old.routing + new.routing,
        teams=(),
        guidance=Guidance(),
    )


def _same_meaning(everybody: Universe, old: Playbook, new: Playbook) -> None:
    """What either reads has to be the same thing in both."""
    for name in everybody.of_property:
        first, second = old.properties.get(name), new.properties.get(name)
        if first and second and _property(first) != _property(second):
            raise Incomparable(f"“{second.label}” takes other values now")
    for name in everybody.of_signal:
        before, after = old.signals.get(name), new.signals.get(name)
        if before and after and _signal(before) != _signal(after):
            raise Incomparable(f"the signal `{name}` counts something else now")
    first, second = old.email_property, new.email_property
    if old.locale != new.locale or (first and first.id) != (second and second.id):
        raise Incomparable("the playbook's language or its e-mail property is another one now")


def _property(property: Property) -> object:
    return (
        property.type,
        tuple(property.choices),
        property.ordered,
        property.derive,
        property.expires,
    )


def _signal(signal: Signal) -> object:
    return signal.event, signal.pages, signal.visit, signal.utm
