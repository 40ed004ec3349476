"""``Idempotency-Key``: the same call again gets the same answer again, and does nothing."""

import hashlib
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Response, current_app, g, make_response, request
from sqlalchemy.exc import SQLAlchemyError

from webapp.config import Config
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.vault import Vault
from webapp.services.accounts import api_keys
from webapp.services.prospects import receipts
from webapp.store import access, staff
from webapp.store.access import UNDER_WAY
from webapp.store.database import AWAY, db, one_commit
from webapp.web.api.problems import problem

log = logging.getLogger(__name__)

LONGEST = 255
HARD_TO_GUESS = 16
HELD = timedelta(minutes=1)
"""How long a call may be under way. Then its process was killed, and the key is free again."""

_KEPT = ("ETag", "Location", receipts.HEADER)
"""What belongs to an answer beside its body."""

_DONE = (200, 201, 202, 204)
_AGAIN_IN = "1"


def replay() -> Response | None:
    """The first answer to this key, if there was one; 422 where the body is another."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return None
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        return problem(
            400,
            "The Idempotency-Key header is not usable. Send 1 to 255 printable characters.",
            [("Idempotency-Key", "Send 1 to 255 printable characters.")],
        )
    first = access.first_answer(_scope(), key)
    if first is None or _revoked():
        return None
    if first.body_hash != _body_hash():
        return problem(
            422,
            "This Idempotency-Key was used with another body. Send a new key with a new call.",
            [("Idempotency-Key", "Used before, with another body.")],
        )
    if first.status == UNDER_WAY:
        return _under_way() if first.created_at >= datetime.now(UTC) - HELD else None
    try:
        kept = _vault().unlock(first.response["sealed"])
    except DeliveryRefused:
        return problem(409, "This was done before; what it was answered cannot be read any more.")
    response = make_response(kept["body"], first.status)
    response.content_type = kept["type"]
    response.headers.extend(kept.get("headers", {}))
    response.headers["Idempotency-Replayed"] = "true"
    return response


def reserve() -> Response | None:
    """Take the key before anything is done, so that of two same calls at once only one acts.

    For what does not know a repeat by itself, as conversations do by token and turn and events by
    their id.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST" or not _known():
        return None
    now = datetime.now(UTC)
    with one_commit("idempotency.reserve"):
        taken = access.reserve(_scope(), key, _body_hash(), lapsed=now - HELD, now=now)
    if not taken:
        return replay() or _under_way()
    g.key_taken = now
    return None


def remember(response: Response) -> Response:
    """Keep the first answer, so that a repeat hears the same. A call that changed nothing is not
    kept: it may be mended and sent again.

    Answers hold tokens, signing keys and people's words, so they are kept encrypted.
    """
    key = request.headers.get("Idempotency-Key")
    fresh = "Idempotency-Replayed" not in response.headers
    if key is None or request.method != "POST" or not fresh:
        return response
    if response.status_code not in _DONE:
        _release(key)
        return response
    said = {name: response.headers[name] for name in _KEPT if name in response.headers}
    answer = {
        "body": response.get_data(as_text=True),
        "type": response.content_type,
        "headers": said,
    }
    try:
        with one_commit("idempotency.remember"):
            access.keep_answer(
                _scope(),
                key,
                _body_hash(),
                status=response.status_code,
                response={"sealed": _vault().lock(answer)},
                subject=_subject(response),
                now=datetime.now(UTC),
            )
    except AWAY:  # what was asked for is done and stored: say so, even if we cannot say it twice
        log.warning("An answer is not kept for its Idempotency-Key: the database is away.")
    return response


def _release(key: str) -> None:
    if "key_taken" not in g:
        return
    # What refused the call may refuse this too: then the key lapses by itself.
    with suppress(SQLAlchemyError):
        db.session.rollback()
        with one_commit("idempotency.release"):
            access.release(_scope(), key, taken=g.key_taken)


def _under_way() -> Response:
    response = problem(409, "The same call is still under way. Send it again in a moment.")
    response.headers["Retry-After"] = _AGAIN_IN
    return response


def _revoked() -> bool:
    """Whether the caller shows a key of the API that opens nothing any more."""
    return _shown().startswith(api_keys.PREFIX) and not _known()


def _known() -> bool:
    """Whether the caller shows a key of the API that opens something."""
    row = api_keys.find(_shown(), now=datetime.now(UTC))
    person = staff.by_email(row.acts_for) if row else None
    return person is not None and person.disabled_at is None


def _shown() -> str:
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def _subject(response: Response) -> str | None:
    named = (request.view_args or {}).get("id")
    if named is None and response.is_json:
        named = (response.get_json(silent=True) or {}).get("conversation")
    return str(named) if named else None


def caller() -> str:
    """Who calls, as far as it can be told, so that nobody hears another's answer.

    Nothing but the key tells anonymous callers apart, and the answer may hold a conversation's
    token: a key that could be guessed counts for one address and browser only.
    """
    shown = request.headers.get("Authorization", "")
    if shown or len(request.headers.get("Idempotency-Key", "")) >= HARD_TO_GUESS:
        return shown
    return f"{request.remote_addr} {request.headers.get('User-Agent', '')}"


def _scope() -> str:
    """A key counts for one caller and one address, whoever it acts for there."""
    where = f"{caller()}\n{request.full_path}"
    return hashlib.sha256(where.encode("utf-8", "replace")).hexdigest()


def _vault() -> Vault:
    config: Config = current_app.extensions["baton"]
    return Vault(config.secret_key)


def _body_hash() -> str:
    if "body_hash" not in g:
        data = request.get_data(cache=True)
        with suppress(ValueError, RecursionError):
            data = json.dumps(json.loads(data), sort_keys=True).encode()
        g.body_hash = hashlib.sha256(data).hexdigest()
    return str(g.body_hash)
