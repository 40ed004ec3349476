"""Whether the route is settled: every rule that may still decide, whatever is answered next."""

from collections.abc import Collection, Sequence

from webapp.core.cells import TooMany
from webapp.core.flow import Question
from webapp.core.playbook import Playbook, RoutingRule
from webapp.core.possible import World, freed, truths
from webapp.core.situation import Situation

MOST_WORLDS = 2048


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
        may = truths(question.when, World(situation, free))
        if True not in may:
            continue
        if not question.always and budget and may == {True} and question.property not in free:
            budget -= 1
        free |= freed(situation.playbook, question.property)
    world = World(situation, free)
    leaving = [rule for rule in (situation.flow.finish_when if situation.flow else ()) if rule.to]
    if any(True in truths(rule.when, world) for rule in leaving):
        return False
    search = Search(situation.playbook)
    try:
        return len(search.deciding(world)) == 1
    except (TooMany, TooFar):
        return False


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
