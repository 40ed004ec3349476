"""gunicorn, started from here instead of from its own command, with a worker kept beside it."""

import gc
import logging
import signal
import socket
import subprocess
import sys
import threading
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config as Settings
from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException

from webapp.cli.slow_clients import Worker
from webapp.config import Config
from webapp.web.shared import errors

log = logging.getLogger(__name__)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves an application on a socket, both of which are there already: its processes are forked
    from this one and share what it has in memory."""

    def __init__(self, app: Flask, listener: socket.socket, *, workers: int, worker: bool) -> None:
        self.app = app
        # What is wrong with the pieces of a body shows only when somebody reads it.
        app.register_error_handler(ParseException, lambda _: errors.problem(400))
        self.options: dict[str, Any] = {
            "bind": [f"fd://{listener.fileno()}"],
            "workers": workers,
            "worker_class": Worker,
            "threads": 4,
            "timeout": 60,
            "graceful_timeout": 20,
            "control_socket_disable": True,
            "loglevel": "warning",
            "logger_class": Scrubbed,
            "forwarded_allow_ips": "127.0.0.1",
            # gunicorn would let a header of whoever comes through a proxy on this machine say where
            # the site begins: its paths would pass the proxy under another name.
            "forwarder_headers": "",
        }
        if worker:
            config: Config = app.extensions["baton"]
            beside = Beside(config.base_url, demo=config.demo)
            self.options["when_ready"] = lambda _: beside.start()
            self.options["on_exit"] = lambda _: beside.stop()
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app

    def run(self) -> None:
        # Looking for garbage among what is shared would write to it, and so copy it.
        gc.freeze()
        super().run()


class Scrubbed(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own log among ours: it quotes what it could not read, be it a token."""

    def setup(self, cfg: Settings) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Beside:
    """A worker process, started again when it ends by itself."""

    def __init__(self, base_url: str, *, demo: bool) -> None:
        self.command = [sys.executable, "-m", "webapp.cli.beside", base_url]
        self.command += ["demo"] if demo else []
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        threading.Thread(target=self._keep, name="worker beside", daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def _keep(self) -> None:
        while not self.stopping.is_set():
            self.process = subprocess.Popen(self.command)  # noqa: S603 - ourselves
            code = self.process.wait()
            # Whoever stops the whole group tells the worker as soon as the web: wait for that.
            if not self.stopping.wait(1):
                log.error("The worker ended with code %s; starting it again.", code)
