"""Keeping nobody longer than a site means to."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.services import erasure
from webapp.services.erasure import NobodyToErase
from webapp.store import calls, conversations, days, handoffs, visitors
from webapp.store import leads as rows
from webapp.store.access import forget_answers_about
from webapp.store.database import db, one_commit
from webapp.store.sites import SiteRow


def forget_the_old(*, now: datetime) -> int:
    """Remove what a site keeps no longer than its retention allows; returns how much went.

    A conversation whose handoff is still being worked on stays until that is closed. Called
    nightly; takes some hundreds at a time, so that nobody has to wait for it.
    """
    gone = 0
    sites = db.session.scalars(select(SiteRow).where(SiteRow.retention_days.is_not(None))).all()
    for site in sites:
        before = now - timedelta(days=site.retention_days or 0)
        with one_commit("retention.forget_the_old"):
            removed, handed = [], []
            for conversation in conversations.idle_since(site.id, before):
                id = conversation.id
                handoff = handoffs.of_conversation(id) or calls.handoff_of(id)
                if handoff is not None and handoff.status in handoffs.WORKING:
                    continue
                if handoff is not None:
                    handed.append(handoff.created_at)
                forget_answers_about([conversation.id])
                db.session.delete(conversation)
                removed.append(conversation.started_at)
            db.session.flush()
            days.forget(days.CONVERSATIONS, removed)
            days.forget(days.HANDOFFS, handed)
            gone += len(removed)
            gone += visitors.forget_events(site.id, before)
            gone += visitors.forget_unseen(site.id, before)
        for lead_id in [lead.id for lead in rows.without_conversations(before)]:
            with suppress(NobodyToErase):  # they came back while the others were erased
                erasure.erase_lead(lead_id, by="retention", silent_since=before, now=now)
                gone += 1
    return gone
