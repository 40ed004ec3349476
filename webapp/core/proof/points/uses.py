"""Point 7: what each question is used for. Nothing is refuted: some answers are for people."""

from collections.abc import Iterable, Iterator

from webapp.core.conditions import Condition, subjects
from webapp.core.flow import Flow, Question
from webapp.core.playbook import Playbook, Text
from webapp.core.proof.report import Use
from webapp.core.values import CONTACT, Type
from webapp.core.wording import placeholders


def uses(playbook: Playbook, flow: Flow) -> tuple[Use, ...]:
    """For each question, everything that looks at its answer or at what follows from it."""
    read = _readers(playbook, flow)
    found = []
    for question in flow.questions:
        properties = {question.property, *playbook.dependents.get(question.property, ())}
        using = [use for use, names in read.items() if names & properties]
        type_ = playbook.properties[question.property].type
        if type_ in CONTACT or type_ is Type.CONSENT:
            using.append("contact")
        found.append(Use(question.id, tuple(using)))
    return tuple(found)


def _readers(playbook: Playbook, flow: Flow) -> dict[str, set[str]]:
    gates = [gate.when for gate in playbook.disqualifiers]
    icp = [criterion.when for criterion in playbook.icp]
    score = {rule.property for rule in playbook.rules if rule.property}
    score |= _names([rule.when for rule in playbook.rules])
    routing = [rule.when for rule in playbook.routing]
    routing += [rule.when for rule in flow.finish_when if rule.to]
    advice = playbook.guidance
    said = [a.when for a in (*advice.next_action, *advice.talking_points, *advice.red_flags)]
    return {
        "score": score,
        "route": _names(routing),
        "gate": _names(gates),
        "icp": _names(icp),
        "question": _names([*_asking(flow.questions), *(r.when for r in flow.finish_when)]),
        "team": _names([team.covers for team in playbook.teams]),
        "ending": {n for text in flow.endings.values() for n in _words(text)},
        "guidance": _names(said),
    }


def _words(text: Text) -> Iterator[str]:
    for each in text.by_locale.values():
        yield from placeholders(each)


def _asking(questions: tuple[Question, ...]) -> Iterator[Condition | None]:
    return (question.when for question in questions)


def _names(conditions: Iterable[Condition | None]) -> set[str]:
    return {s.name for c in conditions for s in subjects(c) if s.kind == "property"}
