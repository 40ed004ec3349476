"""``baton doctor``: is everything in place, and if not, where and how to fix it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import text

from webapp.cli.application import application, configured, now
from webapp.cli.problems import count, print_json
from webapp.config import Config, unread
from webapp.delivery.errors import DeliveryFailed
from webapp.delivery.mail import Mail, Server
from webapp.delivery.vault import Vault
from webapp.services.accounts import company_accounts
from webapp.services.accounts.company_accounts import ProviderFailed
from webapp.services.accounts.staff import StaffRefused
from webapp.services.flows import releases
from webapp.services.operations import health
from webapp.services.operations.health import Check
from webapp.store import deliveries, heartbeats, kept_secrets, staff
from webapp.store.database import db, reading, sqlite_module, wal_is_safe

CLOCKS_DIFFER = timedelta(minutes=1)


@click.command()
@click.option("--json", "for_programs", is_flag=True, help="Print JSON.")
def doctor(*, for_programs: bool) -> None:
    """Look at settings, database, migrations, flows, worker and mail; exit 1 if one is not well."""
    config = configured()
    with application(config), reading():
        found = list(_looked_at(config))
    for check in found:
        if for_programs:
            fix = "" if check.ok else check.fix
            print_json({"name": check.name, "ok": check.ok, "what": check.what, "fix": fix})
        elif check.ok:
            click.echo(f"{click.style('ok', fg='green')}    {check.name}: {check.what}")
        else:
            click.echo(f"{click.style('wrong', fg='red')} {check.name}: {check.what} {check.fix}")
    raise SystemExit(any(not check.ok for check in found))


def _looked_at(config: Config) -> Iterator[Check]:
    yield _settings(config)
    checks = health.checks(now=now())
    yield from checks
    if checks[0].ok:
        yield _durability()
        yield from _privacy()
    if checks[-1].name == "worker":
        yield _clock()
        yield from _secrets(config)
        yield _somebody_to_sign_in()
        yield from _teams()
    if config.provider is not None:
        yield _sign_in_provider()
    yield _mail(config)


def _settings(config: Config) -> Check:
    odd = [f"{name} ({meant}?)" if meant else name for name, meant in unread().items()]
    if odd:
        what = f"Nothing reads {', '.join(odd)}."
        return Check("settings", ok=False, what=what, fix="Correct the name, or take it away.")
    return Check("settings", ok=True, what=f"{config.env}, data in {config.data_dir}")


def _clock() -> Check:
    """Deadlines are written by this machine's clock and come due by the database's. SQLite's is
    this machine's own, so there only a clock that was set back shows: by what was done later."""
    here, there, heard = now(), deliveries.clock(), heartbeats.newest("worker")
    what = f"{here:%Y-%m-%d %H:%M:%S} UTC"
    if off := abs(here - there) > CLOCKS_DIFFER:
        what = f"It is {what} here, and {there:%Y-%m-%d %H:%M:%S} at the database."
    elif off := heard is not None and heard - there > CLOCKS_DIFFER:
        what = f"It is {what}, but a worker ran at {heard:%Y-%m-%d %H:%M:%S}."
    return Check("clock", not off, what, "Have the clocks of all machines set by NTP.")


def _secrets(config: Config) -> Iterator[Check]:
    """A secret key that was lost is made anew without a word, and opens nothing of what is kept."""
    vault = Vault(config.secret_key)
    if kept := kept_secrets.everything():
        shut = sum(not vault.opens(each) for each in kept)
        what = f"{shut} of the {len(kept)} secrets in the database do not open."
        fix = "Put back the BATON_SECRET_KEY, or the file secret_key, they were saved under."
        yield Check("secret key", not shut, what if shut else "opens what is kept", fix)


def _durability() -> Check:
    """What an acknowledged answer rests on: that a commit is on the disk when it returns."""
    if db.engine.dialect.name == "sqlite":
        version = sqlite_module().sqlite_version
        level = db.session.scalar(text("PRAGMA synchronous"))
        journal = db.session.scalar(text("PRAGMA journal_mode"))
        safe = level == 2 and (journal != "wal" or wal_is_safe(sqlite_module().sqlite_version_info))
        what = f"SQLite {version}, journal {journal}, synchronous {level}"
        return Check("durability", safe, what, "Install pysqlite3 0.6.1 or newer.")
    fsync = db.session.scalar(text("SHOW fsync"))
    commit = db.session.scalar(text("SHOW synchronous_commit"))
    what = f"PostgreSQL {db.session.scalar(text('SHOW server_version'))}"
    what += f", fsync {fsync}, synchronous_commit {commit}"
    fix = "Turn both on in postgresql.conf: without them a power cut loses answers."
    return Check("durability", fsync == "on" and commit != "off", what, fix)


def _privacy() -> Iterator[Check]:
    """Who else on this machine may read what people said: a database made by an older version, or
    put back by hand, may be everybody's."""
    if db.engine.dialect.name == "sqlite":
        file = Path(str(db.engine.url.database))
        theirs = file.stat().st_mode & 0o004 and file.parent.stat().st_mode & 0o001
        what = (
            f"Anybody with an account on this machine can read {file}." if theirs else "ours alone"
        )
        yield Check("privacy", not theirs, what, f"Run chmod o-rwx {file}* .")


def _somebody_to_sign_in() -> Check:
    admins = [row for row in staff.everyone() if row.role == "admin" and not row.disabled_at]
    if admins:
        return Check("staff", ok=True, what=count(len(staff.everyone()), "account"))
    fix = "Run baton staff add you@example.com --role admin."
    return Check("staff", ok=False, what="No administrator can sign in.", fix=fix)


def _teams() -> Iterator[Check]:
    """Whoever a team names is mailed leads: the starter playbook's people are made up."""
    try:
        _, release = releases.live()
    except LookupError:
        return  # the check of the flows has said so
    here = {row.email for row in staff.everyone() if not row.disabled_at}
    named = {rep.email.lower() for team in release.playbook.teams for rep in team.reps}
    if strangers := sorted(named - here):
        what = f"Leads go to people who have no open account here: {', '.join(strangers)}."
        fix = (
            "Name your own people in the playbook's teams, or run baton staff add EMAIL --role rep."
        )
        yield Check("teams", ok=False, what=what, fix=fix)
    else:
        yield Check("teams", ok=True, what="everybody they name has an account")


def _sign_in_provider() -> Check:
    try:
        company_accounts.metadata()
    except (ProviderFailed, StaffRefused) as failed:
        what = failed.why if isinstance(failed, ProviderFailed) else "BATON_BASE_URL is not set."
        return Check("sign-in provider", ok=False, what=what, fix="Check BATON_OIDC_ISSUER.")
    return Check("sign-in provider", ok=True, what="answers")


def _mail(config: Config) -> Check:
    if config.smtp_url is None:
        what = "No mail server is set, so mail waits in the outbox."
        return Check("mail", ok=False, what=what, fix="Set BATON_SMTP_URL.")
    server = Server.of(config.smtp_url)
    try:
        Mail(server, deadline_s=5).try_out()
    except DeliveryFailed as failed:
        fix = "Check BATON_SMTP_URL and the network."
        return Check("mail", ok=False, what=str(failed), fix=fix)
    return Check("mail", ok=True, what=f"{server.host}:{server.port} answers")
