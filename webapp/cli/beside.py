"""The worker that ``baton serve`` keeps beside the web. Ends when told to, or when it is alone."""

import os
import signal
import sys
import threading
from dataclasses import replace
from types import FrameType

from webapp import create_app
from webapp.cli.application import configured
from webapp.worker.loop import Worker


def main(base_url: str, *, demo: bool) -> None:
    stop = threading.Event()

    def told(_: int, __: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    # Ctrl+C reaches the whole process group; the web then tells us when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(os.getppid(), stop), daemon=True).start()
    config = configured(demo=demo)
    config = replace(config, base_url=config.base_url or base_url)
    Worker(create_app(config), stop=stop).run()


def _watch(parent: int, stop: threading.Event) -> None:
    """Killed outright, the web tells nobody: then our parent is another."""
    while not stop.wait(1):
        if os.getppid() != parent:
            stop.set()


if __name__ == "__main__":
    main(sys.argv[1], demo="demo" in sys.argv[2:])
