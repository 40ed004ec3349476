"""What memory a server comes to need the longer it answers: none, or it would have to be started
again one day."""

from collections.abc import Iterator
from statistics import linear_regression

from tests.bench import goals
from tests.bench.answers import Contender

SECONDS = 5.0
FEWEST = 8
"""Points that a line is drawn through."""


def report(served: Contender, database: str, requests: int) -> Iterator[str]:
    """Answer so many requests, and draw a line through what all processes needed together."""
    made = 0
    points: list[tuple[int, float]] = []
    while made < requests or len(points) < FEWEST:
        window = served.run(SECONDS)
        made += window.requests
        points.append((made, served.server.memory_of_all()))
    points = points[len(points) // 4 :]  # until then the processes still load what they need
    slope, _ = linear_regression(*zip(*points, strict=True))
    yield f"Memory of all processes, {database}, over {made:,} requests"
    yield f"{points[0][1]:>8.1f} MiB after a quarter, {points[-1][1]:.1f} MiB at last"
    yield f"{slope * 100_000:>8.1f} MiB more with each 100,000, by a line through the rest"
    yield ""
    goals.note("growth", slope * 100_000, database)
