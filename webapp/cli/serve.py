"""``baton serve``: the web and a worker for it, one process tree for one machine."""

import logging
import socket
import sys
from dataclasses import replace

import click
from flask import Flask

from webapp.cli.application import application, configured, fail, now
from webapp.config import ROOT, Config
from webapp.core.errors import FlowError
from webapp.services.flows import releases, sites
from webapp.services.operations import demo_data
from webapp.services.people import suppression
from webapp.store import schema, staff


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--demo", is_flag=True, help="With a demo site, its leads and its staff.")
@click.option("--no-worker", is_flag=True, help="Serve only; baton worker runs elsewhere.")
def serve(host: str, port: int, workers: int, *, demo: bool, no_worker: bool) -> None:
    """Serve the web, and send what is in the outbox.

    Brings the database up to date first. For one machine; on several, run this with --no-worker
    behind a proxy and baton worker beside it, all on one PostgreSQL.
    """
    config = configured(demo=demo)
    from webapp.cli.server import Server

    with _listen(host, port) as listener:
        address = f"http://{_named(host)}:{listener.getsockname()[1]}"
        config = replace(config, base_url=config.base_url or address)
        with application(config) as app:
            server = Server(app, listener, workers=workers, worker=not no_worker)
            _prepare(app, config)
        server.run()


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else, so that nobody waits to be told that it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        fail(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --port or --host.")
    return listener


def _named(host: str) -> str:
    return {"0.0.0.0": "localhost", "127.0.0.1": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104 - read, not bound


def _prepare(app: Flask, config: Config) -> None:
    """Database, flows, first page and, if wanted, the demo; says where to look."""
    address = config.base_url
    schema.upgrade()
    _tell("database ready")
    try:
        release = releases.seed(ROOT / "question_flows", now=now())
    except FlowError as error:
        fail(f"The flows in question_flows cannot be published:\n{error}")
    sites.seed(now=now())
    _keep_list_of_whom_to_leave_alone()
    _tell(f"{len(release.manifest['flows'])} flows are live, release {release.id}")
    lines = []
    if config.demo:
        people = demo_data.people(now=now())
        demo_data.receiver(now=now())
        came = demo_data.visitors(ROOT / "question_flows" / "cases", now=now())
        _tell(f"demo ready, {came} invented visitors came" if came else "demo ready")
        what = "a sample site, and beside it what your team sees"
        lines.append(("Try it", f"{address}/demo", what))
        for person in people:  # a password is shown this once
            label, where = ("Sign in", f"{address}/sign-in") if person is people[0] else ("", "")
            password = person.password or "(the password you chose)"
            lines.append((label, where, f"{person.role:<9} {person.email} / {password}"))
    else:
        lines.append(("Flows", f"{address}/f/", " ".join(release.manifest["flows"])))
        begin = f"first: {_typed()} staff add you@example.com --role admin"
        hint = "" if staff.everyone() else begin
        lines.append(("Sign in", f"{address}/sign-in", hint))
    lines.append(("Check", f"{_typed()} doctor", "Ctrl+C stops Baton"))
    _show_nobody_the_first_page(app)
    wide = max(len(where) for _, where, _ in lines)
    click.echo()
    for what, where, more in lines:
        click.echo(f"{what:<9} {where:<{wide}}   {more}".rstrip())
    click.echo()


def _keep_list_of_whom_to_leave_alone() -> None:
    """It is found by the secret key: under another one nobody would be on it any more."""
    taken_over, lost = suppression.under_this_key()
    if taken_over:
        click.echo(
            f"The do-not-contact list was kept under another BATON_SECRET_KEY. {taken_over} of its "
            "entries count under this one again.",
            err=True,
        )
    if lost:
        click.echo(
            f"{lost} who were erased and are to be left alone cannot be recognised under this "
            "one: put back the BATON_SECRET_KEY, or the file secret_key, from before.",
            err=True,
        )


def _show_nobody_the_first_page(app: Flask) -> None:
    """Read the flows, compile templates and statements before there are processes to share them:
    each of them would do it all again for its first visitor."""
    told_of = logging.getLogger("baton.requests")
    told_of.disabled = True  # nobody asked
    for flow in list(releases.live_manifest()["flows"])[:1]:
        app.test_client().get(f"/f/{flow}")
    told_of.disabled = False


def _typed() -> str:
    """How this shell reaches the command: ``make run`` puts it on nobody's path."""
    return sys.argv[0] if sys.argv[0].endswith("/baton") else "baton"


def _tell(what: str) -> None:
    click.echo(f"{click.style('✓', fg='green')} {what}")
