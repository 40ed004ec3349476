"""The seam every channel has: one parcel in, delivered or an error out."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from webapp.delivery.errors import DeliveryDelayed, DeliveryRefused
from webapp.delivery.guard import Response

LONGEST_WAIT = timedelta(hours=1)
"""The most we let a receiver put us off for. A year would be a loss."""

_TRY_LATER = frozenset({408, 421, 425, 429})


@dataclass(frozen=True)
class Parcel:
    """One message to one receiver.

    ``id`` is the same on every attempt, so that the receiver can drop a repeat. ``at`` is the
    instant of this attempt. ``progress`` keeps what earlier attempts have done at a receiver that
    takes several steps; what is put into it is remembered whatever becomes of this one.
    """

    id: str
    event: str
    payload: Mapping[str, Any]
    at: datetime
    recipient: str | None = None
    progress: MutableMapping[str, Any] = field(default_factory=dict)


class Transport(Protocol):
    def send(self, parcel: Parcel) -> None:
        """Deliver one parcel; returning means that the receiver has it.

        Raises: DeliveryDelayed, DeliveryRefused.
        """


def check(response: Response, receiver: str, at: datetime) -> None:
    """Take an answer for what it says. Only 2xx is a yes; a redirect is never one.

    Raises: DeliveryDelayed for what time may mend, DeliveryRefused for what somebody must.
    """
    status = response.status
    if 200 <= status < 300:
        return
    if status >= 500 or status in _TRY_LATER:
        raise DeliveryDelayed(
            f"{receiver} answered {status}{_said(response)}",
            after=wait_asked_for(response.headers.get("retry-after"), at),
        )
    if 300 <= status < 400:
        raise DeliveryRefused(
            f"{receiver} answered {status}, a redirect. Enter the address it leads to."
        )
    if status == 410:
        raise DeliveryRefused(f"{receiver} says that it is gone for good (410). Disable it.")
    raise DeliveryRefused(f"{receiver} answered {status}{_said(response)}")


def _said(response: Response) -> str:
    """The start of what the receiver says about it, on one line."""
    text = " ".join(response.body[:2_000].decode("utf-8", "replace").split())
    text = "".join(letter for letter in text if letter.isprintable())
    if not text or text.startswith("<"):
        return "."
    return f": {text[:300]}"


def wait_asked_for(header: str | None, at: datetime) -> timedelta | None:
    """What ``Retry-After`` asks for, in seconds or as a date; None where it makes no sense."""
    if not header:
        return None
    text = header.strip()
    try:
        if text.isascii() and text.isdigit():
            wait = timedelta(seconds=min(int(text[:10]), int(LONGEST_WAIT.total_seconds())))
        else:
            until = parsedate_to_datetime(text)
            wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - at
    except (ValueError, OverflowError):
        return None
    return min(wait, LONGEST_WAIT) if wait > timedelta() else None
