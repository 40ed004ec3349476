"""From the command to the first page: the product on its database, and a bare gunicorn.

Processor time of all processes; of several starts the least disturbed counts.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench import answers, goals, product
from tests.bench.load import cpu, exchange
from tests.bench.servers import WORKERS, Server, gunicorn

STARTS = 3


def report(database: str, folder: Path, url: str) -> Iterator[str]:
    product.prepare(folder, url)
    found: dict[str, list[tuple[float, float, float]]] = {"bare": [], "product": []}
    for _ in range(STARTS):
        for name, took in found.items():
            with ExitStack() as stack:
                began = time.perf_counter()
                server = _first_page(name, stack, folder, url)
                seconds = time.perf_counter() - began
                took.append((cpu(server.process), seconds, server.memory()))
    yield f"Starting, {database}, {WORKERS} processes (processor time, by the clock, memory)"
    for name, took in found.items():
        processor, seconds, memory = min(took)
        yield f"{name:24}{processor:>7.2f} s{seconds:>7.2f} s{memory:>7.0f} MiB"
    goals.note("start", min(found["product"])[0], database)
    yield ""


def _first_page(name: str, stack: ExitStack, folder: Path, url: str) -> Server:
    if name == "product":
        return product.start(stack, folder, url).server
    server = stack.enter_context(gunicorn("tests.bench.references:bare()", folder / "bare.log"))
    exchange(server.port, answers.post("/", {"question": "q1"}))
    return server
