"""Reads the playbook's signals: what visitors do on the site, recognised by pattern."""

from typing import Literal

from webapp.core.playbook import Signal
from webapp.flow_files.fields import Fields
from webapp.flow_files.nodes import Entries, Node
from webapp.flow_files.problems import quoted
from webapp.flow_files.readers import keyed, one_of, one_or_more, string, word_id
from webapp.flow_files.subjects import SOURCE_FIELDS
from webapp.flow_files.vocabulary import Wording

BUILT_IN = {
    "visit": Signal("visit", visit="every"),
    "page_view": Signal("page_view", event="page_view"),
}


def read_signals(node: Node, wording: Wording) -> dict[str, Signal]:
    """The signals by id."""

    def own_id(node: Node) -> str:
        id = word_id(node)
        if id in BUILT_IN:
            node.refuse(f"The signal {quoted(id)} is built in.", "Choose another id.")
        return id

    def one(id: str, node: Node) -> Signal:
        with Fields(node, f"signal {quoted(id)}") as given:
            return _signal(id, given, wording)

    return keyed(own_id, one)(node)


def _signal(id: str, given: Fields, wording: Wording) -> Signal:
    label = given.get("label", wording.text)
    utm = {field: given.need(field, string) for field in given.together(*SOURCE_FIELDS)}
    event, pages = given.get("event", string), given.get("page", one_or_more(_page), ())
    visit: Literal["return"] | None = given.get("visit", one_of("return"))
    if visit and (event or pages or utm):
        given.refuse(
            "visit",
            "`visit` counts whole visits, so it stands alone.",
            "Delete the other keys, or use `event: visit`.",
        )
    if isinstance(given.node, Entries) and not (visit or event or pages or utm):
        given.node.refuse("The signal matches nothing.", "Say a `page`, an `event` or `visit`.")
    if not visit:
        event = event or "page_view"
    return Signal(id, event, pages, visit, utm, label, given.node.where)


def _page(node: Node) -> str:
    """A path with ``*`` for any run of characters (rule A40)."""
    pattern = string(node)
    if pattern and not pattern.startswith(("/", "*", "http://", "https://")):
        node.refuse(
            f"The page {quoted(pattern)} is not a path.", "Begin it with a slash, like /pricing."
        )
    elif "?" in pattern or "#" in pattern:
        node.warn("Query and fragment of a page are not compared.", "Write the path alone.")
    return pattern
