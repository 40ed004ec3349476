"""What must come of any text at all: something that works, or problems in words."""

from collections.abc import Sequence

from webapp.core.errors import FlowError, Problem
from webapp.core.flow import Release
from webapp.core.simulate import simulate
from webapp.flow_files import check_texts, load_case

NOBODY_YET = "{flow: %s, at: 2026-11-20T10:00:00Z}"


def judged(texts: dict[str, str]) -> Release | None:
    loaded, problems = check_texts(texts)
    assert (loaded is None) == any(problem.severity == "error" for problem in problems)
    _in_words(problems)
    return loaded


def walked(release: Release | None, flow: str) -> None:
    """Whatever was loaded, somebody of whom nothing is known can walk through it."""
    if release and flow in release.flows:
        simulate(release, load_case(NOBODY_YET % flow, "nobody.yaml", release))


def case_judged(text: str, release: Release) -> None:
    try:
        simulate(release, load_case(text, "case.yaml", release))
    except FlowError as refusal:
        problems = refusal.problems
    else:
        return
    assert problems
    _in_words(problems)


def _in_words(problems: Sequence[Problem]) -> None:
    for problem in problems:
        assert problem.what
        assert problem.fix
        assert problem.where.line >= 1
        assert problem.where.column >= 1
        assert str(problem).isprintable() or "\n" not in str(problem)
