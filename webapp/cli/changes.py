"""What another version of the flows changes, for people and for programs."""

from typing import Any

import click
import yaml

from webapp.core.crowd.compare import Change


def print_change(change: Change) -> None:
    """In words: who of those tried ends elsewhere, with one visitor for each way."""
    if not change.destinations and not change.tiers:
        click.echo(f"{change.flow}: nothing changes for any of {change.tried} visitors tried")
    for (before, after), count in change.destinations.most_common():
        click.echo(
            f"{change.flow}: {count} of {change.tried} visitors tried now end at {after} "
            f"instead of {before}; for example"
        )
        shown = change.examples[before, after].document()
        for line in yaml.safe_dump(shown, sort_keys=False, allow_unicode=True).splitlines():
            click.echo(f"    {line}")
    for (before, after), count in change.tiers.most_common():
        click.echo(f"{change.flow}: {count} of {change.tried} are now {after} instead of {before}")


def changes_as_json(change: Change) -> dict[str, Any]:
    return {
        "flow": change.flow,
        "tried": change.tried,
        "destinations": [
            {"from": a, "to": b, "count": n, "example": change.examples[a, b].document()}
            for (a, b), n in change.destinations.items()
        ],
        "tiers": [{"from": a, "to": b, "count": n} for (a, b), n in change.tiers.items()],
    }
