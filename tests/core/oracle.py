"""A second, slow reading of the rules, for finding disagreements with the engine.

It works on the plain mappings the files are written from, shares no code with the core and does
everything the long way round: bounds by trying every joint value, words by splitting by hand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from itertools import combinations, product
from typing import Any

Truth = bool | None
Value = Any
Rank = tuple[int, datetime, bool, int]

GRADES = {"inferred": 1, "enriched": 2, "observed": 3, "stated": 4, "confirmed": 5}
KNOWN_FROM = GRADES["observed"]
NOTES = ("nothing", "urgent", "cheap", "urgent and cheap")
SEATS = [Decimal(n) for n in range(-1, 12)]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def span(text: str) -> timedelta:
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[text[-1]]
    return timedelta(**{unit: int(text[:-1])})


def words(text: str) -> list[str]:
    letters = "".join(c if c.isalnum() else " " for c in text.casefold())
    return letters.split()


def mentions(text: str, phrase: str) -> bool:
    return f" {' '.join(words(phrase))} " in f" {' '.join(words(text))} "


@dataclass
class Reading:
    """One visitor, judged from the mappings of playbook, flow and case."""

    playbook: Mapping[str, Any]
    flow: Mapping[str, Any]
    case: Mapping[str, Any]
    facts: list[tuple[str, Value, int, datetime, int]] = field(default_factory=list)
    supposed: dict[str, Value] = field(default_factory=dict)
    sure_only: bool = False

    def __post_init__(self) -> None:
        self.now = instant(self.case["at"])
        self.properties = self.playbook["properties"]
        for block, grade in (("known", "stated"), ("inferred", "inferred")):
            for name, given in self.case.get(block, {}).items():
                told = given if isinstance(given, Mapping) else {"value": given}
                at = instant(told["at"]) if "at" in told else self.now
                rank = GRADES[told.get("certainty", grade)]
                if at <= self.now:
                    self.facts.append((name, self.value_of(name, told["value"]), rank, at, 0))

    def value_of(self, name: str, raw: Any) -> Value:
        match self.properties[name]["type"]:
            case "choices":
                chosen = raw if isinstance(raw, list) else [raw]
                return tuple(c for c in self.properties[name]["choices"] if c in chosen)
            case "number":
                return Decimal(str(raw))
            case "yes_no":
                return {True: "yes", False: "no"}.get(raw, raw)
        return raw

    # What is known

    def effective(self, name: str) -> tuple[Rank, Value] | None:
        if name in self.supposed:
            value = self.supposed[name]
            return None if value is None else ((4, self.now, True, 0), value)
        found: list[tuple[Rank, Value]] = [
            ((rank, at, True, order), value)
            for owner, value, rank, at, order in self.facts
            if owner == name
        ]
        derived = self.derived(name)
        if derived:
            found.append(derived)
        expires = self.properties[name].get("expires")
        fresh = [each for each in found if not expires or self.now - each[0][1] <= span(expires)]
        if self.sure_only:
            fresh = [each for each in fresh if each[0][0] >= KNOWN_FROM]
        return max(fresh, key=lambda each: each[0]) if fresh else None

    def derived(self, name: str) -> tuple[Rank, Value] | None:
        derive = self.properties[name].get("derive")
        source = self.effective(derive["from"]) if derive else None
        if not derive or source is None:
            return None
        (rank, at, _, order), value = source
        guess = "words" in derive
        for level, members in derive["words" if guess else "values"].items():
            if any(mentions(value, m) if guess else value == m for m in members):
                return (1 if guess else rank, at, False, order), level
        if "otherwise" in derive:
            return (1 if guess else rank, at, False, order), derive["otherwise"]
        return None

    def value(self, name: str) -> Value | None:
        found = self.effective(name)
        return None if found is None else found[1]

    # What happened

    def events(self) -> list[Mapping[str, Any]]:
        kept: list[Mapping[str, Any]] = []
        for event in self.case.get("events", []):
            same = [k for k in kept if k == event or ("id" in event and k.get("id") == event["id"])]
            if instant(event["at"]) <= self.now and not same:
                kept.append(event)
        return sorted(kept, key=lambda event: instant(event["at"]))

    def times(self, signal: str, within: str | None = None) -> list[datetime]:
        events = self.events()
        at = [instant(event["at"]) for event in events]
        starts = [t for n, t in enumerate(at) if not n or t - at[n - 1] >= timedelta(minutes=30)]
        rule = self.playbook["signals"].get(signal, {})
        if signal == "visit":
            found = starts
        elif "visit" in rule:
            found = starts[1:]
        else:
            found = [
                instant(event["at"])
                for event in events
                if event.get("event", "page_view") == rule.get("event", "page_view")
                and event.get("page") == rule.get("page", event.get("page"))
            ]
        return [t for t in found if within is None or self.now - t <= span(within)]

    # Conditions

    def holds(self, when: Mapping[str, Any] | None) -> Truth:
        return self.every([self.entry(key, test) for key, test in (when or {}).items()])

    @staticmethod
    def every(truths: list[Truth]) -> Truth:
        return False if False in truths else None if None in truths else True

    @staticmethod
    def opposite(truth: Truth) -> Truth:
        return None if truth is None else not truth

    def entry(self, key: str, test: Any) -> Truth:
        if key in ("all", "any", "none"):
            parts = [self.holds(part) for part in test]
            if key == "all":
                return self.every(parts)
            none = self.every([self.opposite(part) for part in parts])
            return none if key == "none" else self.opposite(none)
        operators = dict(test) if isinstance(test, Mapping) else {"is": test}
        within = operators.pop("within", None)
        if within and not operators:
            operators = {"at_least": 1}
        kind, subject = self.subject(key, within)
        return self.every([self.operator(o, v, kind, subject, key) for o, v in operators.items()])

    def subject(self, key: str, within: str | None) -> tuple[str, Any]:
        family, _, name = key.partition(".")
        match family:
            case "signals":
                return "plain", Decimal(len(self.times(name, within)))
            case "source":
                return "source", self.case.get("source", {}).get(name)
            case "flow":
                return "source", self.flow.get("flow" if name == "id" else "intent")
            case "spam":
                return "plain", bool(self.case.get("spam"))
            case "returning":
                dated = any(
                    isinstance(f, Mapping) and "at" in f
                    for f in self.case.get("known", {}).values()
                )
                early = [
                    e
                    for e in self.case.get("events", [])
                    if self.now - instant(e["at"]) >= timedelta(minutes=30)
                ]
                return "plain", dated or bool(early)
            case "disqualified":
                return "plain", self.disqualified()
            case "disqualifiers":
                return "plain", self.gates()[name]
            case "tier":
                return "plain", self.tier(self.score()["total"])
            case "icp":
                return "plain", self.icp()
            case "score":
                return "plain", Decimal(self.score()[name])
        return "plain", self.value(key)

    def operator(self, operator: str, wanted: Any, kind: str, value: Any, key: str) -> Truth:
        if operator == "known":
            return (value is not None) is wanted
        if value is None:
            return operator == "not" if kind == "source" else None
        listed = wanted if isinstance(wanted, list) else [wanted]
        order = list(self.properties[key]["choices"]) if self.ordered(key) else None
        match operator:
            case "is":
                return any(self.equal(value, each) for each in listed)
            case "not":
                return not any(self.equal(value, each) for each in listed)
            case "includes":
                return all(each in value for each in listed)
            case "mentions":
                return any(mentions(value, each) for each in listed)
        bound = order.index(wanted) if order else Decimal(str(wanted))
        size = order.index(value) if order else value
        return bool(size >= bound if operator == "at_least" else size <= bound)

    def ordered(self, key: str) -> bool:
        return bool(self.properties.get(key, {}).get("ordered"))

    @staticmethod
    def equal(value: Any, wanted: Any) -> bool:
        if isinstance(value, tuple):
            return wanted in value
        if isinstance(value, Decimal):
            return value == Decimal(str(wanted))
        if isinstance(value, str) and isinstance(wanted, bool):
            return value == ("yes" if wanted else "no")
        return bool(value == wanted)

    # Verdict

    def gates(self) -> dict[str, str]:
        names = {True: "tripped", False: "clear", None: "unknown"}
        return {g["id"]: names[self.holds(g["when"])] for g in self.playbook["disqualifiers"]}

    def disqualified(self) -> Truth:
        found = self.gates()
        hard = [found[g["id"]] for g in self.playbook["disqualifiers"] if g["gate"] == "hard"]
        return True if "tripped" in hard else None if "unknown" in hard else False

    def icp(self) -> str:
        truths = [self.holds(each["when"]) for each in self.playbook["icp"]]
        if self.disqualified() is True or all(truth is False for truth in truths):
            return "no"
        return "yes" if all(truth is True for truth in truths) else "partial"

    def rule_points(self, rule: Mapping[str, Any]) -> int | None:
        """Before the rule's cap; None while open."""
        if "property" in rule:
            value = self.value(rule["property"])
            if value is None:
                return None
            chosen = value if isinstance(value, tuple) else (value,)
            return sum(self.looked_up(rule, each) for each in chosen)
        if "when" in rule:
            truth = self.holds(rule["when"])
            return None if truth is None else rule["points"] * truth
        times = self.times(rule["signal"], rule.get("within"))
        counted = times if rule.get("each") else times[-1:]
        if "half_life" not in rule:
            return int(rule["points"] * len(counted))
        getcontext().prec = 40
        total = Decimal(0)
        for at in counted:
            age = Decimal((self.now - at).total_seconds()) / Decimal(
                span(rule["half_life"]).total_seconds()
            )
            total += rule["points"] * Decimal(2) ** -age
        return int(total.quantize(Decimal(1), ROUND_HALF_UP))

    def looked_up(self, rule: Mapping[str, Any], value: Any) -> int:
        for key, points in rule["points"].items():
            if self.equal(value, key):
                return int(points)
        return int(rule.get("otherwise", 0))

    def categories(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name in ("fit", "intent"):
            yield name, self.playbook["scoring"].get(name, {"rules": []})

    def totals(self, without: frozenset[str] = frozenset()) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, category in self.categories():
            rules = [rule for rule in category["rules"] if rule["id"] not in without]
            points = sum(min(self.rule_points(r) or 0, r.get("at_most", 10**9)) for r in rules)
            found[name] = min(points, category.get("at_most", 10**9))
        return {**found, "total": sum(found.values())}

    def score(self) -> dict[str, int]:
        found = self.totals()
        self.sure_only = True
        sure = {r["id"]: self.rule_points(r) for _, c in self.categories() for r in c["rules"]}
        self.sure_only = False
        now = {r["id"]: self.rule_points(r) for _, c in self.categories() for r in c["rules"]}
        guessed = frozenset(id for id in now if now[id] is not None and now[id] != sure[id])
        known = self.totals(guessed)["total"]
        return {**found, "known": known, "inferred": found["total"] - known}

    def read_by_rules(self) -> list[str]:
        found: dict[str, None] = {}

        def read(when: Mapping[str, Any]) -> None:
            for key, test in when.items():
                if key in ("all", "any", "none"):
                    for part in test:
                        read(part)
                elif key in self.properties:
                    found[key] = None

        for _, category in self.categories():
            for rule in category["rules"]:
                read(rule.get("when", {}))
                if "property" in rule:
                    found[rule["property"]] = None
        return list(found)

    def domain(self, name: str) -> list[Value]:
        keys = self.properties[name]
        match keys["type"]:
            case "choice":
                return list(keys["choices"])
            case "choices":
                ids = list(keys["choices"])
                return [c for n in range(1, len(ids) + 1) for c in combinations(ids, n)]
            case "number":
                return list(SEATS)
            case "yes_no":
                return ["yes", "no"]
            case "country":
                return ["DE", "US", "JP"]
        return list(NOTES)

    def bounds(self) -> tuple[int, int]:
        # What is known or guessed is held still (rule A21), even what could follow from open ones.
        held = {name: self.value(name) for name in self.properties}
        open_ = [name for name in self.read_by_rules() if held[name] is None]
        reached = []
        for joint in product(*([None, *self.domain(name)] for name in open_)):
            self.supposed = {**held, **dict(zip(open_, joint, strict=True))}
            reached.append(self.totals()["total"])
        self.supposed = {}
        return min(reached), max(reached)

    def tier(self, total: int) -> str:
        return str(
            next(t["id"] for t in self.playbook["tiers"] if total >= t.get("from", -(10**9)))
        )

    # The path

    def walk(self) -> dict[str, Any]:
        answers = dict(self.case.get("answers", {}))
        asked: list[tuple[str, str]] = []
        skipped: list[str] = []
        budget = self.flow.get("ask_at_most", 10**9)
        ended, waiting, finish = "complete", None, None
        for question in [*self.flow["questions"], None]:
            finish = next(
                (f for f in self.flow["finish_when"] if self.holds(f["when"]) is True), None
            )
            if finish:
                ended = "finished"
                break
            if question is None:
                break
            name, always = question["property"], question.get("always", False)
            if self.holds(question.get("when")) is not True or name in [p for _, p in asked]:
                continue
            known = self.effective(name)
            if not always and ((known and known[0][0] >= KNOWN_FROM) or budget <= 0):
                continue
            budget -= not always
            asked.append((question.get("id", name), name))
            if name in answers:
                value = self.value_of(name, answers[name])
                self.facts.append((name, value, GRADES["stated"], self.now, 1))
            elif question.get("required", True):
                ended, waiting = "waiting", name
                break
            else:
                skipped.append(question.get("id", name))
        put = [name for _, name in asked]
        in_flow = list(dict.fromkeys(q["property"] for q in self.flow["questions"]))
        order = [*in_flow, *(n for n in answers if n not in in_flow)]
        trace = [(r["id"], self.holds(r.get("when"))) for r in self.playbook["routing"]]
        first = next(id for id, truth in trace if truth is True)
        to = next(r["to"] for r in self.playbook["routing"] if r["id"] == first)
        if finish and "to" in finish:
            first, to = finish["id"], finish["to"]
        score = self.score()
        low, high = self.bounds()
        return {
            "asked": [id for id, _ in asked],
            "skipped": skipped,
            "set_aside": [name for name in order if name in answers and name not in put],
            "ended": ended,
            "waiting_for": waiting,
            "score": {**score, "low": low, "high": high},
            "tier": self.tier(score["total"]),
            "tier_settled": self.tier(low) == self.tier(high),
            "icp": self.icp(),
            "gates": self.gates(),
            "route": (first, to),
            "trace": [(id, {True: "true", False: "false", None: "unknown"}[t]) for id, t in trace],
        }
