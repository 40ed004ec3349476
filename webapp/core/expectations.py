"""Whether a case came out as its author expected and, if not, what made the difference."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.core.case import Case
from webapp.core.flow import Release
from webapp.core.sentences import sentence

SCORE_PARTS = ("total", "fit", "intent", "known", "inferred", "low", "high")

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from ``least`` to ``most``, both included; None leaves a side open."""

    least: int | None = None
    most: int | None = None

    def __contains__(self, number: int) -> bool:
        enough = self.least is None or number >= self.least
        return enough and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        if self.least is None:
            return f"at most {self.most}"
        return f"at least {self.least}" if self.most is None else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that came out otherwise. ``because`` names the line or rule that decided it."""

    what: str
    expected: str
    got: str
    because: str = ""

    def __str__(self) -> str:
        because = f" {self.because}" if self.because else ""
        return f"{self.what}: expected {self.expected}, got {self.got}.{because}"


def misses(release: Release, case: Case, result: Result) -> list[Miss]:
    """Compare what ``simulate`` says of a case with what the case expects."""
    compared = _Compared(release, case, result)
    found: list[Miss] = []
    for what, expected in case.expect.items():
        found += compared.check(what, expected)
    return found


class _Compared:
    """A result beside what was expected of it. The ``_why`` methods end a miss's sentence."""

    def __init__(self, release: Release, case: Case, result: Result) -> None:
        self.playbook = release.playbook
        self.flow = release.flows[case.flow]
        self.result = result

    def check(self, what: str, expected: Any) -> list[Miss]:
        route = self.result["route"]
        match what:
            case "route":
                return self._word(what, expected, route["to"], self._why_routed)
            case "rule":
                return self._word(what, expected, route["rule"], self._why_fired)
            case "tier":
                return self._word(what, expected, self.result["tier"], self._why_tier)
            case "tier_settled":
                return self._word(what, expected, self.result["tier_settled"], self._why_settled)
            case "icp":
                return self._word(what, expected, self.result["icp"], self._why_icp)
            case "ended" | "waiting_for":
                return self._word(what, expected, self.result.get(what), self._why_asked)
            case "score":
                return [miss for part in expected for miss in self._part(part, expected[part])]
            case "disqualifiers":
                return [miss for id in expected for miss in self._gate(id, expected[id])]
            case "asked":
                return self._asked(expected)
            case _:
                return self._questions(what, expected)

    def _word(
        self, what: str, expected: object, got: object, why: Callable[[str], str]
    ) -> list[Miss]:
        if expected == got:
            return []
        return [Miss(what, _said(expected), _said(got), why(str(expected)))]

    def _why_routed(self, destination: str) -> str:
        route = self.result["route"]
        leading = [rule.id for rule in self.playbook.routing if rule.to == destination]
        fired = f"`{route['rule']}` decided: {route['because']}."
        return " ".join([fired, *map(self._why_fired, leading)])

    def _why_fired(self, rule_id: str) -> str:
        results = {each["rule"]: each["result"] for each in self.result["route"]["trace"]}
        rule = next((each for each in self.playbook.routing if each.id == rule_id), None)
        if rule is None:
            return f"`{rule_id}` leaves early only when it is true."
        if results[rule_id] == "true":
            return f"`{rule_id}` is true too, but comes later."
        asks = sentence(rule.when, self.playbook)
        return f"`{rule_id}` is {results[rule_id]}: it wants “{asks}”."

    def _why_tier(self, tier_id: str) -> str:
        tier = next(each for each in self.playbook.tiers if each.id == tier_id)
        begins = "takes the rest" if tier.least is None else f"begins at {tier.least}"
        total = self.result["score"]["total"]
        return f"The score is {total} and `{tier_id}` {begins}. {self._lines()}"

    def _why_settled(self, _: str) -> str:
        score = self.result["score"]
        return f"The score could still be {score['low']} to {score['high']}."

    def _why_icp(self, _: str) -> str:
        checklist = self.result["checklist"]
        said = [
            f"{state} {_listed(each['id'] for each in checklist[state])}"
            for state in ("met", "missed", "unknown")
            if checklist[state]
        ]
        return f"The checklist: {'; '.join(said)}."

    def _why_asked(self, _: str) -> str:
        return f"Asked were {_listed(self.result['asked'])}."

    def _part(self, part: str, range: Range) -> list[Miss]:
        got = self.result["score"][part]
        if got in range:
            return []
        what = "score" if part == "total" else f"score.{part}"
        return [Miss(what, str(range), str(got), self._lines(part))]

    def _lines(self, part: str = "total") -> str:
        lines = [
            f"{line['points']:+d} {line['rule']} ({line['because']}{_certainty(part, line)})"
            for line in self.result["score"]["lines"]
            if part not in ("fit", "intent") or line["category"] == part
        ]
        return f"The lines: {'; '.join(lines)}." if lines else "No rule brought points."

    def _gate(self, id: str, expected: str) -> list[Miss]:
        got = next(each for each in self.result["disqualifiers"] if each["id"] == id)
        when = next(each.when for each in self.playbook.disqualifiers if each.id == id)
        because = f"It is tripped when “{sentence(when, self.playbook)}”."
        return self._word(f"disqualifiers.{id}", expected, got["result"], lambda _: because)

    def _asked(self, expected: tuple[str, ...]) -> list[Miss]:
        """In that order, others may lie between."""
        rest = iter(self.result["asked"])
        for name in expected:
            if not any(self._is(question_id, name) for question_id in rest):
                return [
                    Miss("asked", _listed(expected), _listed(self.result["asked"]), self._why(name))
                ]
        return []

    def _questions(self, what: str, expected: tuple[str, ...]) -> list[Miss]:
        """A whole list; only the one of questions asked has an order."""
        got = self.result["asked" if what == "asked_exactly" else what]
        missing = [name for name in expected if not any(self._is(id, name) for id in got)]
        in_order = all(map(self._is, got, expected)) or what != "asked_exactly"
        if len(got) == len(expected) and in_order and not missing:
            return []
        extra = [id for id in got if not any(self._is(id, name) for name in expected)]
        because = self._why_listed(what, missing, extra)
        return [Miss(what, _listed(expected), _listed(got), because)]

    def _why_listed(self, what: str, missing: list[str], extra: list[str]) -> str:
        """What became of the first question that is missing from a list, or too much in it."""
        if not missing and not extra:
            return "Questions are asked in the order of the flow."
        name = (missing or extra)[0]
        asked = any(self._is(id, name) for id in self.result["asked"])
        match what:
            case "skipped" if not missing:
                return f"`{name}` was asked, and the case has no answer to it."
            case "skipped" if asked:
                return f"`{name}` was answered."
            case "set_aside" if asked:
                return f"`{name}` was asked, so an answer to it counts."
            case "set_aside" if missing:
                return f"The case has no answer to `{name}`."
            case "asked_exactly" if not missing:
                return f"`{name}` was asked too. {self._asked_when(name)}"
            case "set_aside":
                return self._asked_when(name)
        return self._why(name)

    def _is(self, question_id: str, name: str) -> bool:
        """A case may call a question by its id or by its property."""
        question = self.flow.question(question_id)
        return name == question_id or (question is not None and name == question.property)

    def _why(self, name: str) -> str:
        """Why a question that was missed was not asked."""
        if any(self._is_property(name, property) for property in self.result["set_aside"]):
            return f"The answer to `{name}` was set aside."
        return self._asked_when(name)

    def _asked_when(self, name: str) -> str:
        """When a question is asked at all."""
        for question in self.flow.questions:
            if name in (question.id, question.property):
                if question.when:
                    return f"`{name}` is asked when “{sentence(question.when, self.playbook)}”."
                return f"`{name}` is asked when it is not known yet and its turn comes."
        return f"This flow has no question about `{name}`."

    def _is_property(self, name: str, property_id: str) -> bool:
        asking = self.flow.by_property.get(property_id, ())
        return any(name in (question.id, property_id) for question in asking)


def _certainty(part: str, line: Mapping[str, Any]) -> str:
    """What of a line makes that part of a score another one than the total."""
    if part in ("low", "high") and line["status"] == "open":
        return f", could still bring {line['low']} to {line['high']}"
    return f", {line['status']}" if part in ("known", "inferred") else ""


def _said(value: object) -> str:
    if value is None:
        return "nothing"
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"
