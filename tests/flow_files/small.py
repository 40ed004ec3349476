"""A small playbook and flow to vary: each test changes the one part it is about."""

from webapp.core.errors import Problem
from webapp.core.flow import Release
from webapp.flow_files import check_texts, load_texts

PROPERTIES = {
    "role": "{label: Role, type: choice, choices: {chief: Chief, lead: Lead, other: Other}}",
    "size": "{label: Size, type: choice, ordered: true, choices: {s: Small, m: Middle, l: Large}}",
    "tools": "{label: Tools, type: choices, choices: {crm: CRM, mail: Mail, ads: Ads}}",
    "title": "{label: Title, type: text}",
    "seats": "{label: Seats, type: number}",
    "budget": "{label: Budget, type: money}",
    "start": "{label: Start, type: date}",
    "country": "{label: Country, type: country}",
    "agreed": "{label: Agreed, type: yes_no}",
    "email": "{label: E-mail, type: email}",
}
PLAYBOOK = {
    "format": "1",
    "name": "Small",
    "locale": "en",
    "timezone": "Europe/Berlin",
    "signals": "{pricing: {page: /pricing}}",
    "icp": "[{id: fits, when: {size: [m, l]}}]",
    "disqualifiers": "[{id: too_small, when: {size: s}, gate: hard}]",
    "scoring": "{fit: {rules: [{id: role, property: role, points: {chief: 10, lead: 5}}]}}",
    "tiers": "[{id: hot, from: 10}, {id: cold}]",
    "routing": "[{id: hot, when: {tier: hot}, to: sales}, {id: rest, to: later}]",
    "destinations": "{sales: {kind: sales, respond_within: 15m}, later: {kind: nurture, track: a}}",
    "teams": "[{id: all, reps: [{email: ana@example.com}]}]",
    "guidance": "{next_action: [{say: Call them.}]}",
}
FLOW = {
    "format": "1",
    "flow": "demo",
    "title": "Demo",
    "questions": "[{property: role, ask: Your role?}, {property: email, ask: Your e-mail?}]",
    "endings": "{sales: Thanks., nurture: Thanks.}",
}
CASE = {"flow": "demo", "at": "2026-11-20T10:00:00Z"}


def lines(parts: dict[str, str], changes: dict[str, str | None]) -> str:
    """A mapping with parts replaced, added or (None) left out."""
    return "".join(f"{k}: {v}\n" for k, v in {**parts, **changes}.items() if v is not None)


def properties(**changes: str | None) -> str:
    return "\n  " + lines(PROPERTIES, changes).strip().replace("\n", "\n  ")


def playbook(**changes: str | None) -> str:
    return lines({**PLAYBOOK, "properties": properties()}, changes)


def flow(**changes: str | None) -> str:
    return lines(FLOW, changes)


def case(**changes: str | None) -> str:
    return lines(CASE, changes)


def check(book: str = playbook(), demo: str = flow()) -> tuple[Release | None, list[Problem]]:
    return check_texts({"playbook.yaml": book, "demo.yaml": demo})


def problems(book: str = playbook(), demo: str = flow()) -> list[str]:
    """Everything wrong, as people read it."""
    return [str(problem) for problem in check(book, demo)[1]]


def release(book: str = playbook(), demo: str = flow()) -> Release:
    return load_texts({"playbook.yaml": book, "demo.yaml": demo})


def only_problem(book: str = playbook(), demo: str = flow()) -> str:
    """The one thing wrong, as people read it."""
    [found] = problems(book, demo)
    return found


def refused_when(condition: str) -> str:
    """Why a condition of a question is refused."""
    question = f"[{{property: role, ask: Role?, when: {condition}}}]"
    return only_problem(demo=flow(questions=question))


def read_when(condition: str, **book: str | None):
    """The condition of a question, once read."""
    question = f"[{{property: role, ask: Role?, when: {condition}}}]"
    return release(playbook(**book), flow(questions=question)).flows["demo"].questions[0].when
