"""Reads scoring, gates, the ideal-customer checklist and the tiers."""

from collections.abc import Sequence
from typing import Literal

from webapp.core import values
from webapp.core.playbook import (
    Category,
    Criterion,
    Disqualifier,
    Property,
    ScoringRule,
    Text,
    Tier,
)
from webapp.core.values import Value
from webapp.flow_files.conditions import condition
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Items, Node
from webapp.flow_files.problems import DELETE_IT, quoted
from webapp.flow_files.readers import (
    Reader,
    duration,
    flag,
    keyed,
    listed,
    name_id,
    one_of,
    reference,
    string,
    unique,
    whole,
)
from webapp.flow_files.vocabulary import Vocabulary, value_of

MOST_POINTS = 1_000_000

points = whole(-MOST_POINTS, MOST_POINTS)
cap = whole(0, MOST_POINTS)

CategoryId = Literal["fit", "intent"]


def read_icp(node: Node, names: Vocabulary) -> tuple[Criterion, ...]:
    """The ideal-customer checklist."""
    id, when = unique(name_id, "criteria"), condition(names)

    def one(node: Node) -> Criterion:
        with Fields(node, "a criterion") as given:
            return Criterion(
                id=given.need("id", id),
                when=given.need("when", when),
                because=_because(given, names),
                where=node.where,
            )

    return listed(one)(node)


def read_disqualifiers(node: Node, names: Vocabulary) -> tuple[Disqualifier, ...]:
    """The gates, hard ones and flags."""
    id, when = unique(name_id, "disqualifiers"), condition(names)

    def one(node: Node) -> Disqualifier:
        with Fields(node, "a disqualifier") as given:
            return Disqualifier(
                id=given.need("id", id),
                when=given.need("when", when),
                gate=given.need(
                    "gate", one_of("hard", "flag"), "Write `gate: hard` or `gate: flag`."
                ),
                because=_because(given, names),
                where=node.where,
            )

    return listed(one)(node)


def read_scoring(node: Node, names: Vocabulary) -> tuple[Category, Category]:
    """The two categories; a missing one is empty."""
    id = unique(name_id, "scoring rules")
    with Fields(node, "scoring") as given:
        fit = given.get("fit", _category("fit", id, names), Category("fit"))
        intent = given.get("intent", _category("intent", id, names), Category("intent"))
        return fit, intent


def _category(category: CategoryId, id: Reader[str], names: Vocabulary) -> Reader[Category]:
    rule = _rule(category, id, names)

    def read(node: Node) -> Category:
        with Fields(node, f"`{category}`") as given:
            return Category(category, given.need("rules", listed(rule)), given.get("at_most", cap))

    return read


def _rule(category: CategoryId, id: Reader[str], names: Vocabulary) -> Reader[ScoringRule]:
    when = condition(names)

    def read(node: Node) -> ScoringRule:
        with Fields(node, "a scoring rule") as given:
            basis = _basis(given)
            own_id, property, table = given.need("id", id), None, dict[Value, int]()
            if basis == "property":
                property = names.property(given.at("property"))
                table = given.need("points", _table(property))
            return ScoringRule(
                id=own_id,
                category=category,
                property=property.id if property else None,
                table=table,
                otherwise=given.get("otherwise", points),
                when=given.get("when", when),
                signal=given.get("signal", reference(names.signals, "signal")),
                points=0 if basis == "property" else given.need("points", points),
                each=given.get("each", flag, False),
                within=given.get("within", duration),
                half_life=given.get("half_life", duration),
                at_most=given.get("at_most", cap),
                because=_because(given, names),
                where=node.where,
            )

    return read


def _basis(given: Fields) -> str:
    """What the rule rests on; refuses keys that do not go together (rule A47)."""
    found = given.together("property", "when", "signal")
    if len(found) != 1 and isinstance(given.node, Entries):
        given.node.refuse(
            "A scoring rule rests on one of `property`, `when` and `signal`.",
            f"This one names {' and '.join(found) or 'none'}.",
        )
    basis = found[0] if found else ""
    if basis != "signal":
        for key in given.together("each", "within", "half_life"):
            given.refuse(key, f"`{key}` goes with `signal` only.", DELETE_IT)
    if basis != "property" and "otherwise" in given:
        given.refuse("otherwise", "`otherwise` goes with a table of points only.", DELETE_IT)
    return basis


def _table(property: Property | None) -> Reader[dict[Value, int]]:
    """Points by value. Two spellings of one value are an error (rule A2)."""
    if property is None:
        return keyed(string, lambda _, node: points(node))
    read_value, type_ = value_of(property), property.type

    def read(node: Node) -> dict[Value, int]:
        if not isinstance(node, Entries):
            node.refuse(
                "A rule on a property has a table of points.",
                "Write `points: {value: 10, ..}`, or use `when` for a single number.",
            )
            return {}
        table: dict[Value, int] = {}
        spelled: dict[object, str] = {}
        for written, each in node.entries:
            refused = node.problems.errors
            value = read_value(written)
            first = spelled.setdefault(values.key(type_, value), written.text)
            if first != written.text and node.problems.errors == refused:
                written.refuse(
                    f"{quoted(first)} and {quoted(written.text)} are the same value.",
                    "Keep one of the two.",
                )
            table[value] = points(each)
        return table

    return read


def read_tiers(node: Node, names: Vocabulary) -> tuple[Tier, ...]:
    """The bands of the total, from the highest down (rule A57)."""
    id, bounds = unique(name_id, "tiers"), list[int]()

    def one(node: Node) -> Tier:
        with Fields(node, "a tier") as given:
            least = given.get("from", points)
            if least is not None and bounds and least >= bounds[-1]:
                given.refuse("from", "The tiers do not fall.", "Put the highest first.")
            if least is not None:
                bounds.append(least)
            return Tier(
                given.need("id", id), least, given.get("label", names.wording.text), node.where
            )

    tiers = listed(one)(node)
    refuse_unless_last_is_open(
        node,
        [tier.least is not None for tier in tiers],
        last=("The last tier holds everything below.", "Delete its `from`."),
        earlier=("A tier before the last needs a bound.", "Add `from:`."),
    )
    return tiers


def refuse_unless_last_is_open(
    node: Node, bounded: Sequence[bool], *, last: tuple[str, str], earlier: tuple[str, str]
) -> None:
    """In lists where the first that fits decides, the last fits always and no other does."""
    if not isinstance(node, Items):
        return
    for item, is_bounded in zip(node.items[:-1], bounded[:-1], strict=True):
        if not is_bounded and isinstance(item, Entries):
            item.refuse(*earlier)
    if node.items and bounded[-1]:
        node.items[-1].refuse(*last)


def _because(given: Fields, names: Vocabulary) -> Text | None:
    """The reason given, else the label."""
    label = given.get("label", names.wording.text)
    return given.get("because", names.wording.text) or label
