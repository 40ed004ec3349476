"""``baton keys``: keys for programs that call the API."""

import click

from webapp.cli.application import application, fail, now
from webapp.cli.problems import print_json
from webapp.services.accounts import api_keys
from webapp.services.accounts.api_keys import OF_A_SITE, SCOPES
from webapp.store import access, sites


@click.group()
def keys() -> None:
    """Make, list and revoke keys for programs."""


@keys.command()
@click.argument("name")
@click.option("--for", "email", required=True, help="Whom the program acts for (staff e-mail).")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help=f"One of {', '.join(SCOPES)}. Repeatable; all where none is named.",
)
@click.option("--site", help="Only what concerns this site (its key, as in the script for it).")
def add(name: str, email: str, scopes: tuple[str, ...], site: str | None) -> None:
    """Make a key called NAME. It is shown once."""
    scopes = scopes or tuple(OF_A_SITE if site else SCOPES)
    with application():
        _, key = api_keys.create(
            name, scopes, acts_for=email, site=site, by="the command line", now=now()
        )
    click.echo(key)
    click.echo("Shown once. Send it as Authorization: Bearer …", err=True)
    click.echo(f"It may do {', '.join(scopes)}, as far as {email} may.", err=True)


@keys.command("list")
@click.option("--json", "for_programs", is_flag=True, help="Print JSON.")
def list_(*, for_programs: bool) -> None:
    """List keys: id, first letters, name, site, scopes, last use."""
    with application():
        for row in access.all_keys():
            site = sites.get(row.site_id) if row.site_id else None
            if for_programs:
                print_json(
                    {
                        "id": row.id,
                        "hint": row.hint,
                        "name": row.name,
                        "site": site.name if site else None,
                        "scopes": row.scopes,
                        "used": row.used_at.isoformat() if row.used_at else None,
                        "revoked": row.revoked_at is not None,
                    }
                )
                continue
            used = f"{row.used_at:%Y-%m-%d}" if row.used_at else "never used"
            state = "revoked" if row.revoked_at else used
            where = site.name if site else "all sites"
            click.echo(
                f"{row.id}  {row.hint}…  {row.name}  {where}  {' '.join(row.scopes)}  {state}"
            )


@keys.command()
@click.argument("id")
def revoke(id: str) -> None:
    """Make the key with this ID useless at once."""
    with application():
        try:
            api_keys.revoke(id, by="the command line", now=now())
        except LookupError:
            fail(f"There is no key {id}. See baton keys list.")
