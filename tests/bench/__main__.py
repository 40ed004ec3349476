"""`make bench`: what the product costs, beside references that run in the same minutes.

Only ratios, CPU per request and counts mean anything: the machine may be busy with other things.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from tests.bench import (
    answers,
    calls,
    events,
    goals,
    growth,
    opening,
    product,
    proof,
    reaching,
    references,
    replaying,
    scoring,
    starting,
    staying,
)
from tests.fixtures.servers import new_database, own_server
from webapp.store.database import db

DATABASES = ("sqlite", "postgresql")
NewDatabase = Callable[[str], str]


@contextmanager
def room(
    database: str, *, kept: Path | None = None
) -> Iterator[tuple[ExitStack, Path, NewDatabase]]:
    """A folder, and a way to make databases, that are gone when the part is done; or ``kept``, and
    what is there already is used again."""
    with ExitStack() as stack:
        if kept:
            folder = kept / database
            folder.mkdir(parents=True, exist_ok=True)
        else:
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-bench-"))
            folder = Path(name)
        if database == "sqlite":
            yield stack, folder, lambda name: f"sqlite:///{folder / name}.db"
        else:
            server = stack.enter_context(own_server(folder, durable=True, kept=kept is not None))
            yield stack, folder, lambda name: new_database(server, name)


def answering(options: argparse.Namespace) -> Iterator[str]:
    for database in options.databases:
        with room(database) as (stack, folder, new):
            contenders = answers.start_references(stack, folder, new)
            url = new("product")
            app = product.prepare(folder, url)
            served = product.start(stack, folder, url)
            contenders += [product.midway(served), served]
            contenders += [product.by_api(app, served), product.crowded(served)]
            windows = answers.contend(contenders, options.rounds)
            yield f"An answer, {database}, {answers.CONNECTIONS} connections"
            yield from answers.table(windows, unit="core")
            answers.note(windows, database)
            memory = served.server.memory()
            yield f"Memory of a web process: {memory:.0f} MiB"
            goals.note("memory", memory, database)
            yield ""


def counting(options: argparse.Namespace) -> Iterator[str]:
    yield "An answer in counts (median over one conversation; the last answer also hands over)"
    yield f"{'':24}{'calls':>9}{'of core':>9}{'statements':>12}{'commits':>9}{'bytes':>9}"
    for database in options.databases:
        with room(database) as (_, folder, new):
            url = new("core")
            references.fill(url)
            floor = calls.of_reference(references.core(url))
            app = product.prepare(folder, new("product"))
            with app.app_context():
                engine = db.engine
            *usual, last = calls.of_product(app, engine, product.FLOW)
            engine.dispose()
            yield f"core, {database:18}{floor:>9}{1:>9.2f}"
            for name, costs in (("product", usual), ("product's last", [last])):
                number = median(cost.calls for cost in costs)
                statements = median(cost.statements for cost in costs)
                commits = median(cost.commits for cost in costs)
                label = f"{name}, {database}"
                size = median(cost.size for cost in costs)
                counts = f"{number:>9.0f}{number / floor:>9.2f}{statements:>12.0f}{commits:>9.0f}"
                yield f"{label:24}{counts}{size:>9.0f}"
                if costs is usual:
                    goals.note("calls", number / floor, database)
                    goals.note("statements", statements, database)
                    goals.note("commits", commits, database)
                    goals.note("turn", size / 1e3, database)
    yield ""


def ingesting(options: argparse.Namespace) -> Iterator[str]:
    for database in options.databases:
        with room(database) as (_, folder, new):
            yield from events.report(database, folder, new("events"))


def start_up(options: argparse.Namespace) -> Iterator[str]:
    for database in options.databases:
        with room(database) as (_, folder, new):
            yield from starting.report(database, folder, new("product"))


def replay_past(options: argparse.Namespace) -> Iterator[str]:
    for database in options.databases:
        with room(database) as (_, folder, new):
            yield from replaying.report(database, folder, new("replaying"))


def reach(options: argparse.Namespace) -> Iterator[str]:
    for database in options.databases:
        with room(database) as (_, folder, new):
            yield from reaching.report(database, folder, new("reaching"))


def staying_on(options: argparse.Namespace) -> Iterator[str]:
    for database in options.databases:
        with room(database) as (stack, folder, new):
            url = new("product")
            product.prepare(folder, url)
            served = product.start(stack, folder, url)
            yield from staying.report(served, database, options.requests)


def growing(options: argparse.Namespace) -> Iterator[str]:
    for database in options.databases:
        with room(database, kept=options.keep) as (_, folder, new):
            yield from growth.report(database, folder, new, options.leads, draw=options.draw)


def open_up(options: argparse.Namespace) -> Iterator[str]:
    with room("sqlite") as (_, folder, new):
        yield from opening.report(folder, new("opening"))


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "counts": counting,
    "answers": answering,
    "scoring": lambda options: scoring.report(draw=options.draw),
    "events": ingesting,
    "replaying": replay_past,
    "starting": start_up,
    "staying": staying_on,
    "opening": open_up,
    "reaching": reach,
    "growth": growing,
    "proof": proof.report,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, if none is named")
    parser.add_argument("--rounds", type=int, default=answers.PAIRS)
    parser.add_argument("--requests", type=int, default=20_000, help="how long staying goes on")
    parser.add_argument("--leads", type=int, default=100_000, help="how far growth goes")
    parser.add_argument("--keep", type=Path, help="where growth keeps its databases, to go on with")
    parser.add_argument("--databases", nargs="*", choices=DATABASES, default=DATABASES)
    parser.add_argument("--draw", action="store_true", help="draw what was measured for docs")
    options = parser.parse_args()
    for name in options.parts or PARTS:
        for line in PARTS[name](options):
            print(line, flush=True)
    for line in goals.table():
        print(line)


if __name__ == "__main__":
    main()
