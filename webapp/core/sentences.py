"""A condition said as a sentence, the same one in lists, diffs and explanations."""

from collections.abc import Iterable
from datetime import timedelta

from webapp.core import wording
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
from webapp.core.playbook import Playbook
from webapp.core.values import Type, Value

_NAMES = {
    ("flow", "id"): "The flow",
    ("flow", "intent"): "What they came for",
    ("locale", ""): "The language",
    ("tier", ""): "The tier",
    ("icp", ""): "The ideal-customer match",
    ("score", "total"): "The score",
    ("score", "fit"): "The fit score",
    ("score", "intent"): "The intent score",
}
_YES_OR_NO = {
    "returning": ("They have been here before", "They are here for the first time"),
    "spam": ("It looks like spam", "It does not look like spam"),
    "disqualified": ("A hard disqualifier is tripped", "No hard disqualifier is tripped"),
}


def sentence(condition: Condition | None, playbook: Playbook, locale: str | None = None) -> str:
    """Say a condition in words, with labels instead of ids."""
    match condition:
        case None:
            return "Always"
        case Compare():
            return _compare(condition, playbook, locale)
        case All(parts):
            return _joined(parts, " and ", playbook, locale)
        case Any(parts):
            return _joined(parts, " or ", playbook, locale)
        case Nothing(parts):
            return f"None of these: {_joined(parts, '; ', playbook, locale)}"


def _joined(parts: Iterable[Condition], glue: str, playbook: Playbook, locale: str | None) -> str:
    said = []
    for part in parts:
        text = sentence(part, playbook, locale)
        nested = isinstance(part, Any | Nothing) and glue != "; "
        said.append(f"({text})" if nested else text)
    return glue.join(said)


def _compare(compare: Compare, playbook: Playbook, locale: str | None) -> str:
    subject = compare.subject
    if subject.kind in _YES_OR_NO:
        yes, no = _YES_OR_NO[subject.kind]
        says_yes = [
            ("yes" in test.values) == isinstance(test, Is)
            for test in compare.tests
            if isinstance(test, Is | IsNot)
        ]
        return yes if all(says_yes) else no
    if subject.kind == "signal":
        return _count(compare, playbook, locale)
    tests = " and ".join(_test(subject, test, playbook, locale) for test in compare.tests)
    return f"{_name(subject, playbook, locale)} {tests}"


def _name(subject: Subject, playbook: Playbook, locale: str | None) -> str:
    if subject.kind == "property":
        return playbook.properties[subject.name].label.to(locale)
    if subject.kind == "source":
        return subject.name
    if subject.kind == "disqualifier":
        return f"Disqualifier {subject.name}"
    return _NAMES[subject.kind, subject.name]


def _count(compare: Compare, playbook: Playbook, locale: str | None) -> str:
    subject = compare.subject
    signal = playbook.signals[subject.name]
    name = signal.label.to(locale) if signal.label else subject.name.replace("_", " ").capitalize()
    said = " and ".join(_times(test) for test in compare.tests)
    return f"{name} seen {said}{_recently(subject.within)}"


def _times(test: Test) -> str:
    match test:
        case AtLeast(bound):
            return f"at least {_n(bound)}"
        case AtMost(bound):
            return f"at most {_n(bound)}"
        case Is(bounds):
            return "exactly " + " or ".join(_n(bound) for bound in bounds)
        case IsNot(bounds):
            return "not exactly " + " or ".join(_n(bound) for bound in bounds)
        case _:
            raise AssertionError(test)


def _n(bound: Value) -> str:
    return "once" if str(bound) == "1" else f"{bound} times"


def _recently(within: timedelta | None) -> str:
    return f" in the last {wording.duration(within, None)}" if within else ""


def _test(subject: Subject, test: Test, playbook: Playbook, locale: str | None) -> str:
    def said(value: Value) -> str:
        if subject.kind == "property":
            return wording.label(playbook.properties[subject.name], value, locale)
        if subject.kind == "tier":
            tier = next((t for t in playbook.tiers if t.id == value), None)
            return str(tier.label) if tier and tier.label else str(value).capitalize()
        return str(value)

    def either(wanted: Iterable[Value], glue: str) -> str:
        many = subject.type is Type.CHOICES
        return glue.join(
            said((value,) if many and isinstance(value, str) else value) for value in wanted
        )

    match test:
        case Is(wanted):
            return f"{'includes' if subject.type == 'choices' else 'is'} {either(wanted, ' or ')}"
        case IsNot(wanted):
            verb = "does not include" if subject.type is Type.CHOICES else "is not"
            return f"{verb} {either(wanted, ' or ')}"
        case AtLeast(bound):
            return f"is {'on or after' if subject.type is Type.DATE else 'at least'} {said(bound)}"
        case AtMost(bound):
            return f"is {'on or before' if subject.type is Type.DATE else 'at most'} {said(bound)}"
        case Known(known):
            return "is known" if known else "is not known"
        case Includes(wanted):
            return f"includes {either(wanted, ' and ')}"
        case Mentions(phrases):
            return "mentions " + " or ".join(f"“{phrase}”" for phrase in phrases)
