"""What deciding costs as playbooks grow, beside bare closures over the same conditions."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from tests.bench import curves, goals
from tests.bench.load import median
from webapp.core.decision import Decision, decide
from webapp.core.evidence import Evidence, evidence
from webapp.core.flow import Release
from webapp.core.path import Answer, walk
from webapp.core.scoring import Score, score
from webapp.core.situation import Situation, Visit
from webapp.flow_files import load_texts

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LEVELS = ("none", "some", "much", "most")
RULES = (10, 40, 100, 300, 1000)
QUESTIONS = (10, 25, 50, 100, 200, 500)
ROUNDS = 15

CHOICE = "type: choice, choices: {none: None, some: Some, much: Much, most: Most}"
PLAYBOOK = """format: 1
name: Bench
locale: en
timezone: UTC
properties:
{properties}  email: {{label: E-mail, type: email}}
scoring:
  fit:
    rules:
{scoring}  intent:
    rules:
      - {{id: seen, signal: visit, points: 1}}
tiers: [{{id: hot, from: 50}}, {{id: cold}}]
routing:
{routing}  - {{id: rest, to: sales}}
destinations:
  sales: {{kind: sales, respond_within: 1h}}
  later: {{kind: nurture, track: all}}
teams: [{{id: all, reps: [{{email: rep@example.com}}]}}]
guidance: {{next_action: [{{say: Call them.}}]}}
"""
FLOW = """format: 1
flow: bench
title: Bench
intent: demo_request
questions:
{asked}  - {{property: email, ask: Where to?}}
endings: {{sales: Thanks., nurture: Thanks.}}
"""

Closure = Callable[[dict[str, str]], bool]


def release(rules: int, questions: int) -> Release:
    """A playbook with so many scoring rules, two kinds in turn, and twelve routing rules."""
    numbers = range(questions)
    playbook = PLAYBOOK.format(
        properties="".join(f"  p{i}: {{label: Thing {i}, {CHOICE}}}\n" for i in numbers),
        scoring="".join(f"      - {_rule(i, questions)}\n" for i in range(rules)),
        routing="".join(f"  - {_way(i, questions)}\n" for i in range(11)),
    )
    asked = "".join(f"  - {{property: p{i}, ask: How much of {i}?}}\n" for i in numbers)
    return load_texts({"playbook.yaml": playbook, "bench.yaml": FLOW.format(asked=asked)})


def answers(questions: int) -> dict[str, Answer]:
    return {f"p{i}": Answer(LEVELS[1 + i % 3], at=NOW) for i in range(questions)}


def report(*, draw: bool = False) -> Iterator[str]:
    yield from _parts()
    yield "Deciding one conversation with every question answered (microseconds of a core, median)"
    for of, sizes in (("rules", RULES), ("questions", QUESTIONS)):
        yield f"{of:>11}{'decide':>10}{'closures':>10}{'ratio':>8}{'growth':>9}"
        found: list[tuple[float, float]] = []
        for size in sizes:
            found.append(_measured(size, 25) if of == "rules" else _measured(40, size))
            ours, floor = found[-1]
            growth = ours / found[0][0]
            yield f"{size:>11}{ours:>10.0f}{floor:>10.1f}{ours / floor:>8.1f}{growth:>8.1f}x"
        goals.note(of, growth)
        if draw:
            decided, closures = zip(*found, strict=True)
            costs = {"deciding": decided, "bare closures": closures}
            yield f"Drawn in {curves.draw(f'scoring-{of}', of, sizes, costs)}"
        yield ""


def _parts() -> Iterator[str]:
    """What 40 rules and 12 conditions cost, by what is done: the path is no part of the score."""
    made, given = release(40, 25), answers(25)
    visit, flow = Visit(now=NOW), made.flows["bench"]
    plain = {name: str(answer.value) for name, answer in given.items()}
    closures = [_closure(i, 25) for i in range(40 + 12)]

    def known() -> Situation:
        situation = walk(made.playbook, flow, visit, given).situation
        situation.learn()
        return situation

    def scored() -> Score:
        found = score(known())
        found.figures()  # bounds are worked out for who asks
        return found

    floor, path, points, lines, shown = _in_turns(
        lambda: sum(closure(plain) for closure in closures),
        known,
        scored,
        lambda: [line.because for line in scored().lines],
        lambda: _evidence(scored()),
    )
    yield "40 rules and 12 conditions, 25 questions answered (microseconds of a core, median)"
    costs = {
        "bare closures": floor,
        "path": path,
        "score and bounds": points - path,
        "lines with sentences": lines - points,
        "evidence of every line": shown - lines,
    }
    for name, cost in costs.items():
        yield f"{name:36}{cost:>8.1f}{cost / floor:>8.1f}x"
    goals.note("scoring", (lines - path) / floor)
    yield ""


def _evidence(found: Score) -> list[tuple[Evidence, ...]]:
    return [evidence(line.reads, found.situation) for line in found.lines if line.because]


def _measured(rules: int, questions: int) -> tuple[float, float]:
    """What deciding takes, and bare closures over the same conditions."""
    made, given = release(rules, questions), answers(questions)
    plain = {name: str(answer.value) for name, answer in given.items()}
    closures = [_closure(i, questions) for i in range(rules + 12)]
    ours, floor = _in_turns(
        lambda: _whole(decide(made, "bench", Visit(now=NOW), given)),
        lambda: sum(closure(plain) for closure in closures),
    )
    return ours, floor


def _whole(decision: Decision) -> tuple[int, int]:
    """Everything an answer needs; some parts of a decision are worked out only when read."""
    score = decision.score
    return len([line.because for line in score.lines]) + score.high, len(decision.route.trace)


def _rule(i: int, questions: int) -> str:
    first, second = f"p{i % questions}", f"p{(i + 1) % questions}"
    if i % 2:
        return f"{{id: r{i}, property: {first}, points: {{some: 3, much: 5}}, otherwise: 1}}"
    return f"{{id: r{i}, when: {{{first}: [some, much], {second}: {{not: [none]}}}}, points: 4}}"


def _way(i: int, questions: int) -> str:
    condition = f"{{p{i % questions}: none, score.total: {{at_least: {i}}}}}"
    return f"{{id: way{i}, when: {condition}, to: later}}"


def _closure(i: int, questions: int) -> Closure:
    first, second = f"p{i % questions}", f"p{(i + 1) % questions}"
    return lambda plain: plain.get(first) in ("some", "much") and plain.get(second) != "none"


def _in_turns(*works: Callable[[], object]) -> list[float]:
    """What each takes, in microseconds of processor time: the median of some rounds, each long
    enough for the clock, in which all take their turn."""
    times = [max(1, int(0.02 / max(_seconds(work, 2), 1e-7))) for work in works]
    rounds = [
        [_seconds(work, many) * 1e6 for work, many in zip(works, times, strict=True)]
        for _ in range(ROUNDS)
    ]
    return [median(list(found)) for found in zip(*rounds, strict=True)]


def _seconds(work: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) / times
