"""One answer as it is kept: in the ledger, in what stands, and as facts. Nothing here commits."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core import wording
from webapp.core.decision import Decision
from webapp.core.errors import AnswerRefused, sentence
from webapp.core.facts import Certainty
from webapp.core.flow import Question
from webapp.core.visitor_words import visitor_text
from webapp.services.prospects import known
from webapp.services.prospects.hearing import Heard
from webapp.services.prospects.standing import Standing
from webapp.store import conversations, facts

Json = dict[str, Any]

MOST_CHANGES = 50
"""Each change makes a record with all that was said before, and word of it to whoever has the case:
nobody is to fill a disk and an inbox by going to and fro."""

MOST_REPLACED = 40_000
"""The letters of all answers of one conversation that others stand in the place of."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that has been read, before anything of it is kept.

    ``old`` is what stood for its property, ``new`` what stands instead, and ``answers`` and
    ``heard`` what the conversation would come to hold.
    """

    put: Question
    found: Heard
    old: Json | None
    new: Json
    answers: list[Json]
    heard: Json


def answered(
    standing: Standing,
    put: Question,
    found: Heard,
    *,
    turn: str | None = None,
    body: str = "",
    by: str | None = None,
    now: datetime,
) -> Answered:
    """Put an answer in the place of what stood for its property. ``by`` says which rep wrote it
    down, on a call."""
    row = standing.row
    old = next((each for each in row.answers if each["property"] == put.property), None)
    certainty = Certainty.confirmed if row.skin == "call" else Certainty.stated
    new: Json = {
        "property": put.property,
        "question": put.id,
        "value": found.written,
        "at": now.isoformat(),
        "said": found.said,
        "asked_as": _asked_as(standing, put, now),
        "certainty": certainty.name,
        "order": row.revision + 1,
        "turn": turn or secrets.token_urlsafe(9),
        "body": body,
        "earlier": [*old["earlier"], {**old, "earlier": []}] if old else [],
        **({"by": by} if by else {}),
    }
    return Answered(
        put=put,
        found=found,
        old=old,
        new=new,
        answers=[each for each in row.answers if each is not old] + [new],
        heard=row.heard | {put.property: found.others},
    )


def keep_changes_few(answer: Answered) -> None:
    """Raises: AnswerRefused, where so much was changed in this conversation that no person did."""
    if answer.old is None:
        return
    replaced = [earlier for each in answer.answers for earlier in each["earlier"]]
    letters = sum(max(len(str(each["value"])), len(each["said"] or "")) for each in replaced)
    if len(replaced) > MOST_CHANGES or letters > MOST_REPLACED:
        raise AnswerRefused(
            answer.put.property,
            sentence("Your answers were changed too often. What you answered before is kept."),
        )


def same_standing(standing: Standing, put: Question, found: Heard) -> Json | None:
    """The very same answer, where it stands already: giving it again changes nothing."""
    if put.property in standing.row.set_aside:
        return None
    each: Json
    for each in standing.row.answers:
        if each["property"] == put.property and each["value"] == found.written:
            return each
    return None


def of_turn(standing: Standing, turn: str) -> Json | None:
    """What this turn was answered with before; its ``body`` is as ``body_hash`` gives it."""
    entry: Json
    for each in standing.row.answers:
        for entry in (each, *each["earlier"]):
            if entry["turn"] == turn:
                return entry
    return None


def body_hash(value: object, text: str | None, *, skip: bool) -> str:
    """What was sent, in a form that tells a repeat from another answer."""
    body = json.dumps([value, text, skip], sort_keys=True, default=str)
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def keep(standing: Standing, answer: Answered, decision: Decision, *, flags: Sequence[str]) -> Json:
    """Append the answer, and what it changes of the facts; returns what the conversation's row
    must say from now on, beside what was decided (``columns``)."""
    row, now, new = standing.row, decision.visit.now, answer.new
    conversations.append(
        {
            "conversation_id": row.id,
            "n": new["order"],
            "turn": new["turn"],
            "body_hash": new["body"],
            "question": new["question"],
            "property": new["property"],
            "value": new["value"],
            "said": new["said"],
            "asked_as": new["asked_as"],
            "certainty": new["certainty"],
            "put_at": datetime.fromisoformat(row.put.get(answer.put.id, new["at"])),
            "at": now,
            "edited": answer.old is not None,
            "heard": answer.found.others,
            "flags": list(flags),
        }
    )
    # What a rep writes down on a call counts, on the script's path or beside it.
    had, aside = ((), ()) if row.skin == "call" else (row.set_aside, decision.path.set_aside)
    changed = known.fact_rows(
        row,
        before=[each for each in row.answers if each["property"] not in had],
        after=[each for each in answer.answers if each["property"] not in aside],
        now=now,
    )
    facts.append(changed + known.heard_rows(row, answer.found.others))
    return {
        "answers": answer.answers,
        "heard": answer.heard,
        "put": put_at(row.put, decision),
        "revision": new["order"],
        "last_at": now,
        # Only where there is something to undo: SQLite writes anew every index that has a column
        # which an UPDATE names.
        **{name: None for name in ("finished_at", "left_at") if getattr(row, name)},
    }


def put_at(before: Mapping[str, str], decision: Decision) -> Json:
    """When each question was first put, the one now waiting included."""
    waiting = decision.path.next
    if waiting is None or waiting.id in before:
        return dict(before)
    return {**before, waiting.id: decision.visit.now.isoformat()}


def _asked_as(standing: Standing, put: Question, now: datetime) -> str:
    """The words the question was put in. Replayed only where they depend on what was said."""
    text = put.ask
    may_confirm = put.confirm is not None and _told_of(standing, put.property)
    if not may_confirm and not wording.placeholders(str(text)):
        return text.to(standing.row.locale)
    path = standing.walk(now)
    if put.confirm is not None and path.next is put and path.confirming:
        text = put.confirm
    return visitor_text(text, path.situation, standing.row.locale)


def _told_of(standing: Standing, property_id: str) -> bool:
    """Whether something was said of the property, or of one that it follows from: without, nobody
    was asked to confirm it."""
    row, follows = standing.row, standing.release.playbook.dependents
    heard = (fact for found in row.heard.values() for fact in found)
    told = {each["property"] for each in (*row.answers, *row.known_before, *heard)}
    return any(property_id in (each, *follows.get(each, ())) for each in told)
