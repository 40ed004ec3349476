"""A rep knows better: what they confirm becomes a fact, and a new record supersedes the old."""

from datetime import datetime

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.facts import Certainty, Fact
from webapp.core.inputs import write_fact
from webapp.services.prospects import completion
from webapp.services.prospects.standing import SINCE, columns, standing_of
from webapp.services.sales import handoffs
from webapp.services.sales.handoff_access import Incomplete, find, hold_case, own
from webapp.store import conversations
from webapp.store.database import db, one_commit
from webapp.store.facts import FactRow
from webapp.store.handoffs import HandoffRow
from webapp.store.staff import StaffRow


def correct(
    handoff_id: str, actor: StaffRow, *, property: str, value: object, now: datetime
) -> HandoffRow:
    """Confirm a fact about the lead; score, route and record follow in the same commit.

    The lead stays with its owner wherever the route would lead now.

    Raises: NoSuchHandoff, NotYours, Incomplete, AnswerRefused.
    """
    with one_commit("corrections.correct"):
        hold_case(find(handoff_id, actor))
        row = own(handoff_id, actor)
        # After a call it is the call that says what is known.
        conversation = conversations.plain(row.record.conversation_id, lock=True)
        assert conversation is not None, "a handoff has its conversation"
        standing = standing_of(conversation)
        known = standing.release.playbook.properties.get(property)
        if known is None or known.built_in:
            raise Incomplete("property", "Select which fact is wrong.")
        found = values.read(known, value)
        if found is None:
            raise AnswerRefused(property, "Enter what is right.")
        fact = Fact(
            property=property,
            value=found,
            certainty=Certainty.confirmed,
            source="call",
            at=now,
            order=conversation.revision + 1,
            ref=f"staff:{actor.id}",
        )
        before = conversation.heard.get(SINCE, [])
        heard = {**conversation.heard, SINCE: [*before, write_fact(fact)]}
        decision = standing.decide(now, heard=heard, ended_at=standing.last_heard_at)
        changes = columns(decision) | {"heard": heard, "revision": conversation.revision + 1}
        db.session.add(
            FactRow(
                lead_id=row.lead_id,
                conversation_id=conversation.id,
                property=property,
                value=values.write(found),
                certainty="confirmed",
                source="call",
                at=now,
                ref=fact.ref,
            )
        )
        changes |= completion.write_down(standing, decision, by=actor.email, now=now)
        conversations.update(conversation, changes)
        handoffs.note_event(row, actor, "corrected", now, detail={"property": property})
    return row
