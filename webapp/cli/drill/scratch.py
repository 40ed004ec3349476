"""A scratch copy of the product: its own folder, database and server, free to be injured."""

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from webapp import create_app
from webapp.config import from_environment

READY_WITHIN = 120.0


class Scratch:
    """One server process tree over one database, started, killed and started again.

    The port stays the same over restarts, as it does for visitors of a real server.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.database_url = database_url or f"sqlite:///{folder / 'baton.db'}"
        self.settings = settings or {}
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process at the top of the server's tree."""
        assert self._process is not None
        return self._process.pid

    @property
    def environ(self) -> Mapping[str, str]:
        """This process's environment with the scratch copy's settings and nobody else's."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
        own["BATON_DATA_DIR"] = str(self.folder)
        own["BATON_DATABASE_URL"] = self.database_url
        # Each visitor names an address of its own, or the limit for one address would stop them.
        own["BATON_TRUSTED_PROXIES"] = "1"
        own.update(self.settings)
        return own

    def start(self, *, largest_file: int | None = None) -> None:
        """Start the server and wait until it answers. ``largest_file`` bytes is where the disk of
        this server is full."""

        def limit() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))

        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [*_BATON, "serve", "--no-worker", "--port", str(self.port)],
            env=dict(self.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=limit,
        )
        until = time.monotonic() + READY_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("The scratch server does not start. Try baton serve by hand.")
            time.sleep(0.02)

    def kill(self) -> None:
        """End the whole process tree at once, as a power cut of the machine's programs would."""
        assert self._process is not None
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask the server to finish, and see to it that it does."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
            return
        self.kill()

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Have a worker send what is in the outbox until the block ends."""
        with subprocess.Popen(  # noqa: S603 - our own command
            [*_BATON, "worker"],
            env=dict(self.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield
            finally:
                process.terminate()

    @contextmanager
    def application(self) -> Iterator[None]:
        """Be, until the block ends, a part of the scratch copy that may look into its database."""
        with create_app(from_environment(self.environ)).app_context():
            yield

    def baton(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the scratch copy."""
        return subprocess.run(  # noqa: S603 - our own command
            [*_BATON, *arguments], env=dict(self.environ), capture_output=True, text=True
        )

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            with connection.getresponse() as response:
                return response.status == 200
        return False


_BATON = (sys.executable, "-m", "webapp.cli")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
