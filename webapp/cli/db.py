"""``baton db``: bring the database up to date, copy it, prove that nothing in it is missing."""

from pathlib import Path

import click

from webapp.cli.application import application, fail
from webapp.cli.problems import count, print_json
from webapp.services import counting, verification
from webapp.store import backup as copies
from webapp.store import schema
from webapp.store.backup import CannotBackUp


@click.group()
def db() -> None:
    """Upgrade, back up and verify the database."""


@db.command()
def upgrade() -> None:
    """Run the migrations this database has not seen. Safe to run again."""
    with application():
        before = schema.current()
        schema.upgrade()
        after = schema.current()
    was = f"was at {before}" if before else "was empty"
    said = "is up to date" if before == after else f"{was}, is at {after} now"
    click.echo(f"The database {said}.", err=True)


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the database to FILE while everything runs on. FILE must not be there yet."""
    with application():
        try:
            size = copies.backup(file)
        except CannotBackUp as problem:
            fail(problem)
    click.echo(f"{file} holds all that was committed when this began, {size:,} bytes.", err=True)


@db.command()
def recount() -> None:
    """Count the days anew of which the reports tell wrong figures."""
    with application():
        found = counting.recount()
    for of, day in found:
        click.echo(f"{day}: its {of} were counted anew.")
    click.echo(f"{count(len(found), 'counted day')} {'was' if len(found) == 1 else 'were'} wrong.")


@db.command()
@click.option("--json", "for_programs", is_flag=True, help="Print JSON.")
def verify(*, for_programs: bool) -> None:
    """Check that nothing is missing and that every score comes out again; exit 1 if not."""
    with application():
        found = verification.verify()
    if for_programs:
        print_json({"ok": not found.problems, "checked": found.checked, "problems": found.problems})
    else:
        for problem in found.problems:
            click.secho(problem, fg="red", err=True)
        looked_at = ", ".join(count(number, what) for what, number in found.checked.items())
        click.echo(f"{looked_at}: {count(len(found.problems), 'problem')}.")
    raise SystemExit(bool(found.problems))
