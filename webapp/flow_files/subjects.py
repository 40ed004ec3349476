"""What a condition may read where it stands, and which tests fit it (rule A27)."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from webapp.core import values
from webapp.core.conditions import Subject
from webapp.core.playbook import Property
from webapp.core.values import Type, Value
from webapp.flow_files.nodes import Node, Scalar
from webapp.flow_files.problems import did_you_mean, quoted
from webapp.flow_files.readers import Reader, kind, one_of, reference, string, whole
from webapp.flow_files.vocabulary import Vocabulary, number, value_of

SOURCE_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "referrer_host")

_ORDERED = frozenset({Type.NUMBER, Type.MONEY, Type.DATE})


class Stage(IntEnum):
    """How much is settled where a condition stands, and so what it may read."""

    facts = 0  # asking, scoring, gates, teams
    gates = 1  # finish_when: disqualifiers are judged too
    verdict = 2  # routing and guidance: the score, its tier and the ICP too


@dataclass(frozen=True)
class Target:
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


class Readable:
    """Finds what the key of a condition names, or refuses it."""

    def __init__(self, names: Vocabulary, stage: Stage) -> None:
        self.names = names
        self.stage = stage

    def target(self, key: Scalar) -> Target | None:
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

    def _member(self, key: Scalar, family: str, name: str) -> Target | None:
        match family:
            case "signals":
                return Target(
                    Subject("signal", name),
                    _count,
                    _fits("at_least", "at_most", "within"),
                    instead="Compare the count, like `{at_least: 1, within: 7d}`.",
                )
            case "flow":
                reader = self.names.flow_id if name == "id" else string
                return Target(Subject("flow", name), reader, _fits("known"))
            case "source":
                return Target(
                    Subject("source", name),
                    string,
                    _fits("known", "mentions"),
                    instead="Write a value, a list, `not`, `known` or `mentions`.",
                )
            case "disqualifiers":
                results = one_of("clear", "tripped", "unknown")
                gate = Target(Subject("disqualifier", name), results, _fits("known"))
                return self._staged(key, Stage.gates, gate)
            case _:
                fits = _fits("known", "at_least", "at_most")
                score = Target(Subject("score", name), number, fits)
                return self._staged(key, Stage.verdict, score)

    def _word(self, key: Scalar) -> Target | None:
        match key.text:
            case "locale":
                return Target(Subject("locale"), string, _fits("known"))
            case "returning" | "spam" | "disqualified" as word:
                target = Target(Subject(word), yes_or_no, _fits("known"))
                return self._staged(key, Stage.gates, target) if word == "disqualified" else target
            case "tier":
                tier = reference(self.names.tiers, "tier")
                advice = "List the tiers that count, or compare `score.total`."
                target = Target(Subject("tier"), tier, _fits("known"), instead=advice)
                return self._staged(key, Stage.verdict, target)
            case "icp":
                if not self.names.has_icp:
                    key.refuse("The playbook has no `icp` to read.", "Add the checklist first.")
                match_words = one_of("yes", "partial", "no")
                target = Target(Subject("icp"), match_words, _fits("known"))
                return self._staged(key, Stage.verdict, target)
        key.refuse(
            f"Nothing is called {quoted(key.text)}.",
            did_you_mean(key.text, self._readable(), "Add the property to the playbook."),
        )
        return None

    def _staged(self, key: Scalar, stage: Stage, target: Target) -> Target | None:
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


def _property_target(property: Property) -> Target:
    subject = Subject("property", property.id, property.type)
    value = value_of(property)
    match property.type:
        case Type.CHOICES:
            return Target(
                subject,
                value,
                _fits("known", "includes"),
                instead="List choices to hold any of them, or use `includes` to hold all.",
            )
        case Type.CHOICE if property.ordered:
            return Target(
                subject,
                value,
                _fits("known", "at_least", "at_most"),
                tuple(property.choices),
                "List the choices that count, or use `at_least` and `at_most`.",
            )
        case Type.CHOICE:
            return Target(
                subject,
                value,
                _fits("known"),
                instead="List the choices that count, or say `ordered: true` on the property "
                "to use `at_least` and `at_most`.",
            )
        case type_ if type_ in _ORDERED:
            return Target(
                subject,
                value,
                _fits("known", "at_least", "at_most"),
                instead="Use `at_least` and `at_most`, a value or a list.",
            )
        case type_ if type_ in values.TEXT_LIKE:
            return Target(
                subject,
                value,
                _fits("known", "mentions"),
                instead="Use `mentions`, or whole texts.",
            )
        case _:
            return Target(subject, value, _fits("known"))


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
