"""What looks like spam is kept aside: it gets its record and nobody's time, until a person looks
and releases it."""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from webapp.services import audit
from webapp.services.flows import releases
from webapp.services.prospects import answering, completion, suspicion
from webapp.services.prospects.standing import columns, standing_of
from webapp.services.sales import ringing
from webapp.services.sales.live import OPEN_FOR, NoSuchConversation
from webapp.store import conversations as rows
from webapp.store import handoffs
from webapp.store.database import db, one_commit
from webapp.store.handoffs import HandoffRow
from webapp.store.sites import SiteRow
from webapp.store.staff import StaffRow

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Aside:
    """One conversation that is kept aside, as the list tells it."""

    row: Any
    who: str
    title: str
    site: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """What became of it: ``handoff`` where it went to sales, ``destination`` where it ended at
    all."""

    handoff: HandoffRow | None
    destination: str | None


def listed() -> list[Aside]:
    """What waits for somebody to look at it, newest first."""
    sites = {site.id: site.name for site in db.session.scalars(db.select(SiteRow))}
    return [_told(row, sites) for row in rows.spam(SHOWN)]


def release(id: str, actor: StaffRow, *, now: datetime) -> Released:
    """Say that a conversation is no spam: it is decided as of what was last said in it, as if
    nobody had suspected it, and goes where it would have gone. Its deadline begins now.

    A second click changes nothing. Raises: NoSuchConversation where nothing was kept aside.
    """
    with one_commit("kept_aside.release"):
        row = rows.plain(id, lock=True)
        if row is None or not (row.spam or row.cleared_at):
            raise NoSuchConversation
        if row.spam:
            _let_go(row, now)
            detail = {"because": [each for each in row.spam_because if each in suspicion.REASONS]}
            audit.append("conversation.released", id, actor=actor.id, now=now, detail=detail)
    row = rows.plain(id)
    assert row is not None
    ended = row.finished_at is not None
    return Released(handoffs.of_conversation(id), row.destination if ended else None)


def _let_go(row: Any, now: datetime) -> None:
    cleared = {"spam": False, "spam_because": [], "cleared_at": now}
    standing = standing_of(SimpleNamespace(**{**vars(row), **cleared}))
    decision = standing.decide(row.last_at)
    changes = columns(decision) | cleared
    if decision.path.next is None:
        changes |= completion.complete(standing, decision, now=now)
    else:
        # What ended early because it looked like spam may have more to ask.
        changes |= {"finished_at": None, "put": answering.put_at(row.put, decision)}
        if row.human_asked_at and now - row.last_at <= OPEN_FOR:
            ringing.ring(decision, row, now=now)
    rows.update(row, changes)


def _told(row: Any, sites: dict[str, str]) -> Aside:
    release = releases.of_hash(row.release_hash)
    name = [str(each["value"]) for each in row.answers if each["property"] == "name"]
    who = [*name, *suspicion.addresses(release.playbook, row.answers, row.heard)]
    return Aside(
        row=row,
        who=", ".join(dict.fromkeys(each for each in who if each)),
        title=str(release.flows[row.flow].title),
        site=sites.get(row.site_id, ""),
        because=suspicion.words(row),
    )
