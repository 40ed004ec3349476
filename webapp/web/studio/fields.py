"""The fields of an item: how a form shows what the file says, and how it goes back unharmed.

What somebody does not touch is handed back as the file has it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from werkzeug.datastructures import MultiDict

from webapp.core.values import clean
from webapp.flow_files.rendering import Plain
from webapp.web.studio import places, wordings

Kind = Literal[
    "text", "words", "whole", "select", "tick", "reps", "list", "lists", "labels", "synonyms"
]
TYPES = (
    ("choice", "One of several choices"),
    ("choices", "Any of several choices"),
    ("yes_no", "Yes or no"),
    ("text", "A line of text"),
    ("long_text", "A longer text"),
    ("number", "A number"),
    ("money", "An amount of money"),
    ("date", "A date"),
    ("country", "A country"),
    ("company", "A company"),
    ("email", "An e-mail address"),
    ("phone", "A phone number"),
    ("url", "A web address"),
    ("consent", "A consent"),
)

LINES = ("reps", "lists", "synonyms")
"""Kinds typed as lines, one thing a line."""

_WHOLE = re.compile(r"[-+]?\d{1,6}")
_REP = re.compile(
    r"\s*([^\s,@]+@[^\s,@]+)(?:,?\s+weight\s+(\d{1,4}))?(?:,?\s+capacity\s+(\d{1,6}))?\s*"
)
_CHOICE = re.compile(r"[a-z0-9][a-z0-9_+-]*")


@dataclass(frozen=True)
class Field:
    """One field of an item. ``options`` are fixed, or name what there is in the playbook.

    A dot in ``name`` leads into a mapping, and ``beside`` are keys of it with fields of their own.
    ``key`` is what the item calls it where two fields are about the same key.
    """

    name: str
    label: str
    kind: Kind = "words"
    options: tuple[tuple[str, str], ...] | Literal["destinations", "signals", "properties"] = ()
    hint: str = ""
    optional: bool = True
    blank: str = "–"
    beside: tuple[str, ...] = ()
    key: str = ""

    @property
    def path(self) -> list[str]:
        return (self.key or self.name).split(".")


def shown(field: Field, item: Mapping[str, Plain], locale: str) -> Any:
    """What the form says: a text, or texts by language."""
    value = places.at(dict(item), *field.path)
    match field.kind:
        case "text":
            return wordings.shown(value, locale)
        case "labels":
            return _label_lines(_mapping(value), locale)
        case "synonyms":
            return _lines((id, places.at(each, "synonyms")) for id, each in _mapping(value).items())
        case "lists":
            held = _mapping(value)
            return _lines((key, held[key]) for key in held if key not in field.beside)
        case "reps":
            return "\n".join(_rep_line(rep) for rep in value or [])
        case "list":
            return _commas(value)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def sent(field: Field, form: MultiDict[str, str], locales: Iterable[str]) -> Any:
    """What somebody typed, in the shape of ``shown``."""
    if field.kind in ("text", "labels"):
        return wordings.read(form, field.name, locales)
    return clean(form.get(field.name, "")).strip()


def problem(field: Field, typed: Any) -> str | None:
    """What is wrong with it, in a sentence."""
    if not field.optional and not (any(typed.values()) if isinstance(typed, dict) else typed):
        return f"{field.label}: this is needed."
    if field.kind == "whole" and typed and not _WHOLE.fullmatch(typed):
        return f"{field.label}: enter a whole number."
    if field.kind == "labels":
        for line in "\n".join(typed.values()).splitlines():
            id, colon, _ = line.partition(":")
            if line.strip() and not _CHOICE.fullmatch(id.strip() if colon else places.slug(line)):
                return f"“{line.strip()}”: write a short name, a colon and what people read."
    if field.kind in LINES:
        for line in typed.splitlines():
            if field.kind == "reps" and line.strip() and _rep(line) is None:
                like = "Write it like ana@example.com, weight 2, capacity 20."
                return f"“{line.strip()}” is not a rep. {like}"
            if field.kind != "reps" and line.strip() and not all(_entry(line)):
                return f"“{line.strip()}”: write a name, a colon and values with commas between."
    return None


def put(item: dict[str, Plain], field: Field, typed: Any, locale: str) -> None:
    """Make the item say what was typed; the very same value stays where nothing else was."""
    before = places.at(item, *field.path)
    if field.kind == "text":
        after = wordings.written(before, typed, locale)
    elif field.kind == "tick":
        was = str(before).lower() == "true"
        after = before if bool(typed) == was else (True if typed else None)
    elif _alike(typed, shown(field, item, locale)):
        return
    else:
        after = _read(field, typed, before, locale)
    _set(item, field.path, after)


def _read(field: Field, typed: Any, before: Plain | None, locale: str) -> Plain | None:
    match field.kind:
        case "whole":
            return int(typed) if typed else None
        case "list":
            found = _values(typed)
            single = len(found) == 1 and not isinstance(before, list)
            return found[0] if single else found or None
        case "reps":
            return _kept_reps(before, [rep for line in typed.splitlines() if (rep := _rep(line))])
        case "lists":
            held = _mapping(before)
            kept = {key: held[key] for key in field.beside if key in held}
            return {**kept, **_of_lines(typed, held)} or None
        case "labels":
            return _labelled(_mapping(before), typed, locale) or None
        case "synonyms":
            return _with_synonyms(_mapping(before), typed)
    return typed or None


def _set(item: dict[str, Plain], path: list[str], value: Plain | None) -> None:
    first, *rest = path
    if rest:
        inside = dict(_mapping(item.get(first)))
        _set(inside, rest, value)
        value = inside or None
    if value is None:
        item.pop(first, None)
    else:
        item[first] = value


def _alike(typed: Any, was: Any) -> bool:
    if isinstance(typed, dict):
        return all(words == was.get(each, "") for each, words in typed.items())
    return bool(typed == was)


def _mapping(value: Plain | None) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


# Lists and lines


def _values(text: str) -> list[Plain]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _commas(value: Plain | None) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _lines(entries: Iterable[tuple[str, Plain | None]]) -> str:
    return "\n".join(f"{key}: {_commas(value)}" for key, value in entries if value)


def _entry(line: str) -> tuple[str, list[Plain]]:
    key, _, values = line.partition(":")
    return key.strip(), _values(values)


def _of_lines(typed: str, before: Mapping[str, Plain]) -> dict[str, Plain]:
    """Lists by name; one that says what it said stays as it is written."""
    found: dict[str, Plain] = {}
    for line in filter(str.strip, typed.splitlines()):
        key, values = _entry(line)
        was = before.get(key)
        found[key] = was if was is not None and _values(_commas(was)) == values else values
    return found


# Choices


def _label(choice: Plain | None) -> Plain | None:
    """A choice is its label, or says it beside its synonyms."""
    return choice.get("label") if _is_full(choice) else choice  # type: ignore[union-attr]  # a mapping


def _is_full(choice: Plain | None) -> bool:
    return isinstance(choice, dict) and bool({"label", "synonyms"} & choice.keys())


def _label_lines(choices: Mapping[str, Plain], locale: str) -> dict[str, str]:
    by_locale: dict[str, list[str]] = {}
    for id, choice in choices.items():
        for each, words in wordings.shown(_label(choice), locale).items():
            by_locale.setdefault(each, []).append(f"{id}: {words}")
    return {each: "\n".join(lines) for each, lines in by_locale.items()}


def _labelled(
    before: Mapping[str, Plain], typed: Mapping[str, str], locale: str
) -> dict[str, Plain]:
    """The choices as typed in the playbook's language, which also says their order."""
    words: dict[str, dict[str, str]] = {}
    for each, lines in typed.items():
        for line in filter(str.strip, lines.splitlines()):
            id, colon, said = line.partition(":")
            id = id.strip() if colon else places.slug(line)
            words.setdefault(id, {})[each] = (said if colon else line).strip()
    found: dict[str, Plain] = {}
    for id, by_locale in words.items():
        if locale in typed and locale not in by_locale:
            continue
        was = before.get(id)
        label = (
            wordings.written(_label(was), {**dict.fromkeys(typed, ""), **by_locale}, locale) or id
        )
        found[id] = {**was, "label": label} if isinstance(was, dict) and _is_full(was) else label
    return found


