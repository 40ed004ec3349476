"""A playbook and a flow of any size, as a company might have grown them: three rules a question,
branches, early ends, a budget of questions, signals, gates and tiers."""

from collections.abc import Iterator

from webapp.core.flow import Release
from webapp.flow_files import load_texts

CHOICES = "{a: A, b: B, c: C, d: D}"


def grown(questions: int, *, budget: bool = True) -> Release:
    """``questions`` questions and three times as many rules.

    ``budget`` adds what makes a path depend on everything before: ``ask_at_most`` and early ends.
    """
    return load_texts(
        {
            "playbook.yaml": "\n".join(_playbook(questions)),
            "long.yaml": "\n".join(_flow(questions, budget=budget)),
        }
    )


def _playbook(questions: int) -> Iterator[str]:
    yield "format: 1"
    yield "name: Grown"
    yield "locale: en"
    yield "timezone: UTC"
    yield "properties:"
    for n in range(questions - 1):
        yield f"  p{n}: {{label: P{n}, {_type(n)}}}"
    yield "  email: {label: E-mail, type: email}"
    yield "signals:"
    yield from (f"  s{n}: {{page: /s{n}}}" for n in range(4))
    yield "disqualifiers:"
    yield "  - {id: closed, when: {p0: d}, gate: hard}"
    yield "  - {id: odd, when: {p1: [c, d], p4: d}, gate: flag}"
    yield "icp: [{id: fits, when: {p0: [a, b]}}, {id: likes, when: {p1: [a, b]}}]"
    yield "scoring:"
    yield "  fit:"
    yield "    at_most: 150"
    yield "    rules:"
    yield from (f"      - {rule}" for rule in _rules(questions))
    yield "  intent:"
    yield "    at_most: 30"
    yield "    rules:"
    yield from (f"      - {{id: s{n}, signal: s{n}, points: {n + 4}}}" for n in range(4))
    yield "tiers: [{id: hot, from: 60}, {id: warm, from: 30}, {id: cold}]"
    yield "routing:"
    yield "  - {id: spam, when: {spam: true}, to: aside}"
    yield "  - {id: closed, when: {disqualified: true}, to: no}"
    yield "  - {id: hot, when: {tier: hot, icp: [yes, partial]}, to: sales}"
    yield "  - {id: near, when: {tier: warm, signals.s0: {at_least: 1}}, to: sales}"
    yield "  - {id: rest, to: later}"
    yield "destinations:"
    yield "  sales: {kind: sales, respond_within: 15m}"
    yield "  later: {kind: nurture, track: general}"
    yield "  no: {kind: decline}"
    yield "  aside: {kind: review}"
    yield "teams: [{id: all, reps: [{email: desk@example.com}]}]"
    yield "guidance: {next_action: [{say: Call them.}]}"


def _type(n: int) -> str:
    if n % 7 == 5:
        return "type: number"
    if n % 7 == 6:
        return f"type: choices, choices: {CHOICES}"
    return f"type: choice, choices: {CHOICES}"


def _rules(questions: int) -> Iterator[str]:
    """A table or a bound for each question, a rule on two neighbours, and one far apart."""
    asked = questions - 1
    for n in range(asked):
        sign = 1 if n % 5 else -1
        if n % 7 == 5:
            yield f"{{id: t{n}, when: {{p{n}: {{at_least: 10}}}}, points: {2 * sign}}}"
        else:
            yield f"{{id: t{n}, property: p{n}, points: {{a: {3 * sign}, b: {sign}, c: 0}}}}"
        yield f"{{id: b{n}, when: {{{_holds(n)}, {_holds((n + 1) % asked)}}}, points: 1}}"
        seen = f", signals.s{n // 10 % 4}: 0" if n % 10 == 9 else ""
        yield f"{{id: k{n}, when: {{{_holds(n)}{seen}}}, points: 1}}"


def _holds(n: int) -> str:
    return f"p{n}: {{at_most: 99}}" if n % 7 == 5 else f"p{n}: [a, c]"


def _flow(questions: int, *, budget: bool) -> Iterator[str]:
    yield "format: 1"
    yield "flow: long"
    yield "title: Long"
    if budget:
        yield f"ask_at_most: {questions - questions // 4}"
        yield "finish_when:"
        yield "  - {id: hopeless, when: {p0: d, p1: d}, to: no}"
        middle = questions // 2
        yield f"  - {{id: enough, when: {{p2: d, p{middle}: {_last(middle)}}}, to: later}}"
    yield "questions:"
    yield "  - {property: email, ask: E-mail?, always: true}"
    for n in range(questions - 1):
        when = f", when: {{p{n - 2}: [a, b]}}" if n % 4 == 3 and (n - 2) % 7 != 5 else ""
        optional = ", required: false" if n % 6 == 4 else ""
        yield f"  - {{property: p{n}, ask: P{n}?{when}{optional}}}"
    yield "endings: {sales: Thanks., nurture: Thanks., decline: Thanks.}"


def _last(n: int) -> str:
    return "{at_least: 50}" if n % 7 == 5 else "d"
