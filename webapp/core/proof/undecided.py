"""Visitors whose route is still open when a question's turn comes.

A flow that stops when the route is settled goes on asking exactly them: from where they stand,
answers still to come lead to different rules.
"""

from collections.abc import Iterator

from webapp.core.proof.explore import Exploration, State, Trace

Open = dict[State, dict[int, int]]
"""For each state the rules that may still decide, each with the points for which it may."""


def undecided(exploration: Exploration, place: int) -> Iterator[Trace]:
    """Visitors who are asked at this event because two rules may still decide about them.

    The exploration has to be one in which everything but answers is chosen first.
    """
    open_ = _at_the_end(exploration)
    for layer in range(len(exploration.graph.events) - 1, place - 1, -1):
        exploration.tick()
        open_ = _before(exploration, layer, open_)
    edges = exploration.graph.layers[place].edges
    for (node, page), rules in open_.items():
        asking = [at for at, edge in enumerate(edges[node]) if edge.asked]
        both = _in_two(rules)
        if asking and both:
            lowest, highest = (both & -both).bit_length() - 1, both.bit_length() - 1
            for points in dict.fromkeys((lowest, highest)):
                for at in asking:
                    yield exploration.through_state(place, (node, page), points, at)


def _at_the_end(exploration: Exploration) -> Open:
    found: Open = {}
    for state, held in exploration.reached[len(exploration.graph.events)].items():
        page = exploration.ledger[state[1]]
        for rule, taken in exploration.decided(page, held):
            rules = found.setdefault(state, {})
            rules[rule] = rules.get(rule, 0) | taken
    return found


def _before(exploration: Exploration, place: int, after: Open) -> Open:
    """The same one event earlier, looking back along every edge."""
    found: Open = {}
    for state, held in exploration.reached[place].items():
        rules: dict[int, int] = {}
        for _, target, shift in exploration.edges_from(place, state):
            for rule, taken in after.get(target, {}).items():
                back = taken >> shift if shift >= 0 else taken << -shift
                rules[rule] = rules.get(rule, 0) | back & held
        found[state] = rules
    return found


def _in_two(rules: dict[int, int]) -> int:
    once = twice = 0
    for taken in rules.values():
        twice |= once & taken
        once |= taken
    return twice
