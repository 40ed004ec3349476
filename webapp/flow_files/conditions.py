"""Reads ``when``: mappings of names to tests become the condition tree.

Which names may be read depends on where the condition stands, which tests fit on the type of what
is read (rule A27). Both are load errors that say what to write instead.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from webapp.core import values
from webapp.core.conditions import (
    All,
    Any,
    AtLeast,
    AtMost,
    Compare,
    Condition,
    Includes,
    Is,
    IsNot,
    Known,
    Mentions,
    Nothing,
    Subject,
    Test,
)
from webapp.core.playbook import Property
from webapp.core.values import Money, Type, Value
from webapp.flow_files.nodes import Absent, Entries, Items, Node, Scalar
from webapp.flow_files.problems import did_you_mean, quoted
from webapp.flow_files.readers import (
    Fields,
    Reader,
    duration,
    flag,
    kind,
    listed,
    one_of,
    one_or_more,
    reference,
    string,
    whole,
)
from webapp.flow_files.vocabulary import Vocabulary, number, value_of

SOURCE_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "referrer_host")


class Stage(IntEnum):
    """How much is settled where a condition stands, and so what it may read."""

    facts = 0  # asking, scoring, gates, teams
    gates = 1  # finish_when: disqualifiers are judged too
    verdict = 2  # routing and guidance: the score, its tier and the ICP too


STAND_IN: Condition = All(())
_GROUPS: dict[str, Callable[[tuple[Condition, ...]], Condition]] = {
    "all": All,
    "any": Any,
    "none": Nothing,
}
_OPERATORS = ("not", "at_least", "at_most", "known", "includes", "mentions", "within")
_ORDERED = frozenset({Type.NUMBER, Type.MONEY, Type.DATE})


@dataclass(frozen=True)
class _Target:
    """What a comparison reads, the values it can take and the operators that fit.

    ``instead`` ends the sentence that refuses an operator: what to write in its place.
    """

    subject: Subject
    value: Reader[Value]
    operators: frozenset[str]
    order: tuple[str, ...] = ()
    instead: str = "Write a value, a list of values or `not`."


def _fits(*operators: str) -> frozenset[str]:
    return frozenset({"not", *operators})


def condition(names: Vocabulary, stage: Stage = Stage.facts) -> Reader[Condition]:
    """A reader of conditions that stand where ``stage`` says."""
    return _Conditions(names, stage).read


class _Conditions:
    def __init__(self, names: Vocabulary, stage: Stage) -> None:
        self.names = names
        self.stage = stage

    def read(self, node: Node) -> Condition:
        if not isinstance(node, Entries):
            node.refuse(
                f"A condition is a mapping, not {kind(node)}.", "Write `{property: value}`."
            )
            return STAND_IN
        parts = tuple(self._entry(key, value) for key, value in node.entries)
        return parts[0] if len(parts) == 1 else All(parts)

    def _entry(self, key: Scalar, node: Node) -> Condition:
        if key.text in _GROUPS:
            return _GROUPS[key.text](listed(self.read)(node))
        target = self._target(key)
        if target is None:
            return STAND_IN
        if isinstance(node, Entries):
            return self._operators(key, target, node)
        return Compare(target.subject, (Is(one_or_more(target.value)(node)),), key.where)

    # What is read

    def _target(self, key: Scalar) -> _Target | None:
        """The thing a key names; None with the problem noted."""
        family, dot, name = key.text.partition(".")
        if dot and (members := self._members(family)) is not None:
            if name in members:
                return self._member(key, family, name)
            known = [f"{family}.{member}" for member in members]
            key.refuse(f"There is no {quoted(key.text)}.", did_you_mean(key.text, known, "Add it."))
            return None
        if key.text in self.names.properties:
            if key.text in self.names.damaged:
                return None
            return _property_target(self.names.properties[key.text])
        return self._word(key)

    def _members(self, family: str) -> Collection[str] | None:
        """What may follow the dot; None for a family that does not exist."""
        match family:
            case "signals":
                return self.names.signals
            case "flow":
                return ("id", "intent")
            case "source":
                return SOURCE_FIELDS
            case "disqualifiers":
                return self.names.disqualifiers
            case "score":
                return ("total", "fit", "intent")
        return None

    def _member(self, key: Scalar, family: str, name: str) -> _Target | None:
        match family:
            case "signals":
                return _Target(
                    Subject("signal", name),
                    _count,
                    _fits("at_least", "at_most", "within"),
                    instead="Compare the count, like `{at_least: 1, within: 7d}`.",
                )
            case "flow":
                reader = self.names.flow_id if name == "id" else string
                return _Target(Subject("flow", name), reader, _fits("known"))
            case "source":
                return _Target(
                    Subject("source", name),
                    string,
                    _fits("known", "mentions"),
                    instead="Write a value, a list, `not`, `known` or `mentions`.",
                )
            case "disqualifiers":
                results = one_of("clear", "tripped", "unknown")
                gate = _Target(Subject("disqualifier", name), results, _fits("known"))
                return self._staged(key, Stage.gates, gate)
            case _:
                fits = _fits("known", "at_least", "at_most")
                score = _Target(Subject("score", name), number, fits)
                return self._staged(key, Stage.verdict, score)

    def _word(self, key: Scalar) -> _Target | None:
        match key.text:
            case "locale":
                return _Target(Subject("locale"), string, _fits("known"))
            case "returning" | "spam" | "disqualified" as word:
                target = _Target(Subject(word), yes_or_no, _fits("known"))
                return self._staged(key, Stage.gates, target) if word == "disqualified" else target
            case "tier":
                tier = reference(self.names.tiers, "tier")
                advice = "List the tiers that count, or compare `score.total`."
                target = _Target(Subject("tier"), tier, _fits("known"), instead=advice)
                return self._staged(key, Stage.verdict, target)
            case "icp":
                if not self.names.has_icp:
                    key.refuse("The playbook has no `icp` to read.", "Add the checklist first.")
                match_words = one_of("yes", "partial", "no")
                target = _Target(Subject("icp"), match_words, _fits("known"))
                return self._staged(key, Stage.verdict, target)
        key.refuse(
            f"Nothing is called {quoted(key.text)}.",
            did_you_mean(key.text, self._readable(), "Add the property to the playbook."),
        )
        return None

    def _staged(self, key: Scalar, stage: Stage, target: _Target) -> _Target | None:
        if self.stage >= stage:
            return target
        places = "routing and guidance"
        if stage is Stage.gates:
            places = "`finish_when`, routing and guidance"
        key.refuse(
            f"{quoted(key.text)} cannot be read here: it is not settled yet.",
            f"Only {places} can read it.",
        )
        return None

    def _readable(self) -> list[str]:
        """Everything a condition may name here, properties first."""
        families = ["signals", "flow", "source"]
        words = ["locale", "returning", "spam", "any", "all", "none"]
        if self.stage >= Stage.gates:
            families, words = [*families, "disqualifiers"], [*words, "disqualified"]
        if self.stage >= Stage.verdict:
            families, words = [*families, "score"], [*words, "tier", "icp"]
        members = [
            f"{family}.{each}" for family in families for each in self._members(family) or ()
        ]
        return [*self.names.properties, *members, *words]

    # How it is compared

    def _operators(self, key: Scalar, target: _Target, node: Entries) -> Condition:
        subject, tests = target.subject, list[Test]()
        with Fields(node, f"the test of {quoted(key.text)}") as given:
            for operator in given.together(*_OPERATORS):
                if operator not in target.operators:
                    given.refuse(
                        operator,
                        f"`{operator}` does not fit {quoted(key.text)}{_nature(target)}.",
                        target.instead,
                    )
                elif operator == "within":
                    within = duration(given.at("within"))
                    subject = Subject("signal", subject.name, within=within)
                else:
                    tests.append(_test(operator, target, given.at(operator)))
        if not tests and subject.within:
            tests.append(AtLeast(Decimal(1)))
        _refuse_empty_range(tests, target, node)
        return Compare(subject, tuple(tests), key.where)


def _property_target(property: Property) -> _Target:
    subject = Subject("property", property.id, property.type)
    value = value_of(property)
    match property.type:
        case Type.CHOICES:
            return _Target(
                subject,
                value,
                _fits("known", "includes"),
                instead="List choices to hold any of them, or use `includes` to hold all.",
            )
        case Type.CHOICE if property.ordered:
            return _Target(
                subject,
                value,
                _fits("known", "at_least", "at_most"),
                tuple(property.choices),
                "List the choices that count, or use `at_least` and `at_most`.",
            )
        case Type.CHOICE:
            return _Target(
                subject,
                value,
                _fits("known"),
                instead="List the choices that count, or say `ordered: true` on the property "
                "to use `at_least` and `at_most`.",
            )
        case type_ if type_ in _ORDERED:
            return _Target(
                subject,
                value,
                _fits("known", "at_least", "at_most"),
                instead="Use `at_least` and `at_most`, a value or a list.",
            )
        case type_ if type_ in values.TEXT_LIKE:
            return _Target(
                subject,
                value,
                _fits("known", "mentions"),
                instead="Use `mentions`, or whole texts.",
            )
        case _:
            return _Target(subject, value, _fits("known"))


def _nature(target: _Target) -> str:
    type_ = target.subject.type
    if type_ is None:
        return ""
    if type_ is Type.CHOICE and not target.order:
        return ", an unordered choice"
    return f", which is of type {type_}"


def _test(operator: str, target: _Target, node: Node) -> Test:
    match operator:
        case "not":
            return IsNot(one_or_more(target.value)(node))
        case "at_least":
            return AtLeast(_bound(target, node), target.order)
        case "at_most":
            return AtMost(_bound(target, node), target.order)
        case "known":
            return Known(flag(node))
        case "includes":
            return Includes(tuple(str(each) for each in one_or_more(target.value)(node)))
        case _:
            return Mentions(one_or_more(phrase)(node))


def _bound(target: _Target, node: Node) -> Value:
    if isinstance(node, Items):
        node.refuse("A bound is one value, not a list.", "Write a single value.")
    value = target.value(node if not isinstance(node, Items) else _silent(node))
    # A choice that was refused still needs a place in the order.
    return target.order[0] if target.order and value not in target.order else value


def _silent(node: Node) -> Node:
    return Absent(node.where, node.problems)


def _refuse_empty_range(tests: list[Test], target: _Target, node: Node) -> None:
    least = next((test.value for test in tests if isinstance(test, AtLeast)), None)
    most = next((test.value for test in tests if isinstance(test, AtMost)), None)
    if least is None or most is None or type(least) is not type(most):
        return
    if isinstance(least, Money) and isinstance(most, Money) and least.currency != most.currency:
        node.refuse("The two bounds are in different currencies.", "Use one currency.")
    elif _rank(least, target) > _rank(most, target):  # type: ignore[operator]
        node.refuse("`at_least` is greater than `at_most`.", "Swap the two.")


def _rank(value: Value, target: _Target) -> object:
    if target.order:
        return target.order.index(str(value))
    return value.amount if isinstance(value, Money) else value


def phrase(node: Node) -> str:
    """Words to look for in a text: at least one letter or digit (rule A23)."""
    text = string(node)
    if text and not values.words(text):
        node.refuse(f"{quoted(text)} holds no word.", "Write letters or digits.")
    return text


def _count(node: Node) -> Value:
    return Decimal(whole(least=0)(node))


def yes_or_no(node: Node) -> str:
    """Both spellings mean the same (rule A2)."""
    word = node.text.casefold() if isinstance(node, Scalar) else ""
    match word:
        case "yes" | "true":
            return "yes"
        case "no" | "false":
            return "no"
    node.refuse(f"{kind(node)} is neither yes nor no.", "Write `true` or `false`.")
    return "no"
