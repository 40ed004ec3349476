"""A small playbook with one flow, written as in files, and a way to send a visitor through it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from webapp.core.case import Case
from webapp.core.errors import FlowError, Problem
from webapp.core.expectations import misses
from webapp.core.flow import Release
from webapp.core.simulate import simulate
from webapp.flow_files import check_texts, load_case, load_texts

AT = "2026-11-20T10:00:00Z"


@dataclass(frozen=True)
class Bare:
    """YAML to write as it stands, where its spelling is what matters."""

    yaml: str


def ago(**span: float) -> str:
    """The instant so long before the case's."""
    return (datetime.fromisoformat(AT) - timedelta(**span)).isoformat()


def choice(*ids: str, **more: Any) -> dict[str, Any]:
    return {"type": "choice", "choices": {id: id.capitalize() for id in ids}, **more}


PROPERTIES: dict[str, dict[str, Any]] = {
    "goal": choice("a", "b", "c"),
    "plan": choice("low", "mid", "high", ordered=True),
    "team": {"type": "choices", "choices": {"red": "Red", "green": "Green", "blue": "Blue"}},
    "seats": {"type": "number"},
    "budget": {"type": "money"},
    "start": {"type": "date"},
    "keen": {"type": "yes_no"},
    "news": {"type": "consent"},
    "title": {"type": "text"},
    "note": {"type": "long_text"},
    "name": {"type": "text"},
    "email": {"type": "email"},
    "phone": {"type": "phone"},
    "site": {"type": "url"},
    "company": {"type": "company"},
    "country": {"type": "country"},
    "region": {
        **choice("europe", "america", "elsewhere"),
        "derive": {
            "from": "country",
            "values": {"europe": ["DE", "FR"], "america": ["US", "CA"]},
            "otherwise": "elsewhere",
        },
    },
    "level": {
        **choice("chief", "head", "other"),
        "derive": {"from": "title", "words": {"chief": ["ceo"], "head": ["head", "vp"]}},
    },
}

PLAYBOOK: dict[str, Any] = {
    "format": 1,
    "locale": "en",
    "tiers": [{"id": "hot", "from": 80}, {"id": "warm", "from": 50}, {"id": "cold"}],
    "destinations": {
        "sales": {"kind": "sales"},
        "nurture": {"kind": "nurture", "track": "general"},
        "no": {"kind": "decline"},
    },
    "routing": [{"id": "rest", "to": "nurture"}],
    "teams": [{"id": "all", "reps": [{"email": "rep@example.com"}]}],
}

FLOW: dict[str, Any] = {"format": 1, "flow": "small", "intent": "contact"}


@dataclass(frozen=True)
class Small:
    """The two files, and what happens to whom with them."""

    playbook: str
    flow: str

    @cached_property
    def release(self) -> Release:
        return load_texts({"playbook.yaml": self.playbook, "small.yaml": self.flow})

    def case(self, **given: Any) -> Case:
        return load_case(yaml({"flow": "small", "at": AT, **given}), "case.yaml", self.release)

    def send(self, **given: Any) -> dict[str, Any]:
        """What becomes of a visitor; the arguments are keys of a case."""
        return simulate(self.release, self.case(**given))

    def misses(self, expect: Mapping[str, Any], **given: Any) -> list[str]:
        """Where the visitor comes out otherwise than expected."""
        case = self.case(expect=expect, **given)
        return [str(miss) for miss in misses(self.release, case, simulate(self.release, case))]

    @property
    def problems(self) -> list[Problem]:
        return check_texts({"playbook.yaml": self.playbook, "small.yaml": self.flow})[1]

    @property
    def refusal(self) -> str:
        """The one error of these files; a file with another number of errors fails the test."""
        errors = [each for each in self.problems if each.severity == "error"]
        assert len(errors) == 1, [str(each) for each in errors]
        assert errors[0].where.line > 0
        return str(errors[0])

    def case_refusal(self, **given: Any) -> str:
        """The one error of a case."""
        with pytest.raises(FlowError) as refused:
            self.send(**given)
        (problem,) = refused.value.problems
        return str(problem)


def ask(property: str, **more: Any) -> dict[str, Any]:
    """A question, as written in a flow."""
    return {"property": property, "ask": f"About {property}?", **more}


_FLOW_KEYS = ("questions", "intent", "ask_at_most", "stop_when_settled", "finish_when", "endings")


def small(**parts: Any) -> Small:
    """The files with some parts changed: keys of the flow, or of the playbook; None leaves one out.

    ``properties`` adds to those there are. ``fit`` and ``intent_rules`` are scoring rules.
    """
    flow: dict[str, Any] = {"questions": [ask("note", required=False)]}
    flow |= {key: parts.pop(key) for key in _FLOW_KEYS if key in parts}
    added = parts.pop("properties", {})
    properties = {
        id: {"label": id.capitalize(), **keys} for id, keys in {**PROPERTIES, **added}.items()
    }
    rules = {"fit": parts.pop("fit", None), "intent": parts.pop("intent_rules", None)}
    scoring = {category: {"rules": each} for category, each in rules.items() if each}
    playbook = {**PLAYBOOK, "properties": properties, "scoring": scoring or None, **parts}
    return Small(yaml(_present(playbook)), yaml(_present({**FLOW, **flow})))


def truth(
    when: Mapping[str, Any], *, playbook: Mapping[str, Any] | None = None, **case: Any
) -> str:
    """What a condition says of a visitor: ``true``, ``false`` or ``unknown``."""
    routing = [{"id": "it", "when": when, "to": "sales"}, {"id": "rest", "to": "nurture"}]
    found = small(**{"routing": routing, **(playbook or {})}).send(**case)
    return str(next(each["result"] for each in found["route"]["trace"] if each["rule"] == "it"))


def total(*rules: Mapping[str, Any], **case: Any) -> int:
    """What fit rules bring a visitor."""
    return int(small(fit=list(rules)).send(**case)["score"]["total"])


def yaml(value: Any) -> str:
    """Flow-style YAML; everything quoted that is not ``Bare``."""
    match value:
        case Bare(text):
            return text
        case Mapping():
            return "{" + ", ".join(f"{yaml(key)}: {yaml(value[key])}" for key in value) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(yaml, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return json.dumps(value)


def _present(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}
