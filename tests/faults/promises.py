"""What must hold of a database after every fault, however it was injured."""

from collections import Counter

from sqlalchemy import select

from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import db
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow


def broken() -> list[str]:
    """Everything that is half done or done twice, in the application that is current."""
    db.session.rollback()
    conversations = db.session.scalars(select(ConversationRow)).all()
    records = db.session.scalars(select(RecordRow)).all()
    handoffs = db.session.scalars(select(HandoffRow)).unique().all()
    told = set(db.session.scalars(select(DeliveryRow.handoff_id)))
    recorded = Counter(each.conversation_id for each in records if not each.supersedes_id)
    ended = {each.conversation_id for each in records if each.depth != "partial"}
    handed = {each.conversation_id for each in handoffs}
    for_sales = {each.conversation_id for each in records if each.kind == "sales"}
    pairs = db.session.execute(select(AnswerRow.conversation_id, AnswerRow.turn))
    turns = Counter((conversation, turn) for conversation, turn in pairs)
    ledger = Counter(db.session.scalars(select(AnswerRow.conversation_id)))
    found = [
        *(
            f"{c.id} ended and has {recorded[c.id]} first records"
            for c in conversations
            if c.finished_at and recorded[c.id] != 1
        ),
        *(
            f"{c.id} goes on and has a record"
            for c in conversations
            if not c.finished_at and c.id in ended
        ),
        *(
            f"{c.id} has {len(c.answers)} answers and a ledger of {ledger[c.id]}"
            for c in conversations
            if len(c.answers) > ledger[c.id] or (c.answers and not ledger[c.id])
        ),
        *(f"{id} is for sales and nobody has it" for id in for_sales - handed),
        *(
            f"{h.id} was told to nobody"
            for h in handoffs
            if h.id not in told and h.status != "suppressed" and not h.test
        ),
        *(f"turn {turn} is kept {n} times" for turn, n in turns.items() if n > 1),
    ]
    db.session.rollback()
    return found
