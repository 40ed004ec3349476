"""``baton staff``: who may sign in."""

import click

from webapp.cli.application import application, now
from webapp.cli.problems import print_json
from webapp.config import ROLES
from webapp.services.accounts import second_step
from webapp.services.accounts import staff as accounts
from webapp.store import staff as rows
from webapp.store.database import reading

BY = "the command line"


@click.group()
def staff() -> None:
    """Say who may sign in, and as what."""


@staff.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="What prospects are told; else made from EMAIL.")
def add(email: str, role: str, name: str) -> None:
    """Make an account, and print the one-time password of its first sign-in."""
    with application():
        row, password = accounts.add(email, role=role, name=name, by=BY, now=now())
        said = f"{row.email} may sign in as {row.role}. One-time password, shown this once:"
        click.echo(said, err=True)
        click.echo(password)


@staff.command("list")
@click.option("--json", "for_programs", is_flag=True, help="Print JSON.")
def list_(*, for_programs: bool) -> None:
    """List the accounts."""
    with application(), reading():
        for row in rows.everyone():
            if for_programs:
                print_json(
                    {
                        "email": row.email,
                        "name": row.name,
                        "role": row.role,
                        "disabled": row.disabled_at is not None,
                        "last_seen": row.seen_at.isoformat() if row.seen_at else None,
                    }
                )
            else:
                closed = "  disabled" if row.disabled_at else ""
                click.echo(f"{row.email:<40} {row.role:<10}{closed}".rstrip())


@staff.command()
@click.argument("email")
def disable(email: str) -> None:
    """Close an account: its sessions end now, and it is given no more leads."""
    with application():
        row = accounts.disable(email, by=BY, now=now())
        click.echo(f"{row.email} cannot sign in any more.", err=True)


@staff.command()
@click.argument("email")
def reopen(email: str) -> None:
    """Open a closed account again, and print the one-time password of its first sign-in."""
    with application():
        password = accounts.reopen(email, by=BY, now=now())
        click.echo("One-time password, shown this once:", err=True)
        click.echo(password)


@staff.command("change-role")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
def change_role(email: str, role: str) -> None:
    """Give somebody another role; all their sessions end."""
    with application():
        row = accounts.change_role(email, role=role, by=BY, now=now())
        click.echo(f"{row.email} is {row.role} from the next sign-in on.", err=True)


@staff.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Print a new one-time password; the old one and all sessions end."""
    with application():
        password = accounts.reset_password(email, by=BY, now=now())
        click.echo("One-time password, shown this once:", err=True)
        click.echo(password)


@staff.command("reset-second-step")
@click.argument("email")
def reset_second_step(email: str) -> None:
    """Let somebody who lost phone and recovery codes in with their password; all sessions end."""
    with application():
        row = second_step.reset(email, by=BY, now=now())
        click.echo(f"{row.email} signs in with the password alone.", err=True)
