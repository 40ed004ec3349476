"""Keeping nobody longer than a site means to."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select

from webapp.services import erasure
from webapp.services.erasure import NobodyToErase
from webapp.store import leads, removal
from webapp.store.database import db, one_commit, reading
from webapp.store.sites import SiteRow

AT_ONCE = 50
"""Conversations removed in one commit, for which everybody else who writes has to wait; of events
and browsers, with which less goes, five times as many."""
MOST = 500
MOST_EVENTS = 5_000
MOST_VISITORS = 2_000

_Id = TypeVar("_Id")


def forget_the_old(*, now: datetime) -> int:
    """Remove what a site keeps no longer than its retention allows; returns how much went.

    A conversation whose handoff is still being worked on stays until that is closed. Takes some
    hundreds at a time, the oldest, in commits that nobody has to wait for.
    """
    with reading():
        keeping = select(SiteRow.id, SiteRow.retention_days)
        spans = db.session.execute(keeping.where(SiteRow.retention_days.is_not(None))).all()
    gone = 0
    for site_id, days in spans:
        before = now - timedelta(days=days or 0)
        gone += _forget_what_happened(site_id, before) + _forget_people(before, now)
    return gone


def _forget_what_happened(site_id: str, before: datetime) -> int:
    gone = 0
    for _ in range(0, MOST, AT_ONCE):
        with one_commit("retention.forget_the_old"):
            conversations = removal.idle_conversations(site_id, before, AT_ONCE)
            removal.remove_conversations(conversations)
        gone += len(conversations)
        if len(conversations) < AT_ONCE:
            break
    with reading():
        events = removal.old_events(site_id, before, MOST_EVENTS)
    for some in _parts(events):
        with one_commit("retention.forget_events"):
            removal.remove_events(some)
        gone += len(some)
    with reading():
        visitors = removal.unseen_visitors(site_id, before, MOST_VISITORS)
    for unseen in _parts(visitors):
        with one_commit("retention.forget_visitors"):
            gone += removal.remove_visitors(unseen)
    return gone


def _forget_people(before: datetime, now: datetime) -> int:
    with reading():
        nobodys = [lead.id for lead in leads.without_conversations(before)]
    gone = 0
    for lead_id in nobodys:
        with suppress(NobodyToErase):  # they came back while the others were erased
            erasure.erase_lead(lead_id, by="retention", silent_since=before, now=now)
            gone += 1
    return gone


def _parts(ids: Sequence[_Id]) -> Iterator[Sequence[_Id]]:
    size = 5 * AT_ONCE
    return (ids[first : first + size] for first in range(0, len(ids), size))
