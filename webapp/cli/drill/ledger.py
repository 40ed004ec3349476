"""Compares what visitors were told with what the scratch copy's database holds."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from webapp.cli.drill.scratch import Scratch
from webapp.cli.drill.visitors import Taken
from webapp.config import from_environment
from webapp.services.prospects import receipts
from webapp.services.prospects.conversations import token_hash
from webapp.store.conversations import RECEIPTED, AnswerRow, ConversationRow
from webapp.store.database import engine_options
from webapp.store.deliveries import DeliveryRow
from webapp.store.handoffs import HandoffRow
from webapp.store.records import RecordRow


def lost(scratch: Scratch, taken: Iterable[Taken]) -> list[str]:
    """A sentence for each thing that was acknowledged, or that follows from it, and is not there
    exactly once. Empty is what we promise."""
    config = from_environment(scratch.environ)
    engine = create_engine(config.database_url, **engine_options(config.database_url))
    with Session(engine) as session:
        found = [*_answers_lost(session, config.secret_key, taken), *_ends_lost(session)]
    engine.dispose()
    verified = scratch.baton("db", "verify")
    if verified.returncode:
        found.append(f"baton db verify: {(verified.stdout + verified.stderr).strip()}")
    return found


def _answers_lost(session: Session, secret: str, taken: Iterable[Taken]) -> list[str]:
    kept: Counter[tuple[str, str]] = Counter()
    proved = set()
    answers = select(ConversationRow.token_hash, *RECEIPTED)
    answers = answers.join(AnswerRow, AnswerRow.conversation_id == ConversationRow.id)
    for row in session.execute(answers):
        hash, *acknowledged = row
        kept[hash, row.question] += 1
        proved.add(receipts.sign(secret, *acknowledged))
    twice = [f"{question} is kept {n} times." for (_, question), n in kept.items() if n > 1]
    gone = [
        f"{each.question} at {each.address} was taken and is not kept."
        for each in taken
        if not kept[token_hash(_token(each.address)), each.question]
    ]
    unproved = [
        f"{each.question} at {each.address} is not what its receipt is for."
        for each in taken
        if each.receipt and each.receipt not in proved
    ]
    return gone + unproved + twice


def _ends_lost(session: Session) -> list[str]:
    """Finished without a record, sent to sales without handoff or delivery."""
    unrecorded = (
        select(func.count())
        .where(ConversationRow.finished_at.is_not(None))
        .where(
            ~select(RecordRow.id).where(RecordRow.conversation_id == ConversationRow.id).exists()
        )
    )
    unhanded = (
        select(func.count())
        .where(RecordRow.kind == "sales")
        .where(~select(HandoffRow.id).where(HandoffRow.record_id == RecordRow.id).exists())
    )
    unsent = (
        select(func.count())
        .select_from(HandoffRow)
        .where(~select(DeliveryRow.id).where(DeliveryRow.handoff_id == HandoffRow.id).exists())
    )
    counted = {
        "finished conversations have no record": unrecorded,
        "records for sales have no handoff": unhanded,
        "handoffs have no delivery": unsent,
    }
    found = {what: session.scalar(query) or 0 for what, query in counted.items()}
    return [f"{number} {what}." for what, number in found.items() if number]


def _token(address: str) -> str:
    """``/f/<flow>/<token>[/<question>]``"""
    return urlsplit(address).path.split("/")[3]
