"""Named places where a test can make things go wrong, around every commit there is.

Nothing is armed in a running product; then a place costs one look into an empty mapping.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_armed: dict[str, Callable[[], object]] = {}


def reached(name: str) -> None:
    """Do what was armed for this place, if anything."""
    if _armed and name in _armed:
        _armed[name]()


@contextmanager
def armed(name: str, action: Callable[[], object]) -> Iterator[None]:
    """Have ``action`` run (raise, kill, wait) whenever the place is reached."""
    _armed[name] = action
    try:
        yield
    finally:
        del _armed[name]
