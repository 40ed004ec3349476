"""The call sheet: every question of the script with what is known, and how the lead stands now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.core import values, wording
from webapp.core.briefing import GLYPHS, SURE, Briefing, briefing
from webapp.core.conditions import holds
from webapp.core.facts import Fact
from webapp.core.flow import Question
from webapp.core.playbook import Playbook, Property, Text
from webapp.core.sentences import sentence
from webapp.core.staff_words import staff_text
from webapp.services.sales import handoffs
from webapp.services.sales.calls import Call
from webapp.store.staff import StaffRow
from webapp.web.desk.times import clock_time
from webapp.web.shared.controls import Attempt, Control, control
from webapp.web.shared.moments import zone_of


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be kept as it was sent: in which place, why, and what was typed there."""

    place: str
    problem: str
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. ``before`` is what was known before the call, ``seen`` the revision of the
    answer shown, and ``when`` the condition in words while it is not met."""

    id: str
    control: Control
    before: str
    prefilled: bool
    saved: str
    seen: int
    when: str


@dataclass(frozen=True)
class Sheet:
    """A call as its page shows it. ``leads_to`` is where the lead would go, ``to_kind`` the kind of
    place that is."""

    call: Call
    briefing: Briefing
    title: str
    greeting: str
    ending: str
    questions: Sequence[Asked]
    tier: str
    leads_to: str
    to_kind: str
    tripped: Sequence[str]
    waits_for: str
    their_time: str
    timezone: str
    reasons: Sequence[tuple[str, str]]
    colleague: str
    refused: Refused | None = None

    def problem(self, place: str) -> str | None:
        return self.refused.problem if self.refused and self.refused.place == place else None

    def typed(self, field: str) -> str:
        sent = self.refused.typed.get(field) if self.refused else None
        return sent[0] if sent else ""


def sheet(call: Call, actor: StaffRow, now: datetime, refused: Refused | None = None) -> Sheet:
    """Lay a call out for the rep who reads it."""
    decision, flow = call.decision, call.decision.flow
    playbook, locale = decision.playbook, decision.visit.locale or decision.playbook.locale
    found = briefing(call.handoff.record.record)
    to = decision.destination

    def say(text: Text | None) -> str:
        return staff_text(
            text.to(locale) if text else "",
            decision.situation,
            to=to.id,
            locale=locale,
            rep=call.caller.name or None,
        )

    timezone = zone_of(actor)
    return Sheet(
        call=call,
        briefing=found,
        title=str(flow.title),
        greeting=say(flow.greeting),
        ending=say(flow.endings.get(to.id) or flow.endings.get(to.kind)),
        questions=[_asked(call, each, say, locale, timezone, refused) for each in flow.questions],
        tier=str(decision.tier.label or decision.tier.id.capitalize()),
        leads_to=f"{to.label or to.id.replace('_', ' ').capitalize()}: {decision.route.because}",
        to_kind=to.kind,
        tripped=[gate.because for gate in decision.disqualifiers if gate.result == "tripped"],
        waits_for=_waits_for(decision.path.next, playbook),
        their_time=clock_time(now, found.timezone) if found.timezone else "",
        timezone=timezone,
        reasons=list(handoffs.DISQUALIFICATION_REASONS.items()),
        colleague="" if call.caller.id == actor.id else call.caller.name or call.caller.email,
        refused=refused,
    )


def name_of(question_id: str) -> str:
    """What the control of a question is called in its form."""
    return f"answer-{question_id}"


def _asked(
    call: Call, question: Question, say: Any, locale: str, timezone: str, refused: Refused | None
) -> Asked:
    playbook, situation = call.decision.playbook, call.decision.situation
    property = playbook.properties[question.property]
    stood = call.answers.get(question.property)
    fact = situation.profile.fact(question.property)
    value = values.read(property, stood["value"]) if stood else None
    prefilled = stood is None and fact is not None and not question.always
    if prefilled and fact is not None:
        value = fact.value
    problem = refused.problem if refused and refused.place == question.id else None
    sent = tuple(refused.typed.get(name_of(question.id), ())) if refused else ()
    applies = question.when is None or holds(question.when, situation) is True
    return Asked(
        id=question.id,
        control=control(
            question,
            property,
            locale,
            text=say(question.ask),
            help=say(question.help) or None,
            value=value,
            attempt=Attempt(problem, values=sent) if problem and sent else None,
        ),
        before=_before(fact, property, playbook) if stood is None and fact is not None else "",
        prefilled=prefilled,
        saved=clock_time(datetime.fromisoformat(stood["at"]), timezone) if stood else "",
        seen=stood["order"] if stood else 0,
        when="" if applies else sentence(question.when, playbook),
    )


def _before(fact: Fact, property: Property, playbook: Playbook) -> str:
    sure = SURE[fact.certainty.name]
    label = wording.label(property, fact.value, playbook.locale)
    return f"{GLYPHS[sure]} {sure}, {fact.at:%-d %b}: {label}"


def _waits_for(question: Question | None, playbook: Playbook) -> str:
    if question is None or not question.required:
        return ""
    return str(playbook.properties[question.property].label)
