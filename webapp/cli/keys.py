"""``baton keys``: keys for programs that call the API."""

import click

from webapp.cli.application import application, fail, now
from webapp.services import api_keys
from webapp.services.api_keys import SCOPES, UnknownScope
from webapp.store import access, staff


@click.group()
def keys() -> None:
    """Make, list and revoke keys for programs."""


@keys.command()
@click.argument("name")
@click.option("--for", "email", required=True, help="Whom the program acts for (staff e-mail).")
@click.option("--scope", "scopes", multiple=True, help=f"One of {', '.join(SCOPES)}. Repeatable.")
def add(name: str, email: str, scopes: tuple[str, ...]) -> None:
    """Make a key called NAME. It is shown once."""
    with application():
        person = staff.by_email(email)
        if person is None or person.disabled_at is not None:
            fail(f"Nobody on the staff has the address {email}. Add them with baton staff add.")
        try:
            _, key = api_keys.create(name, scopes or SCOPES, by=person.email, now=now())
        except UnknownScope as problem:
            fail(problem)
    click.echo(key)
    click.echo("Shown once. Send it as Authorization: Bearer …", err=True)


@keys.command("list")
def list_() -> None:
    """List keys: id, first letters, name, scopes, last use."""
    with application():
        for row in access.all_keys():
            used = f"{row.used_at:%Y-%m-%d}" if row.used_at else "never used"
            state = "revoked" if row.revoked_at else used
            click.echo(f"{row.id}  {row.hint}…  {row.name}  {' '.join(row.scopes)}  {state}")


@keys.command()
@click.argument("id")
def revoke(id: str) -> None:
    """Make the key with this ID useless at once."""
    with application():
        try:
            api_keys.revoke(id, by="the command line", now=now())
        except LookupError:
            fail(f"There is no key {id}. See baton keys list.")
