"""``baton flows publish`` and ``export``: between files and the database that is live."""

from pathlib import Path

import click

from webapp.cli.application import application, fail, now
from webapp.cli.problems import count, print_problems
from webapp.core.errors import FlowError
from webapp.services.flows import releases
from webapp.services.flows.releases import NothingPublished
from webapp.store import releases as rows
from webapp.store.database import reading


@click.command()
@click.argument(
    "folder",
    metavar="[DIR]",
    default="question_flows",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--why", required=True, help="What changes for whom; kept with the release.")
@click.option("--by", default="the command line", show_default=True, help="Who publishes.")
@click.option(
    "--move-on",
    is_flag=True,
    help="Conversations under way go on with it from their next answer, too.",
)
def publish(folder: Path, why: str, by: str, *, move_on: bool) -> None:
    """Make the flows in DIR what every new conversation runs.

    Conversations under way finish on the release they began with, unless they are to --move-on.
    """
    if not why.strip():
        raise click.BadParameter("Say what changes for whom.", param_hint="--why")
    with application():
        before = rows.live_id()
        try:
            texts = releases.texts_in(folder)
            row = releases.publish(texts, by=by, why=why, now=now(), move_on=move_on)
        except UnicodeDecodeError:
            fail(f"A file in {folder} is not UTF-8 text. baton flows check {folder} says which.")
        except FlowError as error:
            print_problems(error.problems)
            fail("Nothing was published.")
    if row.id == before:
        click.echo(f"Release {row.id} has these very texts and is live already.", err=True)
    else:
        flows = count(len(row.manifest["flows"]), "flow")
        then = " Conversations under way go on with it." if move_on else ""
        click.echo(f"Release {row.id} with {flows} is live.{then}", err=True)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite files that differ.")
def export(folder: Path, *, force: bool) -> None:
    """Write the playbook and flows that are live to DIR, as they were published."""
    with application(), reading():
        row = rows.live()
        if row is None:
            fail(NothingPublished())
        number, texts = row.id, releases.texts_of(row.manifest)
    differing = [
        name
        for name, text in texts.items()
        if (folder / name).exists() and (folder / name).read_bytes() != text.encode()
    ]
    if differing and not force:
        fail(f"{folder} has other versions of {', '.join(differing)}. --force overwrites them.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    click.echo(f"Release {number} is in {folder}.", err=True)
