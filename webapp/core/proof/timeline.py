"""Events of several variables on one clock: visits begin as often as meant, and no oftener."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from webapp.core.proof.ages import NEVER, Band, Seen
from webapp.core.proof.moments import AT, NotConcrete
from webapp.core.proof.sights import Sighted, Sights, Visits
from webapp.core.proof.universe import Universe
from webapp.core.signals import VISIT_GAP, Event, recognises

STEP = timedelta(minutes=29)
MOST_BETWEEN = 100
"""A visit that would have to go on for longer is nobody's."""


def timeline(universe: Universe, options: Mapping[int, int]) -> list[Event]:
    """The events of the variables chosen, each at an age its band allows and within a visit.

    Raises: NotConcrete.
    """
    seen: list[tuple[Seen, timedelta]] = []
    for number, option in sorted(options.items()):
        variable = universe[number]
        if isinstance(variable, Sights) and not isinstance(variable, Visits):
            chosen = variable.options[option]
            seen += zip(chosen.seen, chosen.ages, strict=True)
    placed: list[tuple[timedelta, Seen | None]]
    if universe.visits is None:
        placed = [(age, each) for each, age in seen]
    else:
        visits = universe[universe.visits]
        assert isinstance(visits, Visits)
        first = visits.starts(fresh=True)[0]
        option_of_visits = visits.options[options.get(universe.visits, first)]
        placed = _within_visits(option_of_visits, [each for each, _ in seen])
    return _made(universe, placed)


def _within_visits(visits: Sighted, seen: Sequence[Seen]) -> list[tuple[timedelta, Seen | None]]:
    begins = _begins(visits, [each.band for each in seen])
    placed: list[tuple[timedelta, Seen | None]] = []
    for each in seen:
        age, between = _place(each.band, begins)
        placed.append((age, each))
        placed += [(other, None) for other in between]
    taken = {age for age, _ in placed}
    return placed + [(age, None) for age in begins if age not in taken]


def _begins(visits: Sighted, bands: Sequence[Band]) -> list[timedelta]:
    """When the visits begin, within their own bands: where something has to be seen."""
    free = [(each.band, age) for each, age in zip(visits.seen, visits.ages, strict=True)]
    begins: list[timedelta] = []
    for band in sorted(bands, key=lambda band: band.upto):
        if any(_holds(band, age) for age in begins):
            continue
        for at, (own, _) in enumerate(free):
            over, upto = max(band.over, own.over), min(band.upto, own.upto)
            ages = (Band(over, upto).typical, _old(Band(over, upto))) if over < upto else ()
            age = next((age for age in ages if _apart(age, begins)), None)
            if age is not None:
                begins.append(age)
                del free[at]
                break
    for own, age in free:
        apart = next(
            (
                each
                for each in (age, own.typical, own.upto, *_later(own, begins))
                if _holds(own, each) and _apart(each, begins)
            ),
            age,
        )
        begins.append(apart)
    oldest = max((band.over for band in bands), default=None)
    if begins and oldest is not None and max(begins) <= oldest:
        raise NotConcrete("Something is older than every visit.")
    return begins


def _later(own: Band, begins: Sequence[timedelta]) -> list[timedelta]:
    """Ages half an hour from what is taken already, and a day before all of it."""
    found = [each + sign * 2 * VISIT_GAP for each in begins for sign in (1, -1)]
    return [*found, max(begins, default=timedelta(0)) + timedelta(days=1)]


def _place(band: Band, begins: Sequence[timedelta]) -> tuple[timedelta, list[timedelta]]:
    """An age for one event, and what else must happen so that no new visit begins."""
    inside = [age for age in begins if _holds(band, age)]
    if inside:
        return min(inside), []
    older = [age for age in begins if band.upto != NEVER and age > band.upto]
    if not older:
        raise NotConcrete("Something is older than every visit.")
    at, between = min(older), list[timedelta]()
    while at - STEP > band.upto:
        at -= STEP
        between.append(at)
        if len(between) > MOST_BETWEEN:
            raise NotConcrete("A visit would have to go on for days.")
    return _old(band), between


def _old(band: Band) -> timedelta:
    """An age near the old end, but clear of the edge where points change."""
    if band.upto == NEVER:
        return band.typical
    return band.upto - min(timedelta(seconds=1), (band.upto - band.over) / 2)


def _apart(age: timedelta, begins: Sequence[timedelta]) -> bool:
    return all(abs(age - other) >= VISIT_GAP for other in begins)


def _holds(band: Band, age: timedelta) -> bool:
    return band.over < age <= band.upto


def _made(universe: Universe, placed: Sequence[tuple[timedelta, Seen | None]]) -> list[Event]:
    """The events, with an id each where two of them would be the same one."""
    filler = _filler(universe)
    made = [
        filler(AT - age) if seen is None else seen.kind.happening(AT - age) for age, seen in placed
    ]
    made.sort(key=lambda event: event.at)
    return [
        replace(event, id=f"e{n}") if made.count(event) > 1 else event
        for n, event in enumerate(made, 1)
    ]


def _filler(universe: Universe) -> Callable[[datetime], Event]:
    """An event that nobody looks for."""
    signals = [universe.playbook.signals[name] for name in universe.of_signal]
    if any(recognises(signal, Event(AT, page="/")) for signal in signals if not signal.visit):
        return lambda at: Event(at, event="something_else", page="/")
    return lambda at: Event(at, page="/")
