"""Keeping nobody longer than a site means to."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.services import audit
from webapp.services.people import erasure
from webapp.services.people.erasure import NobodyToErase
from webapp.store import leads, removal
from webapp.store.audit import FORGOTTEN
from webapp.store.database import db, give_way, one_commit, reading
from webapp.store.sites import SiteRow

AT_ONCE = 50
"""Conversations removed in one commit, for which everybody else who writes has to wait."""
OTHERS_AT_ONCE = 5 * AT_ONCE
"""Events and browsers, with which less goes."""
MOST = 500
MOST_EVENTS = 5_000
MOST_VISITORS = 2_000


class Passed(dict[str, int]):
    """How far the events of each site were looked through: what came before is gone."""


def forget_the_old(*, now: datetime, passed: Passed | None = None) -> int:
    """Remove what a site keeps no longer than its retention allows; returns how much went. Whoever
    does so again and again goes on from what has ``passed``.

    A conversation whose handoff is still being worked on stays until that is closed. Takes some
    hundreds at a time, the oldest, in commits that nobody has to wait for.
    """
    with reading():
        keeping = select(SiteRow.id, SiteRow.retention_days)
        spans = db.session.execute(keeping.where(SiteRow.retention_days.is_not(None))).all()
    gone = 0
    for site_id, days in spans:
        before = now - timedelta(days=days or 0)
        gone += _forget_what_was_said(site_id, before, now)
        gone += _forget_events(site_id, before, Passed() if passed is None else passed)
        gone += _forget_visitors(site_id, before) + _forget_people(before, now)
    return gone


def _forget_what_was_said(site_id: str, before: datetime, now: datetime) -> int:
    gone = 0
    for _ in range(0, MOST, AT_ONCE):
        with one_commit("retention.forget_the_old"):
            conversations = removal.idle_conversations(site_id, before, AT_ONCE)
            removal.remove_conversations(conversations)
            if conversations:
                what = {"conversations": list(conversations)}
                audit.append(FORGOTTEN, site_id, actor="retention", now=now, detail=what)
        give_way()
        gone += len(conversations)
        if len(conversations) < AT_ONCE:
            break
    return gone


def _forget_events(site_id: str, before: datetime, passed: Passed) -> int:
    gone = 0
    while gone < MOST_EVENTS:
        with reading():
            after = passed.get(site_id, 0)
            events, passed_now = removal.old_events(site_id, before, OTHERS_AT_ONCE, after=after)
        if events:
            with one_commit("retention.forget_events"):
                removal.remove_events(events)
            give_way()
        gone += len(events)
        passed[site_id] = passed_now
        if not events:
            break
    return gone


def _forget_visitors(site_id: str, before: datetime) -> int:
    gone = 0
    with reading():
        visitors = removal.unseen_visitors(site_id, before, MOST_VISITORS)
    for first in range(0, len(visitors), OTHERS_AT_ONCE):
        with one_commit("retention.forget_visitors"):
            gone += removal.remove_visitors(visitors[first : first + OTHERS_AT_ONCE])
        give_way()
    return gone


def _forget_people(before: datetime, now: datetime) -> int:
    with reading():
        nobodys = [lead.id for lead in leads.without_conversations(before)]
    gone = 0
    for lead_id in nobodys:
        with suppress(NobodyToErase):  # they came back while the others were erased
            erasure.erase_lead(lead_id, by="retention", silent_since=before, now=now)
            gone += 1
        give_way()
    return gone
