"""``baton replay``: what a changed playbook would have done to past conversations."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from webapp.cli.application import application, fail, now
from webapp.cli.problems import count, refuse
from webapp.core.errors import FlowError, Problem
from webapp.core.replay import Moved, Replayed
from webapp.flow_files import load_texts
from webapp.services.figures import insights
from webapp.services.flows import releases
from webapp.services.flows.releases import NothingPublished

SHOWN = 10


@click.command()
@click.option(
    "--playbook",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The changed playbook. Without it, the live one (which shows what time alone changed).",
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on; else 90 days.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def replay(playbook: Path | None, since: datetime | None, as_json: bool) -> None:
    """Decide past conversations again under another playbook. Keeps and sends nothing."""
    start = since.replace(tzinfo=UTC) if since else now() - timedelta(days=90)
    with application():
        try:
            manifest = releases.live_manifest()
            texts = releases.texts_of(manifest)
            if playbook:
                texts["playbook.yaml"] = playbook.read_text(encoding="utf-8")
            found = insights.what_if(load_texts(texts), since=start)
            shown = insights.named(found.moved[:SHOWN])
        except UnicodeDecodeError:
            fail(f"{playbook} is not UTF-8 text.")
        except NothingPublished as problem:
            fail(problem)
        except FlowError as error:
            problems = [_named(each, playbook) for each in error.problems]
            refuse(problems, for_programs=as_json)
    if as_json:
        click.echo(json.dumps(_document(found)))
    else:
        _tell(found, shown)


def _named(problem: Problem, playbook: Path | None) -> Problem:
    """A problem of the changed playbook, under the name its file has."""
    if playbook is None or problem.where.file != "playbook.yaml":
        return problem
    return replace(problem, where=replace(problem.where, file=str(playbook)))


def _document(found: Replayed) -> dict[str, object]:
    return {
        "conversations": found.conversations,
        "left_out": found.left_out,
        "tiers": [{"from": a, "to": b, "count": n} for (a, b), n in found.tiers.items()],
        "destinations": [
            {"from": a, "to": b, "count": n} for (a, b), n in found.destinations.items()
        ],
        "never_asked": dict(found.lacking),
        "moved": [
            {
                "record": each.before.id,
                "from": {
                    "total": each.before.total,
                    "tier": each.before.tier,
                    "destination": each.before.destination,
                },
                "to": {"total": each.total, "tier": each.tier, "destination": each.destination},
                "outcome": each.before.outcome,
            }
            for each in found.moved
        ],
    }


def _tell(found: Replayed, shown: Sequence[tuple[str, Moved]]) -> None:
    click.echo(f"{count(found.conversations, 'conversation')}, {len(found.moved)} would differ.")
    for what, pairs in (("tier", found.tiers), ("destination", found.destinations)):
        for (before, after), number in pairs.most_common():
            if before != after:
                click.echo(f"  {number} by {what}: {before} -> {after}")
    for who, each in shown:
        came = f", {each.before.outcome}" if each.before.outcome else ""
        click.echo(
            f"  {who}: {each.before.total} -> {each.total}, "
            f"{each.before.destination} -> {each.destination}{came}"
        )
    for rule, number in found.lacking.most_common(5):
        click.echo(f"  {number} were never asked what {rule} reads: unknown, not guessed")
    if found.left_out:
        click.echo(f"  {found.left_out} left out: their flow is gone")