def _with_synonyms(before: Mapping[str, Plain], typed: str) -> dict[str, Plain]:
    known = {id: places.at(each, "synonyms") for id, each in before.items() if _is_full(each)}
    wanted = _of_lines(typed, {id: each for id, each in known.items() if each})
    found: dict[str, Plain] = {}
    for id, choice in before.items():
        full = dict(choice) if isinstance(choice, dict) and _is_full(choice) else {"label": choice}
        full.pop("synonyms", None)
        found[id] = {**full, "synonyms": wanted[id]} if id in wanted else choice
        if id not in wanted and _is_full(choice):
            found[id] = full if len(full) > 1 else full["label"]
    return found


# Reps


def _kept_reps(before: Plain | None, reps: list[dict[str, Plain]]) -> list[Plain]:
    """The reps as typed, with whatever else the file says of each."""
    known = {str(places.at(rep, "email")): rep for rep in before or []}  # type: ignore[union-attr]  # a list
    kept: list[Plain] = []
    for rep in reps:
        was = known.get(str(rep["email"]))
        others = dict(was) if isinstance(was, dict) else {}
        kept.append({**{k: v for k, v in others.items() if k not in ("weight", "capacity")}, **rep})
    return kept


def _rep_line(rep: Plain) -> str:
    said = [str(places.at(rep, "email") or "")]
    said += [
        f"{key} {rep[key]}"
        for key in ("weight", "capacity")
        if isinstance(rep, dict) and key in rep
    ]
    return ", ".join(said)


def _rep(line: str) -> dict[str, Plain] | None:
    found = _REP.fullmatch(line)
    if not found:
        return None
    rep: dict[str, Plain] = {"email": found[1]}
    if found[2]:
        rep["weight"] = int(found[2])
    if found[3]:
        rep["capacity"] = int(found[3])
    return rep
