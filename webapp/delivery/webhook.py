"""Signed webhooks as https://www.standardwebhooks.com describes them."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.delivery.guard import Guard
from webapp.delivery.transport import Parcel, check

PREFIX = "whsec_"


def new_key() -> str:
    """A signing key, in the spelling receivers' libraries expect."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_bytes(key: str) -> bytes:
    """Raises: ValueError where this is no signing key."""
    try:
        found = base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if len(found) < 24:
        raise ValueError("shorter than 24 bytes")
    return found


def signature(keys: Sequence[str], id: str, timestamp: int, body: bytes) -> str:
    """One signature for each key, so that a receiver may hold the old one or the new."""
    content = f"{id}.{timestamp}.".encode() + body
    digests = (hmac.new(key_bytes(key), content, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def body_of(payload: Mapping[str, Any]) -> bytes:
    """The very bytes that are signed, the same on every attempt."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


@dataclass(frozen=True)
class Webhook:
    """``keys`` are newest first; two while one is being replaced by the other."""

    guard: Guard
    url: str
    keys: Sequence[str]

    def send(self, parcel: Parcel) -> None:
        body = body_of(parcel.payload)
        timestamp = int(parcel.at.timestamp())
        response = self.guard.request(
            "POST",
            self.url,
            body=body,
            headers={
                "Content-Type": "application/json",
                "webhook-id": parcel.id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signature(self.keys, parcel.id, timestamp, body),
            },
        )
        check(response, "The webhook's receiver", parcel.at)
