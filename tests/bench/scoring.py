"""What deciding costs as playbooks grow, beside bare closures over the same conditions."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from tests.bench.load import median
from webapp.core.decision import Decision, decide
from webapp.core.flow import Release
from webapp.core.path import Answer
from webapp.core.situation import Visit
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


def report() -> Iterator[str]:
    yield "Deciding one conversation with every question answered (microseconds, median)"
    yield f"{'rules':>8}{'questions':>11}{'decide':>10}{'closures':>10}{'ratio':>8}{'per rule':>10}"
    for rules in RULES:
        yield _line(rules, 25)
    yield ""
    for questions in QUESTIONS:
        yield _line(40, questions)


def _line(rules: int, questions: int) -> str:
    made, given = release(rules, questions), answers(questions)
    ours = _microseconds(lambda: _whole(decide(made, "bench", Visit(now=NOW), given)))
    plain = {name: str(answer.value) for name, answer in given.items()}
    closures = [_closure(i, questions) for i in range(rules + 12)]
    floor = _microseconds(lambda: sum(closure(plain) for closure in closures))
    ratios = f"{ours / floor:>8.1f}{ours / rules:>10.2f}"
    return f"{rules:>8}{questions:>11}{ours:>10.0f}{floor:>10.1f}{ratios}"


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


def _microseconds(work: Callable[[], object]) -> float:
    """The median of some rounds, each long enough for the clock."""
    work()
    started = time.perf_counter()
    work()
    times = max(1, int(0.02 / max(time.perf_counter() - started, 1e-7)))
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(times):
            work()
        rounds.append((time.perf_counter() - started) / times * 1e6)
    return median(rounds)
