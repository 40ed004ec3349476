"""Results worked out once per frozen value and kept on it, for as long as it lives.

A release stays in memory for days and answers thousands of turns; what follows from it alone
(closures, cells, tables) is made at first use.
"""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def kept(owner: object, name: str, make: Callable[[], T]) -> T:
    """``make()``, once per owner and name. The owner is a dataclass without slots."""
    store = owner.__dict__
    if name not in store:
        store[name] = make()
    found: T = store[name]
    return found
