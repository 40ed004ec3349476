"""The words a file may use: texts in the playbook's locale, and every name that means something."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from babel.numbers import is_currency

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.playbook import Playbook, Property, Text
from webapp.core.values import Type, Value
from webapp.flow_files.nodes import Entries, Items, Node, Scalar
from webapp.flow_files.problems import did_you_mean, quoted
from webapp.flow_files.readers import Reader, kind, name_id, said, string

OFFERED_WORDS = ("rep_name", "respond_within", "first_name")
LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LEADING_ZERO = re.compile(r"-?0\d")


class Wording:
    """Reads texts for people, and remembers them until their placeholders can be checked."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._seen: list[Scalar] = []

    def text(self, node: Node) -> Text:
        """A string, or a mapping of locale to string that holds the playbook's locale."""
        if isinstance(node, Entries):
            by_locale = {key.text: self._words(value) for key, value in node.entries}
            for key, _ in node.entries:
                if not LOCALE.fullmatch(key.text):
                    key.refuse(
                        f"{quoted(key.text)} is not a locale.", "Write one like `en` or `de`."
                    )
            if self.locale not in by_locale:
                node.refuse(
                    f"The text lacks the playbook's locale {quoted(self.locale)}.",
                    f"Add `{self.locale}: ..`.",
                )
        else:
            by_locale = {self.locale: self._words(node)}
        plain = not isinstance(node, Entries)
        return Text({self.locale: "", **by_locale}, self.locale, plain)

    def check_placeholders(self, properties: Collection[str]) -> None:
        """Refuse every ``{name}`` that nothing will ever fill (rule H10)."""
        offered = (*properties, *OFFERED_WORDS)
        for scalar in self._seen:
            for name in dict.fromkeys(_PLACEHOLDER.findall(scalar.text)):
                if name not in offered:
                    scalar.refuse(
                        f"Nothing fills the placeholder {quoted('{' + name + '}')}.",
                        did_you_mean(name, offered, "Name a property."),
                    )
        self._seen.clear()

    def _words(self, node: Node) -> str:
        if isinstance(node, Scalar) and "{" in node.text:
            self._seen.append(node)
        return string(node)


@dataclass
class Vocabulary:
    """What conditions, rules and questions may name. Grows while a playbook is read.

    ``damaged`` are properties that have problems of their own; nothing is said about their use.
    """

    wording: Wording
    properties: dict[str, Property] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    signals: Collection[str] = ()
    disqualifiers: Collection[str] = ()
    tiers: Collection[str] = ()
    has_icp: bool = False
    rules: Collection[str] = ()
    destinations: Collection[str] = ()
    flows_named: list[Scalar] = field(default_factory=list)

    @classmethod
    def of(cls, playbook: Playbook) -> "Vocabulary":
        return cls(
            wording=Wording(playbook.locale),
            properties=dict(playbook.properties),
            signals=playbook.signals,
            disqualifiers=_ids(each.id for each in playbook.disqualifiers),
            tiers=_ids(each.id for each in playbook.tiers),
            has_icp=bool(playbook.icp),
            rules=_ids(each.id for each in playbook.routing),
            destinations=playbook.destinations,
        )

    def flow_id(self, node: Node) -> str:
        """The id of a flow, remembered until all flows are known."""
        if isinstance(node, Scalar):
            self.flows_named.append(node)
        return name_id(node)

    def warn_of_unknown_flows(self, flows: Collection[str]) -> None:
        """A condition on a flow nobody wrote is never true."""
        for scalar in self.flows_named:
            if scalar.text not in flows:
                scalar.warn(
                    f"There is no flow {quoted(scalar.text)}.",
                    did_you_mean(scalar.text, flows, "Add it."),
                )

    def property(self, node: Node) -> Property | None:
        """The property a node names; None with the problem noted, or if it is damaged."""
        id = string(node)
        if id and id not in self.properties:
            node.refuse(
                f"There is no property {quoted(id)}.",
                did_you_mean(id, self.properties, "Add it to the playbook."),
            )
        return None if id in self.damaged else self.properties.get(id)


def _ids(ids: Iterable[str]) -> Collection[str]:
    return dict.fromkeys(ids)


def value_of(property: Property) -> Reader[Value]:
    """Reads one value to compare with: of a multi-choice property, one of its choices."""
    match property.type:
        case Type.CHOICE | Type.CHOICES:
            return lambda node: _choice(property, node)
        case Type.NUMBER:
            return number
        case Type.MONEY:
            return lambda node: _money(property, node)
        case type_ if type_ in values.TEXT_LIKE:
            return string
        case _:
            return lambda node: answer_to(property, node)


def answer_to(property: Property, node: Node) -> Value:
    """What somebody would have answered: any value the property can hold."""
    if property.type in (Type.CHOICE, Type.CHOICES):
        nodes: tuple[Node, ...] = (node,)
        if isinstance(node, Items) and property.type is Type.CHOICES:
            nodes = node.items
        chosen = [_choice(property, each) for each in nodes]
        return _read(property, node, chosen) if all(chosen) and chosen else ""
    return _read(property, node, string(node))


def number(node: Node) -> Value:
    """A decimal, compared exactly; no ``.inf``, ``.nan`` or leading zeros (rule A34)."""
    text = node.text if isinstance(node, Scalar) else ""
    found = None if _LEADING_ZERO.match(text) else values.number(text)
    if found is None:
        node.refuse(f"{said(node)} is not a number.", "Write it like 25 or 2.5.")
        return Decimal(0)
    return found


def _choice(property: Property, node: Node) -> str:
    id = string(node)
    if id and id not in property.choices:
        node.refuse(
            f"{quoted(property.id)} has no choice {quoted(id)}.",
            did_you_mean(
                id, property.choices, "Add it to the property's choices.", else_take_out=True
            ),
        )
        return ""
    return id


def _money(property: Property, node: Node) -> Value:
    text = node.text if isinstance(node, Scalar) else ""
    found = values.money(text)
    if found is not None:
        if not is_currency(found.currency):
            node.warn(
                f"{quoted(found.currency)} is no currency: nothing compares with it.",
                "Write its ISO code, like `EUR`.",
            )
        return found
    if values.number(text) is not None:
        node.refuse(
            f"{kind(node)} names no currency.", f"Write amount, blank, code: {text.strip()} EUR."
        )
    else:
        node.refuse(f"{said(node)} is not an amount.", "Write it with its currency: 10000 EUR.")
    return values.Money(Decimal(0), "EUR")


def _read(property: Property, node: Node, raw: object) -> Value:
    try:
        value = values.read(property, raw)
    except AnswerRefused as refusal:
        node.refuse(f"{said(node)} is not a value of {quoted(property.id)}.", str(refusal))
        value = None
    return "" if value is None else value
