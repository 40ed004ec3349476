"""``baton db``: bring the database up to date, copy it, prove that nothing in it is missing."""

import re
from collections import Counter
from pathlib import Path
from typing import NoReturn, TextIO

import click

from webapp.cli.application import application, fail
from webapp.cli.problems import count, print_json
from webapp.services.figures import counting
from webapp.services.operations import verification
from webapp.services.prospects import receipts
from webapp.services.prospects.receipts import Verdict
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
    if after is not None and after > schema.newest():
        click.echo(
            f"The database is at {after}, newer than this code, which knows {schema.newest()}: "
            "nothing was done. Start the new code here as well.",
            err=True,
        )
        return
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
@click.option(
    "--receipts",
    "given",
    metavar="FILE",
    type=click.File(errors="replace"),
    help="Say of each receipt in FILE, one a line, what became of its answer, and check nothing "
    "else. - reads standard input.",
)
@click.option(
    "--audit-end",
    metavar="LINE:SEAL",
    default="",
    callback=lambda _, __, given: _as_printed(given),
    help="Say also whether the audit log still holds the line it ended with when this was printed.",
)
def verify(*, for_programs: bool, given: TextIO | None, audit_end: str) -> None:
    """Check that nothing is missing and that every score comes out again; exit 1 if not."""
    if given is not None:
        _reconcile(given, for_programs=for_programs)
    with application():
        found = verification.verify(audit_end)
    if for_programs:
        told = {"checked": found.checked, "problems": found.problems, "audit_end": found.audit_end}
        print_json({"ok": not found.problems, **told})
    else:
        for problem in found.problems:
            click.secho(problem, fg="red", err=True)
        looked_at = ", ".join(count(number, what) for what, number in found.checked.items())
        click.echo(f"{looked_at}: {count(len(found.problems), 'problem')}.")
        click.echo(f"The audit log ends with {found.audit_end}")
    raise SystemExit(bool(found.problems))


def _as_printed(given: str) -> str:
    if given and not re.fullmatch(r"\d{1,18}:[0-9a-f]{64}", given, re.ASCII):
        raise click.BadParameter("Give it as this command printed it: LINE:SEAL.")
    return given


_IN_WORDS: dict[Verdict, str] = {
    "stored": "stored",
    "answered anew": "stored, and the question was answered anew since",
    "erased": "erased on purpose, as the audit log says",
    "changed": "changed: what is kept is not what was acknowledged",
    "missing": "missing: nothing is kept of it, and nobody erased it",
    "not ours": "not ours, or given out under another BATON_SECRET_KEY",
}


def _reconcile(given: TextIO, *, for_programs: bool) -> NoReturn:
    """Hold receipts against what is kept, a line for each; then end the command."""
    with application():
        found = list(receipts.check(given))
    counts = Counter(each.verdict for each in found)
    wrong = counts.keys() - receipts.FINE
    if for_programs:
        listed = [each._asdict() for each in found]
        print_json({"ok": not wrong, "counts": counts, "receipts": listed})
    else:
        for each in found:
            # Whoever sent it may have written signs that lead a terminal to show another verdict.
            click.echo(f"{ascii(each.receipt)[1:-1]}: {_IN_WORDS[each.verdict]}")
        told = ", ".join(f"{counts[each]} {each}" for each in _IN_WORDS if each in counts)
        click.echo(f"{count(len(found), 'receipt')}: {told or 'nothing to look for'}.", err=True)
    raise SystemExit(bool(wrong))
