"""``baton leads``: bring people in, take them out, forget one."""

import json
import sys
from pathlib import Path

import click

from webapp.cli.application import application, fail, now
from webapp.cli.problems import count, print_json
from webapp.services.flows.releases import NothingPublished
from webapp.services.people import erasure, exports, imports, suppression
from webapp.services.people.erasure import NobodyToErase, NoList
from webapp.store.database import reading


@click.group()
def leads() -> None:
    """Import, export and erase leads."""


@leads.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Take on the leads of a CSV FILE: a column for each property, one of them the e-mail address.

    What baton leads export wrote can be edited and taken on again.

    What the file says counts as inferred. Several choices stand in one field, apart by semicolons.
    A file with a fault is not taken at all. Cut short in the middle, the same again goes on.
    """
    with application():
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                taken = imports.import_leads(lines, now=now(), tell=_taken)
        except UnicodeDecodeError:
            fail(f"{file} is not UTF-8 text. Save it as CSV in UTF-8.")
        except NothingPublished as problem:
            fail(problem)
    over = "\r" if sys.stderr.isatty() else ""
    click.echo(f"{over}{count(taken.leads, 'lead')} taken on.", err=True)
    if taken.passed_over:
        click.echo(f"Passed over, for Baton to say: {', '.join(taken.passed_over)}.", err=True)
    if taken.without_address:
        left = count(taken.without_address, "lead")
        click.echo(f"Passed over, for want of an e-mail address: {left}.", err=True)


def _taken(number: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{number} of {of} …", nl=False, err=True)


@leads.command()
@click.option("--json", "for_programs", is_flag=True, help="One line of JSON each, with all facts.")
def export(*, for_programs: bool) -> None:
    """Print every lead as CSV that is safe to open in a spreadsheet."""
    write = exports.write_json if for_programs else exports.write_csv
    with application(), reading():
        number = write(sys.stdout)
    click.echo(f"{count(number, 'lead')} written.", err=True)


@leads.command()
@click.argument("email")
@click.option("--suppress", is_flag=True, help="Leave them alone, should they come back.")
def erase(email: str, *, suppress: bool) -> None:
    """Forget the person with this address, and tell every receiver that knows them.

    With --suppress a keyed hash of the address stays, which names nobody.
    """
    by = "the command line"
    with application():
        try:
            id = erasure.erase(email, by=by, suppress=suppress, now=now())
        except NobodyToErase:
            if not suppress:
                raise
            suppression.leave_alone(email, by=by, now=now())
            click.echo("Nobody here has this address. Who comes with it is left alone.", err=True)
            return
    click.echo(f"Lead {id} is erased.", err=True)


@leads.command()
def erased() -> None:
    """Print the list of erasures, which names nobody: keep the newest one beside the backups."""
    with application(), reading():
        for tombstone in erasure.tombstones():
            print_json(tombstone)


@leads.command("erase-again")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def erase_again(file: Path) -> None:
    """After restoring a backup: forget whom the list of erasures in FILE says was erased since."""
    with application():
        try:
            with file.open(encoding="utf-8") as lines:
                erasure.take_on([json.loads(line) for line in lines if line.strip()])
        except (ValueError, NoList):
            fail(NoList())
        number = erasure.erase_again(now=now())
    click.echo(f"{count(number, 'lead')} erased again.", err=True)
