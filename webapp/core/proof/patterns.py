"""Which signals one event can be at once: the page patterns of all of them, walked together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from webapp.core.playbook import Signal
from webapp.core.signals import Event, page_path

MOST_STATES = 20_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event, by the signals it counts for, and an event of that kind."""

    signals: frozenset[str]
    event: str
    page: str | None
    utm: tuple[tuple[str, str], ...] = ()

    def happening(self, at: datetime, id: str | None = None) -> Event:
        """An event of this kind."""
        utm = dict(self.utm)
        return Event(
            at=at,
            event=self.event,
            id=id,
            page=self.page,
            utm_source=utm.get("utm_source"),
            utm_medium=utm.get("utm_medium"),
            utm_campaign=utm.get("utm_campaign"),
            referrer_host=utm.get("referrer_host"),
        )


class TooManyPages(Exception):
    """The page patterns overlap in more ways than can be walked."""


def kinds(signals: Sequence[Signal]) -> list[Kind]:
    """Every set of these signals that one event can be an occurrence of; none is left out.

    Raises: TooManyPages.
    """
    found: dict[frozenset[str], Kind] = {}
    for event in dict.fromkeys(signal.event for signal in signals if signal.event):
        named = [signal for signal in signals if signal.event == event]
        for utm in _utms(named):
            held = [signal for signal in named if _carries(utm, signal)]
            anywhere = frozenset(signal.id for signal in held if not signal.pages)
            placed = {signal.id: signal.pages for signal in held if signal.pages}
            said = tuple((field, value) for field, value in utm.items() if value)
            pages = _pages(placed) if placed else {}
            for ids, page in {frozenset[str](): None, **pages}.items():
                together = anywhere | ids
                if together:
                    found.setdefault(together, Kind(together, event, page, said))
    return list(found.values())


def _utms(signals: Iterable[Signal]) -> Iterator[Mapping[str, str]]:
    """Every combination of the campaign fields some signal looks at; empty is none."""
    values: dict[str, dict[str, None]] = {}
    for signal in signals:
        for field, value in signal.utm.items():
            values.setdefault(field, {"": None})[value.casefold()] = None
    for combined in product(*values.values()):
        yield dict(zip(values, combined, strict=True))


def _carries(utm: Mapping[str, str], signal: Signal) -> bool:
    return all(utm.get(field) == value.casefold() for field, value in signal.utm.items())


def _pages(patterns: Mapping[str, Sequence[str]]) -> dict[frozenset[str], str]:
    """A page for every set of owners whose patterns hold it, the shortest there is.

    Every pattern is an automaton over the characters of the path, and all of them walk side by
    side as the bits of one number.
    """
    walk = _Walk(patterns)
    found: dict[frozenset[str], str] = {}
    # A slash at the end is not looked at, so a path that ends in one is no page of its own.
    seen = {(walk.start, True)}
    layer = [(walk.start, "/")]
    while layer:
        following = []
        for state, path in layer:
            if path == "/" or not path.endswith("/"):
                found.setdefault(walk.owners(state), path)
            for character in walk.alphabet:
                stepped = walk.step(state, character)
                mark = (stepped, character == "/")
                if mark not in seen:
                    seen.add(mark)
                    following.append((stepped, path + character))
        if len(seen) > MOST_STATES:
            raise TooManyPages
        layer = following
    found.pop(frozenset(), None)
    return found


class _Walk:
    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self._stars = 0
        self._moves: dict[str, int] = {}
        self._ends: list[tuple[str, int]] = []
        opened, place = 0, 0
        for owner, globs in patterns.items():
            for glob in globs:
                opened |= 1 << place
                for character in _squeezed(page_path(glob)):
                    if character == "*":
                        self._stars |= 1 << place
                    else:
                        self._moves[character] = self._moves.get(character, 0) | 1 << place
                    place += 1
                self._ends.append((owner, 1 << place))
                place += 1
        other = next(c for c in "xqzjyw0123456789~" if c not in self._moves)
        self.alphabet = (*sorted(self._moves), other)
        self.start = self.step(self._open(opened), "/")

    def step(self, state: int, character: str) -> int:
        moved = (state & self._moves.get(character, 0)) << 1
        return self._open(moved | state & self._stars)

    def owners(self, state: int) -> frozenset[str]:
        return frozenset(owner for owner, end in self._ends if state & end)

    def _open(self, state: int) -> int:
        """A star may stand for nothing."""
        return state | (state & self._stars) << 1


def _squeezed(glob: str) -> str:
    while "**" in glob:
        glob = glob.replace("**", "*")
    return glob
