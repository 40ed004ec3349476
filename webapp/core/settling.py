"""Whether the route is settled: every rule that may still decide, whatever is answered next."""

from collections.abc import Collection, Sequence

from webapp.core.cells import TooMany
from webapp.core.conditions import comparisons
from webapp.core.flow import Question
from webapp.core.keep import kept
from webapp.core.playbook import Playbook, RoutingRule
from webapp.core.possible import World, deciding, freed, truths
from webapp.core.rules import judges, seen_worth
from webapp.core.situation import Situation
from webapp.core.values import EXACT

MOST_WORLDS = 2048
MOST_MARKS = 1024
"""For how many different visitors a process keeps in mind whether their route is settled."""
DERIVED = frozenset({"disqualified", "disqualifier", "score", "tier", "icp"})
"""What follows from everything else."""


def is_settled(
    situation: Situation, remaining: Sequence[Question], asked: Collection[str], budget: int | None
) -> bool:
    """Whether no answer still to come can change the rule that decides the route.

    Where that cannot be told within a bounded search it is not settled: better one question too
    many than a wrong route.
    """
    free: set[str] = set()
    for question in remaining:
        if question.property in asked:
            continue
        if not question.always and (budget == 0 or situation.profile.is_known(question.property)):
            continue
        may = truths(question.when, World(situation, free)) if question.when else {True}
        if True not in may:
            continue
        if not question.always and budget and may == {True} and question.property not in free:
            budget -= 1
        free |= freed(situation.playbook, question.property)
    world = World(situation, free)
    leaving = [rule for rule in (situation.flow.finish_when if situation.flow else ()) if rule.to]
    if any(True in truths(rule.when, world) for rule in leaving):
        return False
    return _leads_one_way(world)


def _leads_one_way(world: World) -> bool:
    """Whether one rule alone can decide in this world: found out once for everybody of whom the
    same is known, as far as a route can rest on it."""
    playbook = world.situation.playbook
    found: dict[object, bool] = kept(playbook, "_led", dict)
    mark = world.free, world.standing, Grounds.of(playbook).mark(world.situation)
    led = found.get(mark)
    if led is None:
        try:
            led = len(Search(playbook).deciding(world)) == 1
        except (TooMany, TooFar):
            led = False
        if len(found) >= MOST_MARKS:
            found.clear()
        found[mark] = led
    return led


class Grounds:
    """What a route can rest on: choices, what other comparisons make of what they read, and the
    points of rules that look at something else than choices."""

    def __init__(self, playbook: Playbook) -> None:
        read = dict.fromkeys(each for when in deciding(playbook) for each in comparisons(when))
        direct = [each for each in read if each.subject.kind not in DERIVED]
        tables = {
            rule.id: playbook.properties[rule.property] for rule in playbook.rules if rule.property
        }
        choices = [each.table[0] for each in direct if each.table]
        choices += [property.id for property in tables.values() if property.type in EXACT]
        self.choices = tuple(dict.fromkeys(choices))
        self.truths = [each.closure for each in direct if not each.table]
        self.points = [
            judges(playbook)[id] for id, property in tables.items() if property.type not in EXACT
        ]

    @staticmethod
    def of(playbook: Playbook) -> "Grounds":
        return kept(playbook, "_grounds", lambda: Grounds(playbook))

    def mark(self, situation: Situation) -> object:
        """Alike for two visitors whom nothing that decides a route can tell apart."""
        values = situation.values
        return (
            tuple([values.get(key) for key in self.choices]),
            tuple([holds(situation) for holds in self.truths]),
            tuple([judge(situation).brought for judge in self.points]),
            tuple([worth.brought for worth in seen_worth(situation).values()]),
        )


class TooFar(Exception):
    """The search for other routes met its bound."""


class Search:
    """Every routing rule that may decide, by splitting free properties until each world is sure."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.worlds = 0

    def deciding(self, world: World, *, all_of_them: bool = False) -> set[str]:
        """The ids of the rules that may decide; two are enough unless all are asked for.

        Raises: TooFar, TooMany.
        """
        return self._deciding(self.playbook.routing, world, all_of_them)

    def _deciding(self, rules: Sequence[RoutingRule], world: World, all_of_them: bool) -> set[str]:
        self.worlds += 1
        if self.worlds > MOST_WORLDS:
            raise TooFar
        for place, rule in enumerate(rules):
            found = truths(rule.when, world)
            if found == {True}:
                return {rule.id}
            if True in found:  # and in no rule before it, in no part of this world
                return self._split(rules[place:], world, all_of_them)
        raise AssertionError("the last routing rule has no condition")

    def _split(self, rules: Sequence[RoutingRule], world: World, all_of_them: bool) -> set[str]:
        touched = next(iter(world.touching(rules[0].when)), None)
        if touched is None:
            raise TooFar
        found: set[str] = set()
        for part in world.split(touched):
            found |= self._deciding(rules, part, all_of_them)
            if len(found) > 1 and not all_of_them:
                break
        return found
