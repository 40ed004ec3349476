"""Reads ``when``: mappings of names to tests become the condition tree.

A test that does not fit what is read is a load error that says what to write instead (rule A27).
"""

from collections.abc import Callable
from decimal import Decimal

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
from webapp.core.values import Money, Type, Value
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Node, Scalar
from webapp.flow_files.problems import quoted
from webapp.flow_files.readers import (
    Reader,
    duration,
    flag,
    kind,
    listed,
    one_or_more,
    string,
)
from webapp.flow_files.subjects import Readable, Stage, Target
from webapp.flow_files.vocabulary import Vocabulary

STAND_IN: Condition = All(())
_GROUPS: dict[str, Callable[[tuple[Condition, ...]], Condition]] = {
    "all": All,
    "any": Any,
    "none": Nothing,
}
_OPERATORS = ("not", "at_least", "at_most", "known", "includes", "mentions", "within")


def condition(names: Vocabulary, stage: Stage = Stage.facts) -> Reader[Condition]:
    """A reader of conditions that stand where ``stage`` says."""
    return _Conditions(names, stage).read


class _Conditions:
    def __init__(self, names: Vocabulary, stage: Stage) -> None:
        self.readable = Readable(names, stage)

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
        target = self.readable.target(key)
        if target is None:
            return STAND_IN
        if isinstance(node, Entries):
            return self._operators(key, target, node)
        return Compare(target.subject, (Is(one_or_more(target.value)(node)),), key.where)

    def _operators(self, key: Scalar, target: Target, node: Entries) -> Condition:
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


def _nature(target: Target) -> str:
    type_ = target.subject.type
    if type_ is None:
        return ""
    if type_ is Type.CHOICE and not target.order:
        return ", an unordered choice"
    return f", which is of type {type_}"


def _test(operator: str, target: Target, node: Node) -> Test:
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


def _bound(target: Target, node: Node) -> Value:
    value = target.value(node)
    # A choice that was refused still needs a place in the order.
    return target.order[0] if target.order and value not in target.order else value


def _refuse_empty_range(tests: list[Test], target: Target, node: Node) -> None:
    least = next((test.value for test in tests if isinstance(test, AtLeast)), None)
    most = next((test.value for test in tests if isinstance(test, AtMost)), None)
    if least is None or most is None or type(least) is not type(most):
        return
    if isinstance(least, Money) and isinstance(most, Money) and least.currency != most.currency:
        node.refuse("The two bounds are in different currencies.", "Use one currency.")
    elif _rank(least, target) > _rank(most, target):  # type: ignore[operator]
        node.refuse("`at_least` is greater than `at_most`.", "Swap the two.")


def _rank(value: Value, target: Target) -> object:
    if target.order:
        return target.order.index(str(value))
    return value.amount if isinstance(value, Money) else value


def phrase(node: Node) -> str:
    """Words to look for in a text: at least one letter or digit (rule A23)."""
    text = string(node)
    if text and not values.words(text):
        node.refuse(f"{quoted(text)} holds no word.", "Write letters or digits.")
    return text
