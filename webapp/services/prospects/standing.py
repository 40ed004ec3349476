"""From rows to a decision: what a conversation's row, its events and its release amount to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from webapp.core.call import decide_call
from webapp.core.decision import Decision, decide
from webapp.core.flow import Release
from webapp.core.inputs import read_answers, read_fact, read_instants
from webapp.core.path import Answer, Path, walk
from webapp.core.signals import VISIT_GAP, Event
from webapp.core.situation import Visit
from webapp.services.flows import releases
from webapp.services.prospects import known
from webapp.store import calls, leads, visitors

Json = dict[str, Any]

SINCE = "(since)"
"""Where ``heard`` keeps what was learnt after the conversation; no property has such an id."""


@dataclass(frozen=True)
class Standing:
    """A conversation with all that decides about it. ``row`` has the columns of
    ``ConversationRow``; asking for a person is among the ``events``.

    ``learnt`` and ``seen_since`` are what is known of its lead from elsewhere: what a file or a
    provider says, and what the other leads said and did that were merged with it. Nothing of it is
    moved, it is read together for as long as the leads are one person.
    """

    row: Any
    release: Release
    events: tuple[Event, ...]
    learnt: Sequence[Json] = ()
    seen_since: tuple[Event, ...] = ()

    def decide(
        self,
        now: datetime,
        *,
        answers: Sequence[Json] | None = None,
        heard: Mapping[str, list[Json]] | None = None,
        spam: bool | None = None,
        ended_at: datetime | None = None,
    ) -> Decision:
        """Decide what stands or, with other answers (or another suspicion), what would.

        What stands of a conversation that has ended may be worth something else by now, and has no
        more questions. ``ended_at`` says so of any other.
        """
        stands = answers is None
        visit, given = self._inputs(
            now,
            self.row.answers if answers is None else answers,
            self.row.heard if heard is None else heard,
            spam=self.row.spam if spam is None else spam,
            ended_at=ended_at or (self.row.finished_at if stands else None),
        )
        decided = decide_call if self.row.skin == "call" else decide
        return decided(self.release, self.row.flow, visit, given)

    @property
    def last_heard_at(self) -> datetime:
        """As of when to ask what was asked, for who learns of it from elsewhere."""
        at: datetime = self.row.finished_at or self.row.last_at
        return at

    def walk(self, now: datetime) -> Path:
        """Only where the conversation stands, which costs a fraction of a decision."""
        row = self.row
        visit, given = self._inputs(now, row.answers, row.heard, spam=row.spam)
        return walk(self.release.playbook, self.release.flows[row.flow], visit, given)

    def _inputs(
        self,
        now: datetime,
        answers: Sequence[Json],
        heard: Mapping[str, list[Json]],
        *,
        spam: bool,
        ended_at: datetime | None = None,
    ) -> tuple[Visit, dict[str, Answer]]:
        row, playbook = self.row, self.release.playbook
        said_before = [
            *row.known_before,
            *(fact for asked, found in heard.items() if asked != SINCE for fact in found),
        ]
        learnt = [*self.learnt, *heard.get(SINCE, ())]
        visit = Visit(
            now=now,
            locale=row.locale,
            returning=row.came_back,
            spam=spam,
            source={name: row.source[name] for name in visitors.TOUCH if name in row.source},
            put_at=read_instants(row.put),
            facts=tuple(read_fact(each, playbook) for each in said_before),
            since=tuple(read_fact(each, playbook) for each in learnt),
            events=self.events,
            seen_since=self.seen_since,
            ended_at=ended_at,
        )
        return visit, read_answers(answers, playbook)


def standing_of(row: Any) -> Standing:
    """``row`` has ``release_hash`` too. A call goes by what its lead did on the site."""
    visit = calls.visit_behind(row.id) if row.skin == "call" else row
    events, release = events_around(visit), releases.of_hash(row.release_hash)
    standing = Standing(row, release, events)
    if row.lead_id is None:
        return standing
    return knowing(standing, row.lead_id, leads.of_same_person(row.lead_id))


def knowing(standing: Standing, lead_id: str, person: Sequence[str]) -> Standing:
    """With what is known of a lead from elsewhere. ``person`` are the leads that are one with
    it."""
    row, playbook = standing.row, standing.release.playbook
    others = [id for id in person if id != lead_id]
    found = known.from_elsewhere(lead_id, others, playbook, demo=row.demo)
    return replace(
        standing,
        learnt=[each for each in found if each not in row.known_before],
        seen_since=_seen_by(others, row) if others else (),
    )


def events_around(visit: Any) -> tuple[Event, ...]:
    """What went on beside a visitor's answers; ``visit`` has ``visitor_id`` and
    ``human_asked_at``."""
    events = events_of(visit.visitor_id) if visit.visitor_id else ()
    if visit.human_asked_at:
        events = (*events, asking_for_a_person(visit.human_asked_at))
    return events


def _seen_by(others: Sequence[str], row: Any) -> tuple[Event, ...]:
    """What the other leads of this person did on the site."""
    browsers = set(visitors.of_leads(others, demo=row.demo)) - {row.visitor_id}
    events = (event for browser in sorted(browsers) for event in events_of(browser))
    return tuple(sorted(events, key=lambda event: event.at)[-visitors.EVENTS_READ :])


def asking_for_a_person(at: datetime) -> Event:
    """What a playbook's signals hear of it as ``event: human``."""
    return Event(at=at, event="human", id="(human)")


def events_of(visitor_id: str) -> tuple[Event, ...]:
    """What the visitor did, oldest first."""
    return tuple(
        Event(
            at=row.at,
            event=row.event,
            id=row.event_id,
            page=row.page,
            title=row.title,
            utm_source=row.utm_source,
            utm_medium=row.utm_medium,
            utm_campaign=row.utm_campaign,
            referrer_host=row.referrer_host,
            received=row.received_at,
        )
        for row in reversed(visitors.events_of(visitor_id))
    )


def came_back(events: Sequence[Event], now: datetime) -> bool:
    """Whether a visit had ended before the one going on now began."""
    times = [event.at for event in events if event.at <= now]
    return any(later - earlier >= VISIT_GAP for earlier, later in pairwise([*times, now]))


def columns(decision: Decision) -> Json:
    """What a conversation's row says of the decision."""
    score, path = decision.score, decision.path
    return {
        "ended": path.ended,
        "waiting_for": path.next.property if path.next else None,
        "set_aside": list(path.set_aside),
        **score.figures(),
        "tier": decision.tier.id,
        "tier_settled": decision.tier_settled,
        "icp": decision.icp.match,
        "rule": decision.route.rule,
        "destination": decision.route.to,
    }
