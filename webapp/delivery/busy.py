"""When somebody is busy, by a calendar at a secret address: fetched, and read in a bounded process.

Whoever writes a calendar may let an event repeat every second for ever, or its time zone change as
often. No check of the text foresees all of that, so it is read by a program of its own, which is
stopped when it takes too long or too much memory.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

from webapp.core.errors import BatonError
from webapp.core.slots import Span
from webapp.delivery.addresses import target
from webapp.delivery.errors import DeliveryFailed
from webapp.delivery.guard import Guard
from webapp.delivery.occurrences import TOO_MUCH

FETCH_S = 10.0
READ_S = 15
MOST_BYTES = 5 * 1024 * 1024


class NoCalendar(BatonError):
    """The busy times cannot be had. The sentence says why, and what its owner can do."""


def address(typed: str, listed: frozenset[str]) -> str:
    """An address as it is asked for; calendar programs give it as ``webcal:``.

    Raises: NoCalendar.
    """
    found = typed.strip()
    if found.lower().startswith(("webcal://", "webcals://")):
        found = f"https://{found.partition('://')[2]}"
    try:
        target(found, listed)
    except DeliveryFailed as problem:
        raise NoCalendar(str(problem)) from None
    return found


def fetch(guard: Guard, address: str) -> bytes:
    """The calendar at an address. Raises: NoCalendar."""
    guard = replace(guard, deadline_s=FETCH_S, most_body_bytes=MOST_BYTES)
    try:
        response = guard.request("GET", address, headers={"Accept": "text/calendar"})
    except DeliveryFailed as problem:
        raise NoCalendar(str(problem)) from None
    if 300 <= response.status < 400:
        raise NoCalendar("The address leads to another one. Enter that one instead.")
    if response.status != 200:
        raise NoCalendar(
            f"The address answered {response.status}. Copy your calendar's secret address anew."
        )
    return response.body


def read(
    text: bytes, since: datetime, until: datetime, *, timezone: str, reader: str
) -> list[Span]:
    """When the owner is busy between two instants. Raises: NoCalendar."""
    asked = {
        "seconds": READ_S,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "zone": timezone,
        "reader": reader.lower(),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "webapp.delivery.occurrences"],
            input=json.dumps(asked).encode() + b"\n" + text,
            capture_output=True,
            timeout=2 * READ_S,
            # Nothing of our settings: it reads what others wrote.
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoCalendar(_TAKES_TOO_LONG) from None
    if done.returncode < 0 or done.returncode == TOO_MUCH:  # below zero: stopped by the system
        raise NoCalendar(_TAKES_TOO_LONG)
    if done.returncode != 0:
        raise NoCalendar(
            "There is no calendar at this address. Copy the one that ends in .ics, "
            "which your calendar calls secret or private address."
        )
    return [
        (datetime.fromisoformat(start), datetime.fromisoformat(end))
        for start, end in json.loads(done.stdout)
    ]


_TAKES_TOO_LONG = (
    "This calendar takes too long to read. Look for an event that repeats every minute or second, "
    "or share a smaller calendar."
)
