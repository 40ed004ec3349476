"""The handoff record: who, why, on what evidence, what was checked, what is unknown, what next.

One JSON-ready document per finished conversation, immutable once made. Its published schema is in
``handoff_schema``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from webapp.core import ENGINE, frameworks, values, wording
from webapp.core.decision import Decision, Said, because
from webapp.core.engagement import engagement
from webapp.core.evidence import Evidence, Seen, evidence
from webapp.core.facts import Certainty, Fact
from webapp.core.flow import Question
from webapp.core.inputs import inputs_hash, write_inputs
from webapp.core.path import Answer
from webapp.core.playbook import Criterion
from webapp.core.uncertainties import Uncertainty, uncertainties
from webapp.core.values import Type

Json = dict[str, Any]

_TRUTH = {True: "true", False: "false", None: "unknown"}
_KINDS = {
    Certainty.confirmed: "call",
    Certainty.stated: "answer",
    Certainty.observed: "event",
    Certainty.enriched: "provider",
    Certainty.inferred: "derived",
}


def record(
    decision: Decision,
    *,
    id: str | None,
    created_at: datetime,
    supersedes: str | None = None,
    depth: str = "qualified",
    test: bool = False,
    lead_id: str | None = None,
    source: Mapping[str, Any] | None = None,
    history: Sequence[Json] = (),
    respond_by: datetime | None = None,
    words: Json | None = None,
) -> Json:
    """Put a decision down as a record.

    ``source`` adds what the store knows of the visit (site, page, referrer, first and last touch).
    ``respond_by`` is the owner's deadline. ``words`` are those of this decision (``in_words``),
    where it was put into words before.
    """
    words = words or in_words(decision)
    action = words["next_action"]
    return {
        "schema": "handoff/1",
        "id": id,
        "supersedes": supersedes,
        "created_at": created_at.isoformat(),
        "depth": depth,
        "scenario": decision.flow.intent or decision.flow.id,
        "test": test,
        **words,
        "lead": {**words["lead"], "id": lead_id},
        "source": {**words["source"], **(source or {})},
        "history": list(history),
        "next_action": action and {**action, "by": respond_by.isoformat() if respond_by else None},
    }


def in_words(decision: Decision, unanswered: Collection[str] | None = None) -> Json:
    """All that a record says of a decision, before it is known whose record it is and who takes
    the case: nearly all the work there is in one.

    ``unanswered`` is what was asked for and not answered, where the path does not tell: on the
    phone what was left out did not come up.
    """
    return _Record(decision, unanswered).in_words()


def trace(decision: Decision) -> list[Json]:
    return [{"rule": rule, "result": _TRUTH[truth]} for rule, truth in decision.route.trace]


class _Record:
    """Collects the evidence the parts refer to while they are written."""

    def __init__(self, decision: Decision, unanswered: Collection[str] | None) -> None:
        self.unanswered = unanswered
        self.decision = decision
        self.playbook = decision.playbook
        self.profile = decision.situation.profile
        self.ids: dict[Evidence, str] = {}

    def in_words(self) -> Json:
        unsure = uncertainties(self.decision, self.unanswered)
        body = {
            "lead": self._lead(),
            "source": dict(self.decision.visit.source),
            "verdict": self._verdict(),
            "why": self._why(),
            "score_lines": self.score_lines(),
            "frameworks": frameworks.frameworks(self.decision, self.cite),
            "disqualifiers": self.disqualifiers(),
            "uncertainties": [self._uncertainty(each) for each in unsure],
            "answers": self._answers(),
            "engagement": engagement(self.decision, self.cite),
            "history": [],
            "red_flags": self._said(self.decision.guidance.red_flags),
            "talking_points": self._said(self.decision.guidance.talking_points),
            "next_action": self._next_action(unsure),
        }
        self._cite_all()
        evidence = {id: self._evidence(each) for each, id in self.ids.items()}
        return {**body, "evidence": evidence, "provenance": self._provenance()}

    def cite(self, evidence: Iterable[Evidence]) -> list[str]:
        """The ids of evidence, given out in the order it is first referred to."""
        return [self.ids.setdefault(each, f"e{len(self.ids) + 1}") for each in evidence]

    def _cite_all(self) -> None:
        """Whatever is known belongs to the record, also what no claim has needed so far."""
        facts = (self.profile.fact(name) for name in self.playbook.properties)
        self.cite(fact for fact in facts if fact is not None)

    def _lead(self) -> Json:
        of_type = {p.type: p.id for p in reversed(tuple(self.playbook.properties.values()))}
        email = self.playbook.email_property
        named = {
            "name": "name",
            "first_name": "first_name",
            "title": "job_title",
            "company": of_type.get(Type.COMPANY, "company"),
            "domain": "email_domain",
            "email": email.id if email else "email",
            "phone": of_type.get(Type.PHONE, "phone"),
            "country": of_type.get(Type.COUNTRY, "country"),
        }
        locale = self.decision.visit.locale
        return {
            "id": None,
            **{name: self._known_value(property_id) for name, property_id in named.items()},
            "timezone": None,
            "locale": {"value": locale, "certainty": "observed"} if locale else None,
        }

    def _known_value(self, property_id: str) -> Json | None:
        if property_id not in self.playbook.properties:
            return None
        fact = self.profile.fact(property_id)
        if fact is None:
            return None
        return {
            "value": values.shown(fact.value),
            "certainty": fact.certainty.name,
            "evidence": self.cite([fact]),
        }

    def _verdict(self) -> Json:
        decision = self.decision
        return {
            "rule": decision.route.rule,
            "destination": decision.route.to,
            "kind": decision.destination.kind,
            "because": decision.route.because,
            "tier": decision.tier.id,
            "tier_settled": decision.tier_settled,
            "icp": {
                "match": decision.icp.match,
                "met": self._criteria(decision.icp.met),
                "missed": self._criteria(decision.icp.missed),
                "unknown": self._criteria(decision.icp.unknown),
            },
            "score": decision.score.figures(),
        }

    def _criteria(self, criteria: Iterable[Criterion]) -> list[Json]:
        return [
            {"id": each.id, "because": because(each, self.decision.situation)} for each in criteria
        ]

    def score_lines(self) -> list[Json]:
        return [
            {
                "rule": line.rule,
                "category": line.category,
                "points": line.points,
                "because": line.because,
                "status": line.status,
                "low": line.low,
                "high": line.high,
                "evidence": self.cite(evidence(line.reads, self.decision.situation)),
            }
            for line in self.decision.score.lines
        ]

    def disqualifiers(self) -> list[Json]:
        return [
            {
                "id": gate.id,
                "because": gate.because,
                "gate": gate.gate,
                "result": gate.result,
                "evidence": self.cite(gate.evidence),
            }
            for gate in self.decision.disqualifiers
        ]

    def _why(self) -> list[Json]:
        """The case in one line, then the reasons one by one; nothing without evidence."""
        decision = self.decision
        scored = [
            Said(line.because, shown)
            for line in sorted(decision.score.lines, key=lambda line: -line.points)
            if line.points > 0 and (shown := evidence(line.reads, decision.situation))
        ]
        tripped = [
            Said(gate.because, gate.evidence)
            for gate in decision.disqualifiers
            if gate.result == "tripped" and gate.evidence
        ]
        routed = Said(decision.route.because, decision.route.evidence)
        reasons = [*tripped, *([routed] if routed.evidence else []), *scored]
        if not reasons:
            return []
        tier = str(decision.tier.label or decision.tier.id.replace("_", " ").capitalize())
        first = reasons[:4]
        in_one_line = Said(
            f"{tier}, {decision.score.total} points: "
            + "; ".join(wording.in_sentence(each.text.rstrip("."), None) for each in first)
            + ".",
            tuple(dict.fromkeys(e for each in first for e in each.evidence)),
        )
        return self._said([in_one_line, *reasons])

    def _said(self, sentences: Iterable[Said]) -> list[Json]:
        return [{"sentence": s.text, "evidence": self.cite(s.evidence)} for s in sentences]

    def _uncertainty(self, each: Uncertainty) -> Json:
        could_change: Json = {"low": each.low, "high": each.high}
        if each.destination:
            could_change["destination"] = each.destination
        return {
            "about": each.property,
            "label": str(self.playbook.properties[each.property].label),
            "kind": each.kind,
            "why_it_matters": each.why_it_matters,
            "could_change": could_change,
            "ask": each.ask,
        }

    def _answers(self) -> list[Json]:
        """Every answer, word for word, in the order of the questions; replaced ones too."""
        decision = self.decision
        asked = {q.property: q for q in decision.path.asked}
        order = [*asked, *(p for p in decision.answers if p not in asked)]
        return [
            written
            for property_id in order
            if (answer := decision.answers.get(property_id)) is not None
            for written in self._one_answer(property_id, asked.get(property_id), answer)
        ]

    def _one_answer(
        self, property_id: str, question: Question | None, answer: Answer
    ) -> Iterable[Json]:
        property = self.playbook.properties[property_id]
        known_as = next(iter(self.decision.flow.by_property.get(property_id, ())), None)
        put = question or known_as
        aside = property_id in self.decision.path.set_aside or question is None
        for each, replaced in [*((one, True) for one in answer.earlier), (answer, False)]:
            asked_as = each.asked_as or (put.ask.to(self.decision.visit.locale) if put else None)
            yield {
                "question": put.id if put else property_id,
                "property": property_id,
                "about": str(property.label),
                "asked_as": asked_as or str(property.label),
                "value": values.shown(each.value),
                "label": wording.label(property, each.value, self.playbook.locale),
                "said": each.said,
                "skipped": each.value is None,
                "at": each.at.isoformat(),
                "edited": bool(answer.earlier),
                "set_aside": aside or replaced,
                **({"sensitive": True} if property.sensitive else {}),
            }

    def _next_action(self, unsure: Sequence[Uncertainty]) -> Json | None:
        action = self.decision.guidance.next_action
        if action is None:
            return None
        phone = next((p for p in self.playbook.properties.values() if p.type is Type.PHONE), None)
        call = phone is not None and self.profile.value(phone.id) is not None
        return {
            "do": action.text,
            "opening_line": self._opening_line(unsure),
            "by": None,
            "channel": "phone" if call else "email",
            "because": self.decision.route.because,
        }

    def _opening_line(self, unsure: Sequence[Uncertainty]) -> str:
        """What they came for in their own terms, then the question worth asking first."""
        name = self.profile.value("first_name")
        greeting = f"Hello {name}," if name else "Hello,"
        need = next(
            (
                p
                for p in self.playbook.properties.values()
                if {"need", "challenges", "identify_pain"} & set(p.frameworks.values())
                and self.profile.is_known(p.id)
            ),
            None,
        )
        if need is not None:
            fact = self.profile.fact(need.id)
            assert fact is not None
            said = wording.label(need, fact.value, self.playbook.locale)
            about = wording.in_sentence(str(need.label), self.playbook.locale)
            stop = "" if said.endswith((".", "!", "?", "…")) else "."
            opening = f"{greeting} you told us about your {about}: {said}{stop}"
        else:
            opening = f"{greeting} thank you for getting in touch."
        first = next((u for u in unsure if u.kind != "inferred"), None)
        return f"{opening} {first.ask}" if first else opening

    def _evidence(self, each: Evidence) -> Json:
        if isinstance(each, Seen):
            return {
                "kind": "event",
                "property": each.what,
                "value": each.value,
                "certainty": "observed",
                "at": each.at.isoformat() if each.at else None,
                "quote": None,
                "from": "visit",
            }
        return self._fact_evidence(each)

    def _fact_evidence(self, fact: Fact) -> Json:
        property = self.playbook.properties[fact.property]
        root = fact
        while root.derived_from is not None:
            root = root.derived_from
        return {
            "kind": "derived" if fact.derived_from else _KINDS[fact.certainty],
            "property": fact.property,
            "about": str(property.label),
            "value": values.shown(fact.value),
            "label": wording.label(property, fact.value, self.playbook.locale),
            "certainty": fact.certainty.name,
            "at": fact.at.isoformat(),
            "quote": fact.quote,
            "from": fact.derived_from.property if fact.derived_from else (root.ref or root.source),
            **({"sensitive": True} if property.sensitive else {}),
        }

    def _provenance(self) -> Json:
        decision = self.decision
        hashes = decision.release.hashes
        inputs = write_inputs(decision.flow.id, decision.visit, decision.answers)
        return {
            "flow": f"{decision.flow.id}@{hashes.get(decision.flow.id, '')}",
            "playbook": f"@{hashes.get('playbook', '')}",
            "engine": ENGINE,
            "trace": trace(decision),
            "facts_hash": inputs_hash(inputs),
        }
