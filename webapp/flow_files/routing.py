"""Reads where leads go: routing rules, destinations, and what the rep is told."""

from typing import Literal

from webapp.core.playbook import Advice, Destination, Guidance, RoutingRule
from webapp.flow_files.conditions import condition
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Node
from webapp.flow_files.problems import DELETE_IT
from webapp.flow_files.readers import (
    Reader,
    duration,
    keyed,
    listed,
    name_id,
    one_of,
    reference,
    string,
    unique,
)
from webapp.flow_files.scoring import refuse_unless_last_is_open
from webapp.flow_files.subjects import Stage
from webapp.flow_files.vocabulary import Vocabulary

Kind = Literal["sales", "nurture", "decline", "review"]


def read_destinations(node: Node, names: Vocabulary) -> dict[str, Destination]:
    """Where a lead can go, by id."""

    def one(id: str, node: Node) -> Destination:
        with Fields(node, f"destination `{id}`") as given:
            kind: Kind = given.need("kind", one_of("sales", "nurture", "decline", "review"))
            for key, fitting in (("respond_within", "sales"), ("track", "nurture")):
                if key in given and kind != fitting:
                    given.given[key][0].warn(
                        f"`{key}` has no effect on a destination of kind {kind}.", DELETE_IT
                    )
            return Destination(
                id=id,
                kind=kind,
                respond_within=given.get("respond_within", duration),
                track=given.get("track", string),
                label=given.get("label", names.wording.text),
                where=node.where,
            )

    return keyed(name_id, one)(node)


def read_routing(node: Node, names: Vocabulary) -> tuple[RoutingRule, ...]:
    """The rules in order; the last one has no ``when`` and so always fires."""
    id, when = unique(name_id, "routing rules"), condition(names, Stage.verdict)
    destination = reference(names.destinations, "destination")

    def one(node: Node) -> RoutingRule:
        with Fields(node, "a routing rule") as given:
            return RoutingRule(
                id=given.need("id", id),
                to=given.need("to", destination),
                when=given.get("when", when),
                because=given.get("because", names.wording.text),
                label=given.get("label", names.wording.text),
                where=node.where,
            )

    rules = listed(one)(node)
    refuse_unless_last_is_open(
        node,
        [rule.when is not None for rule in rules],
        last=("The last routing rule must take everybody.", "Delete its `when`, or add a rule."),
        earlier=("No rule after this one is ever reached.", "Give it a `when`, or move it last."),
    )
    return rules


def read_guidance(node: Node, names: Vocabulary) -> Guidance:
    """What the rep is told. Of ``next_action`` the first true one is said."""
    advice = _advice(names)
    with Fields(node, "guidance") as given:
        actions = given.get("next_action", listed(advice), ())
        refuse_unless_last_is_open(
            given.at("next_action"),
            [action.when is not None for action in actions],
            last=("The last next action must fit everybody.", "Delete its `when`, or add one."),
            earlier=(
                "No action after this one is ever said.",
                "Give it a `when`, or move it last.",
            ),
        )
        return Guidance(
            actions,
            given.get("talking_points", listed(advice), ()),
            given.get("red_flags", listed(advice), ()),
        )


def _advice(names: Vocabulary) -> Reader[Advice]:
    when = condition(names, Stage.verdict)

    def read(node: Node) -> Advice:
        with Fields(node, "a piece of advice") as given:
            return Advice(
                given.need("say", names.wording.text), given.get("when", when), node.where
            )

    return read
