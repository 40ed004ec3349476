"""The proof of a draft, made by a process of its own, so that no visitor's answer waits for it."""

import json
import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from time import monotonic
from typing import Any

from webapp.config import ROOT
from webapp.core.proof.told import POINTS, Remedy, Verdict

AT_ONCE = 2
"""Runs in one web process. Whoever keeps saving stops the proofs of drafts that are no more."""

KEPT = 16
GRACE = 15.0
"""Seconds for starting and for the step under way when time is up."""


@dataclass(frozen=True)
class Found:
    """What ``baton flows check`` found. ``visitor`` is the document of a case."""

    point: int
    kind: str
    file: str
    line: int
    column: int
    says: str
    flow: str | None
    visitor: Mapping[str, Any] | None
    remedy: Remedy | None


@dataclass(frozen=True)
class Proved:
    """The verdict on each point, and all that was found. Without ``in_time`` nothing came out."""

    verdicts: Mapping[int, Verdict]
    found: tuple[Found, ...] = ()
    in_time: bool = True

    def of(self, kind: str) -> tuple[Found, ...]:
        """What is ``refuted``, ``not proved`` or a ``note``."""
        return tuple(each for each in self.found if each.kind == kind)

    @property
    def open(self) -> tuple[int, ...]:
        """The points that are not proved, and not refuted either."""
        return tuple(point for point, verdict in self.verdicts.items() if verdict == "not proved")


UNTRIED = Proved(dict.fromkeys(POINTS, "not proved"), in_time=False)


class _Run:
    """A check under way in a folder that holds the texts."""

    def __init__(self, texts: Mapping[str, str], seconds: float) -> None:
        self._latest = monotonic() + seconds + GRACE
        self._folder = TemporaryDirectory(prefix="baton-proof-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        for file, text in texts.items():
            (folder / Path(file).name).write_bytes(text.encode("utf-8", "surrogatepass"))
        self._said = folder / "said.json"
        command = [sys.executable, "-m", "webapp.cli", "flows", "check", str(folder), "--json"]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [*command, "--seconds", str(seconds)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
            )
        with suppress(OSError):  # it may be over already
            os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)

    @property
    def over(self) -> bool:
        if monotonic() > self._latest:
            self.stop()
        return self._process.poll() is not None

    def wait(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @cached_property
    def proved(self) -> Proved:
        """What came of it, once it is over."""
        try:
            said = json.loads(self._said.read_bytes())["proof"]
        except (OSError, ValueError):
            said = None
        self._folder.cleanup()
        return _read(said) if said else UNTRIED


_runs: OrderedDict[str, _Run] = OrderedDict()
_lock = Lock()


def proof(texts: Mapping[str, str], *, seconds: float, patience: float = 0) -> Proved | None:
    """What is proved of texts that can be published; None while that is being worked out.

    The first to ask sets it off, and it is kept by what the texts say. ``seconds`` is what the
    proof may take, ``patience`` how long to wait for it here.
    """
    if not seconds:
        return UNTRIED
    run = _run(texts, seconds)
    run.wait(patience)
    if not run.over:
        return None
    with _lock:  # whoever reads it first takes the folder away
        return run.proved


def _run(texts: Mapping[str, str], seconds: float) -> _Run:
    key = sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()
    with _lock:
        if key not in _runs:
            going = [each for each in _runs.values() if not each.over]
            for stale in going[: len(going) + 1 - AT_ONCE]:
                stale.stop()
            _runs[key] = _Run(texts, seconds)
        _runs.move_to_end(key)
        while len(_runs) > KEPT:
            _runs.popitem(last=False)[1].stop()
        return _runs[key]


def _read(said: Mapping[str, Any]) -> Proved:
    return Proved(
        verdicts={each["point"]: each["verdict"] for each in said["points"]},
        found=tuple(Found(**each | {"file": Path(each["file"]).name}) for each in said["findings"]),
    )
