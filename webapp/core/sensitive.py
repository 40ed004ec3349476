"""What must not leave the house: answers to questions the playbook marks ``sensitive``."""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.core import values

KEPT_BACK = "(kept back: sensitive)"


def without_sensitive(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with every sensitive value taken out, wherever a sentence may have quoted it.

    Answers and evidence stay in their place without their value, so that references hold.
    Sentences are searched for the value's words: they were composed from it, evidence or not.
    """
    hidden = {id for id, each in record["evidence"].items() if each.get("sensitive")}
    answers = [each for each in record["answers"] if each.get("sensitive")]
    if not hidden and not answers:
        return dict(record)
    words = {
        word
        for each in (*answers, *(record["evidence"][id] for id in hidden))
        for word in _words(each)
        if len(word) > 2 and values.words(word)
    }
    cleaned = _clean(dict(record), hidden, words)
    assert isinstance(cleaned, dict)
    return cleaned


def _words(each: Mapping[str, Any]) -> Iterator[str]:
    for key in ("value", "label", "said", "quote"):
        value = each.get(key)
        if isinstance(value, list):
            yield from map(str, value)
        elif value is not None and value != "":
            yield str(value)


def _clean(part: Any, hidden: set[str], words: set[str]) -> Any:
    if isinstance(part, str):
        return KEPT_BACK if values.mentions_any(part, words) else part
    if isinstance(part, list):
        return [_clean(each, hidden, words) for each in part]
    if not isinstance(part, Mapping):
        return part
    if part.get("sensitive"):
        blank = {"value": None, "label": KEPT_BACK, "said": None, "quote": None}
        return {key: blank.get(key, value) for key, value in part.items()}
    cited = part.get("evidence")
    if isinstance(cited, list) and hidden.intersection(cited):
        return {key: _hide(key, value) for key, value in part.items()}
    return {key: _clean(value, hidden, words) for key, value in part.items()}


def _hide(key: str, value: Any) -> Any:
    match key:
        case "value" | "label":
            return None
        case "sentence" | "because":
            return KEPT_BACK
        case _:
            return value
