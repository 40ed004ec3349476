"""`baton drill`: injure a scratch copy of the product on purpose and count what got lost."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from webapp.cli.drill import faults
from webapp.cli.drill.faults import Outcome
from webapp.cli.drill.scratch import Scratch

SHORT = {"kills": 8, "refusals": 40, "hangups": 12}
LONG = {"kills": 300, "refusals": 2_000, "hangups": 600}


@click.command()
@click.option("--long", is_flag=True, help="The long run before a release: an hour or so.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def drill(*, long: bool, as_json: bool) -> None:
    """Kill it, fill its disk, hang up on it, and count what was lost: on a scratch copy, never on
    your data.

    Visitors answer a flow of the starter content as fast as they can while the copy is injured.
    Afterwards every answer they were told is kept must be there once, with all that follows from
    it. Exit 0 nothing lost, 1 something was.
    """
    size = LONG if long else SHORT
    plan: list[tuple[str, Callable[[Path], Outcome]]] = [
        ("killing it", lambda folder: faults.kills(Scratch(folder), size["kills"])),
        ("filling its disk", lambda folder: faults.full_disk(Scratch(folder), size["refusals"])),
        ("hanging up on it", lambda folder: faults.dead_receiver(folder, size["hangups"])),
    ]
    outcomes = []
    for what, injure in plan:
        click.echo(f"{what} …", err=True)
        with tempfile.TemporaryDirectory(prefix="baton-drill-") as folder:
            outcomes.append(injure(Path(folder)))
    _say(outcomes, as_json=as_json)
    raise SystemExit(any(outcome.lost for outcome in outcomes))


def _say(outcomes: list[Outcome], *, as_json: bool) -> None:
    injected = sum(outcome.injected for outcome in outcomes)
    lost = sum(len(outcome.lost) for outcome in outcomes)
    if as_json:
        faults_done = [
            {"fault": o.fault, "injected": o.injected, "taken": o.taken, "lost": list(o.lost)}
            for o in outcomes
        ]
        click.echo(
            json.dumps({"faults": injected, "lost": lost, "by_fault": faults_done}, indent=2)
        )
        return
    for outcome in outcomes:
        click.echo(
            f"{outcome.fault:<14}{outcome.injected:>7} times{outcome.taken:>8} answers taken"
            f"{len(outcome.lost):>6} lost"
        )
        for sentence in outcome.lost:
            click.secho(f"  {sentence}", fg="red", err=True)
    click.echo(f"{injected} faults, {lost} lost")
