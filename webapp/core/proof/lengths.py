"""The fewest and the most questions of a flow, and a way to be asked so many."""

from webapp.core.proof.explore import Paths
from webapp.core.proof.moves import Choice


def extreme_length(graph: Paths, sign: int) -> tuple[int, tuple[Choice, ...]]:
    """The most (sign 1) or fewest (sign -1) questions anybody is asked, and what they do."""
    best: list[int] = [0]
    came: list[list[tuple[int, int]]] = []
    for layer, following in zip(graph.layers, graph.layers[1:], strict=False):
        longest: list[int | None] = [None] * len(following.nodes)
        parents = [(-1, -1)] * len(following.nodes)
        for node, edges in enumerate(layer.edges):
            graph.tick()
            for at, edge in enumerate(edges):
                length = best[node] + edge.asked
                held = longest[edge.target]
                if held is None or (length - held) * sign > 0:
                    longest[edge.target] = length
                    parents[edge.target] = (node, at)
        best = [length or 0 for length in longest]
        came.append(parents)
    node = max(range(len(best)), key=lambda n: best[n] * sign)
    number, choices = best[node], list[Choice]()
    for place in range(len(came) - 1, -1, -1):
        node, at = came[place][node]
        choices.append(graph.layers[place].edges[node][at].choice)
    return number, tuple(reversed(choices))
