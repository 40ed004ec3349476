"""Proof of work: before its first answer a browser looks for a number, so that a hash of the page's
stamp and of the number begins with zeros. A person does not notice; whoever sends thousands does.

The stamp is ours, signed, dated and begins one conversation: so is what was worked out for it.
"""

from hashlib import sha256

ZEROS = 16
"""Bits: 65,000 hashes on average, a fifth of a second; on a phone slower than most, one or two."""

_LONGEST = 10


def done(stamp: str, number: str) -> bool:
    """Whether the number is one. It is looked for with the stamp's signature, which nobody can know
    beforehand."""
    if len(number) > _LONGEST:
        return False
    _, _, signature = stamp.rpartition(".")
    found = sha256(f"{signature}:{number}".encode()).digest()
    return int.from_bytes(found) >> (256 - ZEROS) == 0
