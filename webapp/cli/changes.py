"""``baton flows diff``: what another version of the flows changes, for people and for programs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from webapp.cli.examples import destination_label, print_case
from webapp.cli.flows import json_option, loaded
from webapp.cli.limits import seconds_option, within
from webapp.cli.numbers import classes, in_words
from webapp.cli.problems import print_json
from webapp.core.crowd.compare import Change, Documented, Move
from webapp.core.flow import Release
from webapp.core.proof.ledger import STOPPED
from webapp.core.proof.moved import Compared, differences


@click.command()
@click.argument("old", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, file_okay=False, path_type=Path))
@seconds_option(
    30.0, "Time to compare all classes of visitors; after it some visitors are tried instead."
)
@json_option
def diff(old: Path, new: Path, seconds: float, *, for_programs: bool) -> None:
    """Say what NEW would change for whom, against OLD, over all classes of visitors.

    Visitors of one class answer and do the same as far as either version can tell. Where that
    takes too long, or a property takes other values now, a crowd of visitors is tried in both
    instead, which is said.
    """
    releases = (
        loaded(old, for_programs=for_programs),
        loaded(new, for_programs=for_programs),
    )
    found = list(differences(*releases, within(seconds)))
    gone = sorted(releases[0].flows.keys() - releases[1].flows.keys())
    come = sorted(releases[1].flows.keys() - releases[0].flows.keys())
    if for_programs:
        print_json({"changes": [_as_json(each) for each in found], "gone": gone, "new": come})
        return
    for name in come:
        click.echo(f"{name}: new")
    for name in gone:
        click.echo(f"{name}: gone")
    for each in found:
        _print(each, *releases)


def _print(compared: Compared, old: Release, new: Release) -> None:
    """In words: who ends elsewhere, with one visitor for each move."""
    change = compared.change
    flow, total = change.flow, in_words(change.tried)
    everybody = classes(change.tried)
    if compared.sampled:
        everybody = f"{total} visitors tried"
        click.echo(f"{flow}: not all classes of visitors are compared: {compared.sampled}.")
    if not change.destinations and not change.tiers:
        click.echo(f"{flow}: nothing changes for any of {everybody}")
    for move, count in change.destinations.most_common():
        said = f"{flow}: {in_words(count)} of {everybody} {_move(move, old, new)}"
        _show(said, move, change.examples)
    for (before, after), count in change.tiers.most_common():
        click.echo(f"{flow}: {in_words(count)} of {total} are now {after} instead of {before}")
    for move in compared.from_before:
        said = f"{flow}: some of whom we know something {_move(move, old, new)}"
        _show(said, move, compared.from_before)
    if compared.unlooked:
        click.echo(f"{flow}: people of whom we know something were left out: {compared.unlooked}")


def _move(move: Move, old: Release, new: Release) -> str:
    was, now = destination_label(old.playbook, move[0]), destination_label(new.playbook, move[1])
    if move[1] == STOPPED:
        return f"stop at a question they do not answer instead of ending at {was}"
    if move[0] == STOPPED:
        return f"now end at {now}; before, they stopped at a question they do not answer"
    return f"now end at {now} instead of {was}"


def _show(said: str, move: Move, examples: Mapping[Move, Documented | None]) -> None:
    example = examples.get(move)
    click.echo(f"{said}; for example" if example else f"{said}; no example was found")
    if example:
        print_case(example.document())


def _as_json(compared: Compared) -> dict[str, Any]:
    change = compared.change
    return {
        "flow": change.flow,
        "classes" if compared.sampled is None else "tried": change.tried,
        "sampled": compared.sampled,
        "destinations": [
            {**_pair(move), "count": count, "example": _document(change.examples.get(move))}
            for move, count in change.destinations.most_common()
        ],
        "tiers": _tiers(change),
        "known_before": [
            {**_pair(move), "example": _document(each)}
            for move, each in compared.from_before.items()
        ],
        "left_out": compared.unlooked,
    }


def _tiers(change: Change) -> list[dict[str, Any]]:
    return [{**_pair(move), "count": count} for move, count in change.tiers.most_common()]


def _pair(move: Move) -> dict[str, str | None]:
    """Null where they stop at a question they do not answer."""
    return {"from": move[0] or None, "to": move[1] or None}


def _document(example: Documented | None) -> Mapping[str, Any] | None:
    return example.document() if example else None
