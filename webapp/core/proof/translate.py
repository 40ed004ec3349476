"""Conditions of one flow's visitors as formulas over the variables those visitors are made of."""

from collections.abc import Iterable
from decimal import Decimal

from webapp.core.conditions import All, Any, Compare, Condition, Nothing
from webapp.core.playbook import Playbook
from webapp.core.proof.formulas import (
    FALSE,
    IS_FALSE,
    IS_TRUE,
    NOT_FALSE,
    NOT_TRUE,
    SCORE,
    TRUE,
    Accepted,
    Formulas,
)
from webapp.core.proof.universe import Universe
from webapp.core.proof.variables import judge
from webapp.core.values import Value

_OPPOSITE = {IS_TRUE: IS_FALSE, IS_FALSE: IS_TRUE, NOT_TRUE: NOT_FALSE, NOT_FALSE: NOT_TRUE}


class Translator:
    """Makes formulas. Gates, checklist and tier are spelled out in what they rest on."""

    def __init__(self, universe: Universe, formulas: Formulas) -> None:
        self.universe = universe
        self.formulas = formulas
        self.playbook: Playbook = universe.playbook
        self.scores: dict[int, tuple[str, Compare]] = {}
        """Literals about points: which part of the score, and the comparison."""

    def true(self, condition: Condition | None) -> int:
        """The formula that says: this condition is true."""
        return self.of(condition, IS_TRUE)

    def of(self, condition: Condition | None, accepted: Accepted) -> int:
        """The formula that says: the condition's truth is among those accepted."""
        match condition:
            case None:
                return TRUE if True in accepted else FALSE
            case Compare():
                return self._compare(condition, accepted)
            case All(parts):
                return self._joined(parts, accepted, every=accepted in (IS_TRUE, NOT_FALSE))
            case Any(parts):
                return self._joined(parts, accepted, every=accepted in (IS_FALSE, NOT_TRUE))
            case Nothing(parts):
                return self.of(Any(parts), _OPPOSITE[accepted])

    def _joined(self, parts: Iterable[Condition], accepted: Accepted, *, every: bool) -> int:
        formulas = [self.of(part, accepted) for part in parts]
        return self.formulas.every(formulas) if every else self.formulas.some(formulas)

    def _compare(self, compare: Compare, accepted: Accepted) -> int:
        subject, formulas = compare.subject, self.formulas
        match subject.kind:
            case "flow":
                flow = self.universe.flow
                value = flow.id if subject.name == "id" else flow.intent
                return TRUE if compare.judge(value) in accepted else FALSE
            case "tier" | "score":
                part = "tier" if subject.kind == "tier" else subject.name
                # Equal tests on the same subject are one literal, wherever they stand.
                about = (part, compare.tests)
                found = formulas.literal(SCORE, about, lambda _: None, accepted)
                self.scores[found] = (part, compare)
                return found
            case "disqualified":
                yes, no, neither = self.disqualified(), self._no_gate(), self._open()
                states: list[tuple[Value | None, int]] = [("yes", yes), ("no", no), (None, neither)]
                return self._among(compare, accepted, states)
            case "disqualifier":
                gate = next(g for g in self.playbook.disqualifiers if g.id == subject.name).when
                unknown = formulas.every([self.of(gate, NOT_TRUE), self.of(gate, NOT_FALSE)])
                results: list[tuple[Value | None, int]] = [
                    ("tripped", self.true(gate)),
                    ("clear", self.of(gate, IS_FALSE)),
                    ("unknown", unknown),
                ]
                return self._among(compare, accepted, results)
            case "icp":
                return self._among(compare, accepted, self._match())
        number = self.universe.variable(subject)
        asked = (subject, compare.tests)
        held = formulas.judges.get(number, {}).get(asked)
        found_judge = held or judge(compare, self.universe[number])
        return formulas.literal(number, asked, found_judge, accepted)

    def _among(
        self, compare: Compare, accepted: Accepted, states: Iterable[tuple[Value | None, int]]
    ) -> int:
        """Any of the states whose value makes the comparison come out as accepted."""
        return self.formulas.some(
            formula for value, formula in states if compare.judge(value) in accepted
        )

    def disqualified(self) -> int:
        """A hard gate is tripped."""
        return self.formulas.some(self.true(gate) for gate in self._hard())

    def _no_gate(self) -> int:
        return self.formulas.every(self.of(gate, IS_FALSE) for gate in self._hard())

    def _no_gate_tripped(self) -> int:
        return self.formulas.every(self.of(gate, NOT_TRUE) for gate in self._hard())

    def _open(self) -> int:
        """No hard gate is tripped, and one is unknown."""
        some_open = self.formulas.some(self.of(gate, NOT_FALSE) for gate in self._hard())
        return self.formulas.every([self._no_gate_tripped(), some_open])

    def _hard(self) -> list[Condition]:
        return [gate.when for gate in self.playbook.disqualifiers if gate.gate == "hard"]

    def _match(self) -> list[tuple[Value | None, int]]:
        """The checklist's verdicts, each with what it rests on."""
        criteria = [criterion.when for criterion in self.playbook.icp]
        every, some, fine = self.formulas.every, self.formulas.some, self._no_gate_tripped()
        all_met = every(self.true(c) for c in criteria)
        all_missed = every(self.of(c, IS_FALSE) for c in criteria) if criteria else FALSE
        not_met = some(self.of(c, NOT_TRUE) for c in criteria)
        not_missed = some(self.of(c, NOT_FALSE) for c in criteria)
        return [
            ("yes", every([fine, all_met])),
            ("partial", every([fine, not_met, not_missed])),
            ("no", some([self.disqualified(), every([fine, all_missed])])),
        ]

    def judge_points(self, literal: int, points: int) -> bool:
        """Whether a literal about points holds for that part of the score."""
        part, compare = self.scores[literal]
        _, accepted = self.formulas.judge_of(literal)
        value: Value = self.playbook.tier_of(points).id if part == "tier" else Decimal(points)
        return compare.judge(value) in accepted
