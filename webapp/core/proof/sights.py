"""What visitors did on the site, as variables: how often signals were seen, how long ago, visits.

Signals that one event can be at once are one variable. An option is a few events, each with the
span of ages it may have; what it counts for and brings is worked out by the engine itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from math import ceil, log2

from webapp.core.conditions import AtLeast, AtMost, Compare, Is, IsNot, Subject
from webapp.core.playbook import Playbook, ScoringRule, Signal
from webapp.core.proof.ages import NEVER, Band, Between, Seen, newest, packed, spread
from webapp.core.proof.families import MOST_OPTIONS, TooWide
from webapp.core.proof.moments import AT, MOMENT
from webapp.core.proof.patterns import Kind
from webapp.core.rules import capped, rule_worth
from webapp.core.signals import VISIT_GAP
from webapp.core.situation import Situation, Visit
from webapp.core.values import Value

MOST_TIMES = 1000

Counted = tuple[str, timedelta | None]
"""A signal and how far back it is counted."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """One option: its events with ages that suit, and what the engine makes of them.

    ``needs`` is an age: a visit must have begun before it for the oldest event to be in one (None
    where there is no event). ``reach`` is how old the oldest event may be, below zero if none.
    """

    seen: tuple[Seen, ...]
    ages: tuple[timedelta, ...]
    counts: Mapping[Counted, int]
    points: Mapping[str, int]
    needs: timedelta | None
    reach: timedelta


@dataclass(frozen=True)
class Interest:
    """What is asked of signals: which counts matter, up to where, and the rules that score them."""

    counts: Mapping[Counted, int]
    rules: Sequence[ScoringRule]

    def of(self, signals: Iterable[str]) -> "Interest":
        ids = frozenset(signals)
        return Interest(
            {counted: most for counted, most in self.counts.items() if counted[0] in ids},
            [rule for rule in self.rules if rule.signal in ids],
        )

    def about(self) -> set[str]:
        return {name for name, _ in self.counts} | {rule.signal or "" for rule in self.rules}


def interest(playbook: Playbook, comparisons: Iterable[Compare]) -> Interest:
    """The counts conditions can tell apart, one above the greatest they name, and all rules."""
    counts: dict[Counted, int] = {}
    for compare in comparisons:
        if compare.subject.kind != "signal":
            continue
        bounds = [0]
        for test in compare.tests:
            match test:
                case AtLeast(bound) | AtMost(bound):
                    bounds.append(int(str(bound)))
                case Is(wanted) | IsNot(wanted):
                    bounds += [int(str(each)) for each in wanted]
                case _:
                    pass
        counted = (compare.subject.name, compare.subject.within)
        counts[counted] = max(counts.get(counted, 0), max(bounds) + 1)
    rules = [rule for rule in playbook.rules if rule.signal]
    for rule in rules:
        assert rule.signal is not None
        counts.setdefault((rule.signal, rule.within), 0)
    return Interest(counts, rules)


class Sights:
    """A variable: what was seen of some signals (or of visits), and when."""

    def __init__(self, name: str, options: Sequence[Sighted]) -> None:
        self.name = name
        self.options = options

    def starts(self, *, fresh: bool) -> Sequence[int]:
        return range(len(self.options))

    def read(self, option: int, subject: Subject) -> Value | None:
        return Decimal(self.options[option].counts[subject.name, subject.within])


def sights(
    playbook: Playbook, name: str, found: Sequence[Kind], asked: Interest, enough: int
) -> Sights:
    """All that conditions and rules can tell apart about signals of these kinds.

    ``enough`` points, more or less, settle every comparison with a score.

    Raises: TooWide.
    """
    made = _Options(playbook, asked, enough)
    for seen in made.combinations(found):
        made.add(seen, tuple(each.band.typical for each in seen))
        for ages in made.faded(seen):
            made.add(seen, ages)
    return Sights(name, made.options())


class Visits(Sights):
    """The variable of visits: when each began. ``returning`` is told with every option."""

    def __init__(self, options: Sequence[Sighted], *, told: bool) -> None:
        self.name = "visits"
        here_before = [any(age >= VISIT_GAP for age in each.ages) for each in options]
        self._plain = len(options)
        # A dated fact makes somebody return who was never seen on the site.
        again = [each for each, here in zip(options, here_before, strict=True) if not here]
        self.options = [*options, *(again if told else [])]
        self._returning = [*here_before, *(True for _ in self.options[self._plain :])]

    def starts(self, *, fresh: bool) -> Sequence[int]:
        return range(self._plain if fresh else len(self.options))

    def by_facts(self, option: int) -> bool:
        """Returning only because something was learnt about them before."""
        return option >= self._plain

    def read(self, option: int, subject: Subject) -> Value | None:
        if subject.kind == "returning":
            return "yes" if self._returning[option] else "no"
        return super().read(option, subject)


def visits(playbook: Playbook, asked: Interest, enough: int, *, told: bool) -> Visits:
    """All that can be told apart about visits. ``told`` says that some condition reads returning.

    Raises: TooWide.
    """
    begin = Kind(frozenset(asked.about()), "page_view", "/")
    made = _Options(playbook, asked, enough, visits=True)
    for seen in made.combinations([begin]):
        if not made.add(seen, spread(seen)):
            ages = packed(seen, VISIT_GAP)
            assert ages is not None
            made.add(seen, ages)
        for ages in made.faded(seen):
            made.add(seen, ages)
    return Visits(made.options(), told=told)


class _Options:
    """Collects options, one for each combination of counts and points."""

    def __init__(
        self, playbook: Playbook, asked: Interest, enough: int, *, visits: bool = False
    ) -> None:
        self.playbook = playbook
        self.asked = asked
        self.enough = enough
        self.visits = visits
        self._found: dict[object, Sighted] = {}
        self._last: tuple[dict[Counted, int], dict[str, int]] = ({}, {})
        self._fading = [rule for rule in asked.rules if rule.half_life and not rule.each]
        self._fading_sums = [rule for rule in asked.rules if rule.half_life and rule.each]
        if len(self._fading_sums) > 1:
            raise TooWide(", ".join(rule.id for rule in self._fading_sums))
        self.limits = dict(asked.counts)
        for rule in asked.rules:
            assert rule.signal is not None
            counted = (rule.signal, rule.within)
            times = self._enough_for(rule) if rule.each else 1
            self.limits[counted] = max(self.limits[counted], times)
        self.bands = self._cut()

    def options(self) -> list[Sighted]:
        return sorted(self._found.values(), key=lambda each: len(each.seen))

    def _enough_for(self, rule: ScoringRule) -> int:
        """So many occurrences that one more changes nothing."""
        if rule.points == 0:
            return 1
        limit = self.enough
        if rule.at_most is not None and rule.points > 0:
            limit = max(1, rule.at_most)
        times = ceil(limit / abs(rule.points))
        if times > MOST_TIMES:
            raise TooWide(rule.id)
        return times

    def _cut(self) -> list[Band]:
        """The spans of ages that windows and fading points cut, the newest first."""
        marks = {window for _, window in self.limits if window}
        marks |= {age for rule in self._fading for age in _changes(rule)}
        if self.visits:
            marks.add(VISIT_GAP - MOMENT)
        return [Band(over, upto) for over, upto in pairwise([-MOMENT, *sorted(marks), NEVER])]

    def combinations(self, found: Sequence[Kind]) -> list[tuple[Seen, ...]]:
        """Events for every combination of counts that matters, and of what the newest bring.

        Events are added from the newest to the oldest, as long as that makes a difference.

        Raises: TooWide.
        """
        known: dict[object, tuple[Seen, ...]] = {self._mark(()): ()}
        for band in self.bands:
            open_ = list(known.values())
            for held in open_:  # grows as it goes
                for kind in found:
                    more = (*held, Seen(kind, band))
                    if self.visits and packed(more, VISIT_GAP) is None:
                        continue  # a visit needs half an hour to itself
                    mark = self._mark(more)
                    if mark not in known:
                        known[mark] = more
                        open_.append(more)
                if len(known) > MOST_OPTIONS:
                    raise TooWide(", ".join(sorted(self.asked.about())))
        return sorted(known.values(), key=len)

    def _mark(self, seen: Sequence[Seen]) -> object:
        """What anybody could notice about these events."""
        counts = []
        spare = 1 if self.visits else 0  # the first visit is no return
        for (name, within), limit in self.limits.items():
            times = sum(
                name in each.kind.signals and (within is None or each.band.upto <= within)
                for each in seen
            )
            counts.append(min(times, limit + spare))
        latest = [
            next((each.band for each in seen if _counts_for(each, rule)), None)
            for rule in self._fading
        ]
        oldest = seen[-1].band if self.visits and seen else None
        # Of a sum that fades every part counts, so it matters where each occurrence lies.
        parts = [
            tuple(each.band for each in seen if _counts_for(each, rule))
            for rule in self._fading_sums
        ]
        held = [
            part[: self.limits[r.signal or "", r.within] + spare]
            for part, r in zip(parts, self._fading_sums, strict=True)
        ]
        return tuple(counts), tuple(latest), oldest, tuple(held)

    def faded(self, seen: tuple[Seen, ...]) -> Iterator[tuple[timedelta, ...]]:
        """Ages of the same events that bring a fading sum to each whole number it can have.

        From as new as can be to as old as can be the sum fades steadily, so it passes them all.
        """
        gap = VISIT_GAP if self.visits else timedelta(0)
        for rule in self._fading_sums:
            mine = [n for n, each in enumerate(seen) if _counts_for(each, rule)]
            new, old = newest(seen, gap), packed(seen, gap, rule.half_life)
            if not mine or new is None or old is None:
                continue
            span = Between(rule, new, old, mine)
            low, high = sorted((round(span.sum(0)), round(span.sum(1))))
            for whole in range(low, high + 1):
                if not self._is_known(seen, rule, whole):
                    yield span.ages(span.share_for(whole))

    def add(self, seen: tuple[Seen, ...], ages: tuple[timedelta, ...]) -> bool:
        """Let the engine judge these events; False where it sees other visits than meant."""
        judged = self._judged(seen, ages)
        if judged is None:
            return False
        counts, points = self._last = judged
        needs = max((each.band.over for each in seen), default=None)
        reach = max((each.band.upto for each in seen), default=-MOMENT)
        mark = self._noticed(seen, counts, points)
        held = self._found.get(mark)
        if held is None or (held.needs or -MOMENT) > (needs or -MOMENT):
            if self._fading_sums:
                # These points need these ages, to the second.
                exact = [Band(age - MOMENT, age) for age in ages]
                seen = tuple(Seen(s.kind, b) for s, b in zip(seen, exact, strict=True))
            self._found[mark] = Sighted(seen, ages, counts, points, needs, reach)
        return True

    def _judged(
        self, seen: Sequence[Seen], ages: Sequence[timedelta]
    ) -> tuple[dict[Counted, int], dict[str, int]] | None:
        events = tuple(
            each.kind.happening(AT - age, id=str(n))
            for n, (each, age) in enumerate(zip(seen, ages, strict=True))
        )
        situation = Situation(self.playbook, None, Visit(now=AT, events=events))
        if self.visits and len(situation.sightings.visits) != len(seen):
            return None
        counts = {c: situation.sightings.count(*c) for c in self.asked.counts}
        rules = self.asked.rules
        points = {rule.id: rule_worth(rule, situation, situation).brought for rule in rules}
        return counts, points

    def _noticed(
        self, seen: Sequence[Seen], counts: Mapping[Counted, int], points: Mapping[str, int]
    ) -> object:
        """What conditions, rules and other variables can notice of these events."""
        limited = tuple(min(n, self.limits[c]) for c, n in counts.items())
        if not self.visits:
            return limited, tuple(points.values())
        reach = max((each.band.upto for each in seen), default=-MOMENT)
        return limited, tuple(points.values()), reach, reach >= VISIT_GAP

    def _is_known(self, seen: Sequence[Seen], rule: ScoringRule, whole: int) -> bool:
        """Whether events noticed alike, that need no older visit, have brought these points."""
        counts, points = self._last
        mark = self._noticed(seen, counts, {**points, rule.id: capped(rule, whole)})
        held = self._found.get(mark)
        needs = max((each.band.over for each in seen), default=-MOMENT)
        return held is not None and (held.needs or -MOMENT) <= needs


def _counts_for(seen: Seen, rule: ScoringRule) -> bool:
    recent = rule.within is None or seen.band.upto <= rule.within
    return recent and rule.signal in seen.kind.signals


def _changes(rule: ScoringRule) -> Iterator[timedelta]:
    """The ages at which a fading rule's whole points change: half a point more or less."""
    assert rule.half_life is not None
    for whole in range(abs(rule.points)):
        yield rule.half_life * log2(abs(rule.points) / (whole + 0.5))


def grouped(playbook: Playbook, asked: Interest, found: Sequence[Kind]) -> list[list[Signal]]:
    """The signals that matter, those together that one event can be at once."""
    groups: list[set[str]] = []
    for name in asked.about():
        if playbook.signals[name].visit:
            continue
        linked = {name}
        for kind in found:
            if name in kind.signals:
                linked |= kind.signals
        apart = [group for group in groups if group.isdisjoint(linked)]
        for group in groups:
            if not group.isdisjoint(linked):
                linked |= group
        groups = [*apart, linked]
    return [[s for s in playbook.signals.values() if s.id in group] for group in groups]
