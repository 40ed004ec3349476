"""``baton worker``: deliveries, reminders and digests, and nothing else."""

import logging
import signal
import threading

import click

from webapp import create_app
from webapp.cli.application import configured, fail, to_upgrade
from webapp.worker.loop import Worker

log = logging.getLogger(__name__)


@click.command()
def worker() -> None:
    """Send deliveries, reminders and digests until stopped.

    On PostgreSQL run as many as you like, on as many machines as you like.
    """
    app = create_app(configured())
    if why := to_upgrade(app):
        fail(why)
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    one = Worker(app, stop=stop)
    log.info("Worker %s is running. Ctrl+C stops it.", one.name)
    one.run()
