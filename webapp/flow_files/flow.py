"""Reads one flow: the questions, in order, and what is said at the end."""

from collections.abc import Collection

from webapp.core.errors import Problem, Where
from webapp.core.flow import FinishRule, Flow, Question
from webapp.core.playbook import Text
from webapp.core.values import Type
from webapp.flow_files.conditions import condition
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Items, Node, Scalar
from webapp.flow_files.playbook import format_number
from webapp.flow_files.problems import Problems, quoted
from webapp.flow_files.readers import (
    Reader,
    flag,
    keyed,
    listed,
    name_id,
    one_or_more,
    reference,
    string,
    unique,
    whole,
)
from webapp.flow_files.subjects import Stage
from webapp.flow_files.vocabulary import Vocabulary, value_of

KINDS = ("sales", "nurture", "decline", "review")


def read_flow(node: Node, names: Vocabulary) -> Flow:
    """The flow a file holds."""
    text, locale = names.wording.text, names.wording.locale
    with Fields(node, "the flow") as given:
        given.need("format", format_number, "Begin the file with `format: 1`.")
        id = given.need("flow", _flow_id, "Give the flow an id, like `flow: demo-request`.")
        flow = Flow(
            id=id,
            title=given.get("title", text, Text({locale: _title(id)}, locale)),
            questions=given.need("questions", listed(_question(names))),
            intent=given.get("intent", string),
            greeting=given.get("greeting", text),
            ask_at_most=given.get("ask_at_most", whole(0)),
            stop_when_settled=given.get("stop_when_settled", flag, False),
            finish_when=given.get("finish_when", listed(_finish_rule(names)), ()),
            endings=given.get("endings", _endings(names), {}),
            where=node.where,
            endings_at=given.at("endings").where,
        )
    names.wording.check_placeholders(names.properties)
    return flow


def refusal_of_id(id: str) -> Problem | None:
    """Why no flow can have this id, if none can."""
    problems = Problems(f"{id}.yaml")
    _flow_id(Scalar(Where(problems.file, 1, 1), problems, id, plain=True))
    return next(iter(problems.in_order()), None)


def _flow_id(node: Node) -> str:
    id = name_id(node)
    if id == "playbook":
        node.refuse("A flow cannot be called `playbook`.", "Choose another id.")
    return id


def _title(id: str) -> str:
    return id.replace("-", " ").replace("_", " ").capitalize()


def _question(names: Vocabulary) -> Reader[Question]:
    text, when, own_id = names.wording.text, condition(names), _QuestionIds()

    def read(node: Node) -> Question:
        with Fields(node, "a question") as given:
            property = given.need("property", _asked_property(names))
            return Question(
                id=own_id(given, property),
                property=property,
                ask=given.need("ask", text),
                help=given.get("help", text),
                when=given.get("when", when),
                required=given.get("required", flag, True),
                always=given.get("always", flag, False),
                choices=given.get("choices", _narrowed(names, property), ()),
                confirm=given.get("confirm", text),
                input=given.get("input", string),
                where=node.where,
            )

    return read


def _asked_property(names: Vocabulary) -> Reader[str]:
    def read(node: Node) -> str:
        property = names.property(node)
        if property and property.built_in:
            node.refuse(
                f"{quoted(property.id)} is built in and cannot be asked.",
                "Ask for what it follows from.",
            )
        return node.text if isinstance(node, Scalar) else ""

    return read


def _narrowed(names: Vocabulary, id: str) -> Reader[tuple[str, ...]]:
    """Some of the choices of the property asked."""
    property = names.properties.get(id)
    if property is None or id in names.damaged:
        return one_or_more(string)
    choice = value_of(property)

    def read(node: Node) -> tuple[str, ...]:
        if property.type in (Type.CHOICE, Type.CHOICES):
            return one_or_more(lambda each: str(choice(each)))(node)
        node.refuse(f"{quoted(id)} has no choices to narrow.", "Delete `choices`.")
        return ()

    return read


class _QuestionIds:
    """Gives every question of a flow an id of its own, the property's unless it says another.

    A property may be asked twice under different conditions (rule A76); the second question is
    then called ``goal-2`` unless it has an ``id``.
    """

    def __init__(self) -> None:
        self.unique = unique(name_id, "questions")
        self.conditions: dict[str, set[object]] = {}

    def __call__(self, given: Fields, property: str) -> str:
        asked_when, has_own_id = self.conditions.setdefault(property, set()), "id" in given
        shape = _shape(given.at("when"))
        if property and shape in asked_when:
            given.node.refuse(
                f"{quoted(property)} is asked twice under the same condition.",
                "Delete one, or give them different `when`s.",
            )
            return property
        asked_when.add(shape)
        if has_own_id:
            return self.unique(given.at("id"))
        id = property if len(asked_when) == 1 else f"{property}-{len(asked_when)}"
        return self.unique(Scalar(given.node.where, given.node.problems, id, plain=True))


def _shape(node: Node) -> object:
    """What two conditions written alike have in common."""
    match node:
        case Scalar(text=text):
            return text
        case Items(items=items):
            return tuple(_shape(item) for item in items)
        case Entries(entries=entries):
            return frozenset((key.text, _shape(value)) for key, value in entries)
    return None


def _finish_rule(names: Vocabulary) -> Reader[FinishRule]:
    id, when = unique(name_id, "finish rules"), condition(names, Stage.gates)
    destination = reference(names.destinations, "destination")

    def read(node: Node) -> FinishRule:
        with Fields(node, "a finish rule") as given:
            return FinishRule(
                id=given.need("id", id),
                when=given.need("when", when),
                to=given.get("to", destination),
                because=given.get("because", names.wording.text),
                where=node.where,
            )

    return read


def _endings(names: Vocabulary) -> Reader[dict[str, Text]]:
    """Texts by destination, or by kind for every destination of that kind."""
    known: Collection[str] = (*names.destinations, *KINDS)
    return keyed(reference(known, "destination or kind"), lambda _, node: names.wording.text(node))
