"""Saved visitors to try a flow as: those the flows came with, and those saved here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from webapp.config import ROOT
from webapp.core.case import Case
from webapp.core.errors import FlowError
from webapp.core.expectations import Miss, misses
from webapp.core.flow import Release
from webapp.core.simulate import simulate
from webapp.flow_files import load_case
from webapp.services.flows.drafts import CASES, Draft
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

_FIRST = ("route", "tier", "score")
"""What a persona is kept for."""

_PARTS = ("score.fit", "score.intent", "score.known", "score.inferred")
"""Where the score itself is another, of course one of these is."""

_BOUNDS = ("score.low", "score.high", "tier_settled")
"""What could still have become of them: changes with nearly every point that anybody changes."""


@dataclass(frozen=True)
class Persona:
    """``name`` is the file's name; ``problems`` say why it cannot be used, or what it misses, and
    ``bounds`` where only what its score could still become is another."""

    name: str
    title: str
    case: Case | None
    problems: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()

    @property
    def only_bounds(self) -> bool:
        """Whether it comes out as expected but for what it could still have become."""
        return bool(self.bounds) and not self.problems


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
        whole = any(each.what == "score" for each in missed)
        missed = [each for each in missed if not (whole and each.what in _PARTS)]
        missed.sort(key=lambda each: each.what not in _FIRST)
    except FlowError as error:
        return Persona(persona.name, persona.title, case, _said(error))
    said, bounds = (
        tuple(
            str(_in_words(each, release)) for each in missed if (each.what in _BOUNDS) is bounding
        )
        for bounding in (False, True)
    )
    return Persona(persona.name, persona.title, case, said, bounds)


def _in_words(miss: Miss, release: Release) -> Miss:
    playbook = release.playbook
    named = {
        "route": {each.id: each.label for each in playbook.destinations.values()},
        "tier": {each.id: each.label for each in playbook.tiers},
    }.get(miss.what, {})
    expected, got = (str(named.get(id) or id) for id in (miss.expected, miss.got))
    return replace(miss, what=_CALLED.get(miss.what, miss.what), expected=expected, got=got)


def _said(error: FlowError) -> tuple[str, ...]:
    return tuple(f"{problem.what} {problem.fix}" for problem in error.problems)


@cache
def _came_with() -> dict[str, str]:
    return {
        f"{CASES}{path.name}": path.read_text(encoding="utf-8")
        for folder in _FOLDERS
        for path in sorted(folder.glob("*.yaml"))
    }
