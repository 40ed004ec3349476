"""What a condition may be picked from where it stands: subjects, operators in words, values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from webapp.core import values
from webapp.core.playbook import Playbook, Property, Signal
from webapp.core.values import Type
from webapp.flow_files.rendering import Plain
from webapp.flow_files.subjects import SOURCE_FIELDS, Stage
from webapp.web.studio.conditions import TRUTHS, Row

Option = tuple[str, str]

_AROUND = (
    ("flow.intent", "What they came for"),
    ("flow.id", "The flow"),
    ("locale", "Their language"),
    ("returning", "Has been here before"),
    ("spam", "Looks like spam"),
    *((f"source.{name}", name) for name in SOURCE_FIELDS),
)
_YES_NO = (("yes", "Yes"), ("no", "No"))
_KNOWN = (("known", "was answered or is known"), ("unknown", "is not known"))
_SET = (("is", "is any of"), ("not", "is none of"))
_BOUNDS = (("at_least", "is at least"), ("at_most", "is at most"))
_COUNTED = (("at_least", "seen at least"), ("at_most", "seen at most"), ("is", "seen exactly"))
_MANY = (("is", "includes any of"), ("includes", "includes all of"), ("not", "includes none of"))


@dataclass(frozen=True)
class Control:
    """How the value of a row is picked."""

    kind: Literal["checks", "one", "number", "text", "none"]
    options: tuple[Option, ...] = ()
    hint: str = ""


class Pickers:
    """``asked`` are properties asked before this place, ``later`` those asked only from here on,
    which are not offered: what they hold is not known yet."""

    def __init__(
        self,
        playbook: Playbook,
        stage: Stage,
        *,
        asked: Collection[str] = (),
        later: Collection[str] = (),
        intents: Iterable[str] = (),
        flows: Iterable[str] = (),
    ) -> None:
        self.playbook, self.stage = playbook, stage
        self.asked, self.later = asked, later
        self.intents, self.flows = tuple(intents), tuple(flows)

    def subjects(self, chosen: str = "") -> list[tuple[str, list[Option]]]:
        """What may be read here, in groups."""
        labels = {p.id: str(p.label) for p in self.playbook.properties.values()}
        groups = [
            ("Asked before this", [(id, labels[id]) for id in self.asked if id in labels]),
            (
                "Known or worked out" if self.asked else "Known about them",
                [(i, w) for i, w in labels.items() if i not in {*self.asked, *self.later}],
            ),
            ("What they did", [(f"signals.{s.id}", _said(s)) for s in self._signals()]),
            ("The visit", list(_AROUND)),
        ]
        if self.stage >= Stage.gates:
            gates = [
                (f"disqualifiers.{g.id}", str(g.because or g.id))
                for g in self.playbook.disqualifiers
            ]
            groups.append(("Gates", [("disqualified", "A hard gate is tripped"), *gates]))
        if self.stage >= Stage.verdict:
            verdict = [("tier", "Tier"), ("score.total", "Score")]
            verdict += [("score.fit", "Fit score"), ("score.intent", "Intent score")]
            if self.playbook.icp:
                verdict.append(("icp", "Match with our ideal customer"))
            groups.append(("The verdict", verdict))
        offered = {id for _, options in groups for id, _ in options}
        if chosen and chosen not in offered:
            groups.append(("In use, but asked later", [(chosen, labels.get(chosen, chosen))]))
        return [(name, options) for name, options in groups if options]

    def operators(self, subject: str) -> tuple[Option, ...]:
        if subject.startswith("signals."):
            return _COUNTED
        if subject.startswith("score."):
            return (*_BOUNDS, ("is", "is exactly"))
        if subject in TRUTHS:
            return (("is", "is"),)
        if subject.startswith("source."):
            return (*_SET, ("mentions", "mentions"), *_KNOWN)
        property = self.playbook.properties.get(subject)
        if property is None:
            return _SET
        if property.type is Type.CHOICES:
            return (*_MANY, *_KNOWN)
        if property.ordered or property.type in (Type.NUMBER, Type.MONEY, Type.DATE):
            return (*_SET, *_BOUNDS, *_KNOWN)
        if property.type in values.TEXT_LIKE:
            return (("mentions", "mentions"), *_SET, *_KNOWN)
        return (*_SET, *_KNOWN)

    def fitting(self, row: Row) -> Row:
        """The row with an operator that its subject has."""
        operators = [op for op, _ in self.operators(row.subject)]
        if not row.subject or row.op in operators:
            return row
        return Row(row.subject, operators[0], (), row.within)

    def control(self, row: Row) -> Control:
        subject, op = row.subject, row.op
        if not subject or op in ("known", "unknown"):
            return Control("none")
        if subject.startswith(("signals.", "score.")):
            return Control("number")
        options = self._options(subject)
        if op == "mentions" or not options:
            property = self.playbook.properties.get(subject)
            return Control("text", hint=_example(property, op))
        return Control("one" if op in ("at_least", "at_most") else "checks", options)

    def _options(self, subject: str) -> tuple[Option, ...]:
        if subject in TRUTHS:
            return _YES_NO
        match subject:
            case "tier":
                return tuple((t.id, str(t.label or t.id)) for t in self.playbook.tiers)
            case "icp":
                return (("yes", "Yes"), ("partial", "Partly"), ("no", "No"))
            case "flow.id":
                return tuple((flow, flow) for flow in self.flows)
            case "flow.intent":
                return tuple((intent, intent.replace("_", " ")) for intent in self.intents)
        if subject.startswith("disqualifiers."):
            return (("tripped", "Tripped"), ("clear", "Clear"), ("unknown", "Not known yet"))
        property = self.playbook.properties.get(subject)
        if property is None:
            return ()
        if property.type in values.YES_OR_NO:
            return _YES_NO
        return tuple((c.id, str(c.label)) for c in property.choices.values())

    def _signals(self) -> Iterable[Signal]:
        return self.playbook.signals.values()


def _said(signal: Signal) -> str:
    label = signal.label
    return str(label) if label else signal.id.replace("_", " ").capitalize()


def _example(property: Property | None, op: str) -> str:
    if op == "mentions":
        return "Words, separated by commas"
    match property.type if property else None:
        case Type.COUNTRY:
            return "Country codes, like DE, AT"
        case Type.MONEY:
            return "With its currency, like 10000 EUR"
        case Type.DATE:
            return "Like 2027-03-31"
        case Type.NUMBER:
            return "A number"
    return "Separate several by commas"


def reads(when: Plain | None) -> set[str]:
    """Everything a written condition names."""
    if isinstance(when, list):
        return {name for each in when for name in reads(each)}
    if not isinstance(when, dict):
        return set()
    found: set[str] = set()
    for key, value in when.items():
        found |= reads(value) if key in ("all", "any", "none") else {key}
    return found
