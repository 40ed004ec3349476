"""Saved visitors to try a flow as: those the flows came with, and those saved here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from webapp.config import ROOT
from webapp.core.case import Case
from webapp.core.errors import FlowError
from webapp.core.expectations import misses
from webapp.core.flow import Release
from webapp.core.simulate import simulate
from webapp.flow_files import load_case
from webapp.services.drafts import CASES, Draft
from webapp.web.studio.loaded import ById

_FOLDERS = (ROOT / "question_flows" / "cases", ROOT / "webapp" / "gallery" / "cases")


_CALLED = {
    "score": "Score",
    "score.fit": "Points for fit",
    "score.intent": "Points for intent",
    "score.known": "Points for what is known",
    "score.inferred": "Points for guesses",
    "score.low": "Least score possible",
    "score.high": "Greatest score possible",
    "tier": "Tier",
    "tier_settled": "Tier settled",
    "route": "Goes to",
    "rule": "Routing rule",
    "asked": "Asked",
    "skipped": "Skipped",
    "set_aside": "Answers set aside",
    "ended": "How it ends",
    "icp": "Our ideal customer",
}
"""What the files expect, in a marketer's words."""


@dataclass(frozen=True)
class Persona:
    """``name`` is the file's name; ``problems`` say why it cannot be used, or what it misses."""

    name: str
    title: str
    case: Case | None
    problems: tuple[str, ...] = ()


def texts(draft: Draft) -> dict[str, str]:
    """The personas by file name; one saved here stands before one of the same name."""
    return {**_came_with(), **draft.cases}


def of_flow(draft: Draft, release: Release, flow: str) -> list[Persona]:
    """The personas of one flow that can be tried."""
    return _of_flow(texts(draft).items(), release, flow)


def run(draft: Draft, release: Release) -> list[Persona]:
    """Every persona of the release's flows, with what came out otherwise than it expects. Kept:
    whoever publishes has looked at it, and it takes a good part of a second."""
    return list(_run_all(ById(release), tuple(texts(draft).items())))


@lru_cache(maxsize=8)
def _run_all(release: ById[Release], cases: tuple[tuple[str, str], ...]) -> tuple[Persona, ...]:
    return tuple(
        persona if persona.case is None else _run(release.value, persona, persona.case)
        for flow in release.value.flows
        for persona in _of_flow(cases, release.value, flow)
    )


def _of_flow(cases: Iterable[tuple[str, str]], release: Release, flow: str) -> list[Persona]:
    found = []
    for file, text in cases:
        if f"flow: {flow}\n" in text:
            try:
                found.append(Persona(file, title(file), load_case(text, file, release)))
            except FlowError as error:
                found.append(Persona(file, title(file), None, _said(error)))
    return found


def title(file: str) -> str:
    """``cases/demo-request.ana-cfo-urgent.yaml`` is called “Ana cfo urgent”."""
    name = Path(file).stem.partition(".")[2] or Path(file).stem
    return name.replace("-", " ").replace("_", " ").capitalize()


def _run(release: Release, persona: Persona, case: Case) -> Persona:
    try:
        missed = misses(release, case, simulate(release, case))
    except FlowError as error:
        return Persona(persona.name, persona.title, case, _said(error))
    said = tuple(str(replace(each, what=_CALLED.get(each.what, each.what))) for each in missed)
    return Persona(persona.name, persona.title, case, said)


def _said(error: FlowError) -> tuple[str, ...]:
    return tuple(f"{problem.what} {problem.fix}" for problem in error.problems)


@cache
def _came_with() -> dict[str, str]:
    return {
        f"{CASES}{path.name}": path.read_text(encoding="utf-8")
        for folder in _FOLDERS
        for path in sorted(folder.glob("*.yaml"))
    }
