"""Receipts: the signed proof of one answer, given to whoever sent it, and what is kept held against
it. A receipt says which answer of which conversation it is for, and nothing of what was said."""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from flask import current_app

from webapp.store import audit, conversations
from webapp.store.database import reading

Verdict = Literal["stored", "answered anew", "erased", "changed", "missing", "not ours"]
FINE: frozenset[Verdict] = frozenset({"stored", "answered anew", "erased"})
"""What becomes of an answer without anything being wrong."""

HEADER = "Baton-Receipt"
_BYTES = 16
_of = itemgetter("order", "question", "property", "value", "said", "at")


class Checked(NamedTuple):
    receipt: str
    verdict: Verdict


def receipt(conversation: str, answer: Mapping[str, Any]) -> str:
    """For an answer as its conversation keeps it. The same answer always has the same one."""
    return sign(current_app.config["SECRET_KEY"], conversation, *_of(answer))


def sign(
    secret: str,
    conversation: str,
    n: int,
    question: str,
    property: str,
    value: object,
    said: str | None,
    at: str | datetime,
) -> str:
    """``<conversation>.<n>.<mac>`` for the n-th answer of a conversation.

    The first half of the mac is over what was said, and the second signs all before it: so a
    receipt is known for ours also when what is kept is something else by now, or nothing. Each
    half is for its own use: the first is no signature of a receipt that reads like the words.
    """
    key = _key(secret)
    instant = at if isinstance(at, str) else at.isoformat()
    # As ascii() writes it: JSON would cost an answer ten calls more.
    words = _mac(ascii([question, property, value, said, instant]), key, b"words")
    return _signed(f"{conversation}.{n}.{words}", key)


def check(lines: Iterable[str]) -> Iterator[Checked]:
    """What became of the answer that each line is the receipt of. Reads only."""
    secret = current_app.config["SECRET_KEY"]
    erased: frozenset[str] | None = None
    with reading():
        for line in filter(None, map(str.strip, lines)):
            verdict = _verdict(line, secret)
            if verdict == "missing":
                erased = audit.conversations_erased() if erased is None else erased
                if line.partition(".")[0] in erased:
                    verdict = "erased"
            yield Checked(line, verdict)


def _verdict(line: str, secret: str) -> Verdict:
    unsigned = line[: -2 * _BYTES]
    if not hmac.compare_digest(_signed(unsigned, _key(secret)).encode(), line.encode()):
        return "not ours"
    conversation, n, _ = unsigned.split(".")
    kept = conversations.answer(conversation, int(n))
    if kept is None:
        return "missing"
    if sign(secret, *kept) != line:
        return "changed"
    again = conversations.answered_again(conversation, kept.property, kept.n)
    return "answered anew" if again else "stored"


def _signed(text: str, key: bytes) -> str:
    return text + _mac(text, key, b"receipt")


def _mac(text: str, key: bytes, use: bytes) -> str:
    return blake2b(text.encode(), key=key, person=use, digest_size=_BYTES).hexdigest()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    """A key that signs nothing else."""
    return hmac.digest(secret.encode(), b"baton receipts", "sha256")
