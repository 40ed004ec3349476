"""ETags: a program changes what it has seen, or is told that somebody was quicker."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, abort, after_this_request, request

Thing = TypeVar("Thing")

ETAG: dict[str, Any] = {
    "ETag": {"description": "The version shown, to send as If-Match.", "schema": {"type": "string"}}
}
CONDITIONAL: dict[str, Any] = {"x-conditional": True}
"""Documents a view that heeds ``If-Match``."""


def tell(version: Callable[[Thing], str], thing: Thing) -> Thing:
    """Say in the response which version of a thing it shows."""

    @after_this_request
    def tag(response: Response) -> Response:
        if response.status_code < 300:
            response.set_etag(version(thing))
        return response

    return thing


def expect(version: Callable[[Thing], str], thing: Thing | None) -> None:
    """End with 412 where the caller's ``If-Match`` names another version of this thing.

    Whoever asks holds the thing's lock, so that it is still this version when it is changed.
    """
    if request.if_match and (thing is None or not request.if_match.contains(version(thing))):
        abort(412)


def of(*parts: Any) -> str:
    """A version's name, from whatever tells it from others."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:32]
