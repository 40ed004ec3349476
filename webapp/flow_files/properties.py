"""Reads the playbook's properties: what is worth knowing about a lead, and what follows from it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from webapp.core.playbook import Choice, Derive, Property, Text
from webapp.core.values import TEXT_LIKE, Type, Value
from webapp.flow_files.conditions import phrase
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Node
from webapp.flow_files.problems import DELETE_IT, listing, quoted
from webapp.flow_files.readers import (
    Reader,
    choice_id,
    duration,
    flag,
    keyed,
    one_of,
    one_or_more,
    string,
    word_id,
)
from webapp.flow_files.vocabulary import Vocabulary, answer_to, value_of

FRAMEWORKS: Mapping[str, tuple[str, ...]] = {
    "bant": ("budget", "authority", "need", "timeline"),
    "champ": ("challenges", "authority", "money", "prioritization"),
    "meddic": (
        "metrics",
        "economic_buyer",
        "decision_criteria",
        "decision_process",
        "identify_pain",
        "champion",
    ),
}
RESERVED = frozenset({"any", "all", "none", "signals", "flow", "source", "locale", "score", "tier"})
RESERVED |= {"icp", "disqualified", "disqualifiers", "returning", "spam"}
_HAS_CHOICES = (Type.CHOICE, Type.CHOICES)
_CAN_FOLLOW = frozenset({Type.CHOICE, Type.YES_NO, Type.COUNTRY, Type.TEXT, Type.COMPANY})


def built_in(locale: str) -> dict[str, Property]:
    """What follows from an e-mail address or a name, always inferred (rule C6)."""

    def text(words: str) -> Text:
        return Text({locale: words}, locale)

    kinds = {
        "business": "Business address",
        "free": "Free e-mail service",
        "disposable": "Disposable address",
        "role": "Shared mailbox",
    }
    choices = {id: Choice(id, text(label)) for id, label in kinds.items()}
    made = (
        Property("email_domain", text("E-mail domain"), Type.TEXT, built_in=True),
        Property("email_kind", text("Kind of e-mail"), Type.CHOICE, choices, built_in=True),
        Property("first_name", text("First name"), Type.TEXT, built_in=True),
    )
    return {each.id: each for each in made}


def read_properties(node: Node, names: Vocabulary) -> None:
    """Fill ``names`` with the properties, the built-in ones last."""
    ours = built_in(names.wording.locale)
    derives: dict[str, Node] = {}

    def own_id(node: Node) -> str:
        id = word_id(node)
        if id in RESERVED or id in ours:
            node.refuse(f"The name {quoted(id)} is reserved.", "Choose another id.")
        return id

    def one(id: str, node: Node) -> Property:
        with Fields(node, f"property {quoted(id)}") as given:
            if "derive" in given:
                derives[id] = given.at("derive")
            return _property(id, given, names)

    names.properties = {**keyed(own_id, one)(node), **ours}
    for id, derive in derives.items():
        found = names.properties[id]
        names.properties[id] = replace(found, derive=_derive(found, derive, names))
    _refuse_cycles(derives, names.properties)


def _property(id: str, given: Fields, names: Vocabulary) -> Property:
    text, refused = names.wording.text, given.node.problems.errors
    type_ = given.need("type", one_of(*Type))
    typed = given.node.problems.errors == refused
    choices: dict[str, Choice] = {}
    if type_ in _HAS_CHOICES:
        choices = given.need("choices", keyed(choice_id, _choice(text)), "List its choices.")
    elif "choices" in given and typed:
        given.refuse("choices", f"A property of type {type_} has no choices.", "Delete them.")
    if given.node.problems.errors > refused:
        names.damaged.add(id)
    ordered = given.get("ordered", flag, False)
    if ordered and type_ is not Type.CHOICE:
        given.refuse("ordered", "Only a property of type choice can be ordered.", DELETE_IT)
    return Property(
        id,
        label=given.need("label", text, "Say what people call it, like `label: Industry`."),
        type=type_,
        choices=choices,
        ordered=ordered,
        frameworks=given.get("frameworks", keyed(one_of(*FRAMEWORKS), _heading), {}),
        expires=given.get("expires", duration),
        sensitive=given.get("sensitive", flag, False),
        where=given.node.where,
    )


def _choice(text: Reader[Text]) -> Callable[[str, Node], Choice]:
    """A choice is its label, or a mapping with ``label`` and ``synonyms``."""

    def read(id: str, node: Node) -> Choice:
        keys = {key.text for key, _ in node.entries} if isinstance(node, Entries) else set[str]()
        if not keys & {"label", "synonyms"}:
            return Choice(id, text(node))
        with Fields(node, f"choice {quoted(id)}") as given:
            synonyms = given.get("synonyms", one_or_more(phrase), ())
            return Choice(id, given.need("label", text), synonyms)

    return read


def _heading(framework: str, node: Node) -> str:
    return one_of(*FRAMEWORKS[framework])(node)


def _derive(property: Property, node: Node, names: Vocabulary) -> Derive:
    level = _level_of(property) if property.id not in names.damaged else string
    with Fields(node, f"what {quoted(property.id)} is derived from") as given:
        if property.type not in _CAN_FOLLOW and property.id not in names.damaged:
            given.node.refuse(
                f"A property of type {property.type} cannot be derived.",
                f"Only {listing(sorted(_CAN_FOLLOW))} can.",
            )
            level = string
        given.need("from", string, "Name the property it follows from.")
        source = names.property(given.at("from"))
        kinds = given.together("words", "values")
        if len(kinds) != 1 and isinstance(node, Entries):
            node.refuse("Either `words` or `values` must say how.", "Write one of the two.")
        words = values_ = None
        if "words" in given:
            words = given.get("words", keyed(level, lambda _, each: one_or_more(phrase)(each)))
            if source and source.type not in TEXT_LIKE:
                given.refuse(
                    "words",
                    f"`words` looks into text, and {quoted(source.id)} is of type {source.type}.",
                    "Use `values`.",
                )
        if "values" in given:
            reader = value_of(source) if source else string
            values_ = given.get("values", keyed(level, lambda _, each: one_or_more(reader)(each)))
            _warn_of_repeats(given.at("values"), values_ or {})
        return Derive(
            source=source.id if source else "",
            words=words,
            values=values_,
            otherwise=given.get("otherwise", level),
        )


def _level_of(property: Property) -> Reader[str]:
    """A derived value, as the property holds it."""
    return lambda node: str(answer_to(property, node))


def _warn_of_repeats(node: Node, levels: Mapping[str, tuple[Value, ...]]) -> None:
    taken: dict[Value, str] = {}
    for level, found in levels.items():
        for value in found:
            if taken.setdefault(value, level) != level:
                node.warn(
                    f"{quoted(str(value))} stands under {quoted(taken[value])} and "
                    f"{quoted(level)}.",
                    "The first one counts; delete the other.",
                )


def _refuse_cycles(derives: Mapping[str, Node], properties: Mapping[str, Property]) -> None:
    sources = {
        each.id: {each.derive.source} for each in properties.values() if each.derive is not None
    }
    emails = {each.id for each in properties.values() if each.type is Type.EMAIL}
    sources |= {"email_domain": emails, "email_kind": emails, "first_name": {*emails, "name"}}
    while True:
        try:
            TopologicalSorter(sources).prepare()
        except CycleError as error:
            cycle: list[str] = error.args[1]
            start = next(id for id in cycle if id in derives)
            round_ = tuple(dict.fromkeys(cycle))
            derives[start].refuse(
                f"{listing(round_)} are derived from each other."
                if len(round_) > 1
                else f"{quoted(start)} is derived from itself.",
                "Let one of them stand on its own."
                if len(round_) > 1
                else "Name another property in `from`.",
            )
            del sources[start]
        else:
            return
