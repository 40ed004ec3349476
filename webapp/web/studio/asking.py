"""The draft asked of somebody, step by step: what they see, and what we make of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from werkzeug.datastructures import MultiDict

from webapp.core import values
from webapp.core.case import Case
from webapp.core.decision import Decision, decide
from webapp.core.errors import AnswerRefused, FlowError
from webapp.core.flow import Question, Release
from webapp.core.path import Answer
from webapp.core.playbook import Property, Text
from webapp.core.situation import Visit
from webapp.core.values import Type, Value
from webapp.core.visitor_words import visitor_text
from webapp.core.why import Why, why
from webapp.flow_files import load_case
from webapp.web.studio import personas
from webapp.web.studio.loaded import Studied
from webapp.web.studio.personas import Persona

TO_THE_END = 99
VISITOR = "(visitor)"
"""The persona that is no file but the visitor of a finding, whose case the form carries along."""

LONGEST = 20_000


@dataclass(frozen=True)
class Preview:
    """What the preview shows. ``decision`` is None where the draft cannot be run; ``visitor`` is
    the text of the case of somebody the proof found."""

    personas: Sequence[Persona]
    persona: str
    step: int
    typed: Mapping[str, Sequence[str]]
    problem: str | None = None
    decision: Decision | None = None
    steps: Sequence[Why] = ()
    about: Property | None = None
    ask: str = ""
    help: str = ""
    options: Sequence[tuple[str, str]] = ()
    chosen: Sequence[str] = ()
    several: bool = False
    visitor: str = ""

    @property
    def question(self) -> Question | None:
        return self.decision.path.next if self.decision else None


def preview(found: Studied, form: MultiDict[str, str] | None = None) -> Preview:
    """The flow as far as the form's answers go; from its beginning without one."""
    form = form if form is not None else MultiDict()
    release = found.release
    if release is None or found.flow is None:
        return Preview((), "", 0, {})
    people = personas.of_flow(found.draft, release, found.flow.id)
    name = form.get("persona", "")
    visitor = form.get("visitor", "")[:LONGEST].replace("\r\n", "\n")
    somebody = _case(visitor, release, found.flow.id)
    if somebody:
        people = [Persona(VISITOR, "the visitor of the proof", somebody), *people]
    case = next((each.case for each in people if each.name == name), None)
    typed = _typed(form)
    step = min(form.get("step", 0, int), TO_THE_END)
    do = form.get("do", "")
    if do == "persona" or form.get("was", name) != name:
        step, typed = (TO_THE_END if case else 0), {}
    elif do == "restart":
        step, typed = 0, {}
    elif do == "back":
        step = max(0, step - 1)
    elif do == "end":
        step = TO_THE_END
    elif do in ("answer", "skip"):
        typed = {**typed, form.get("about", ""): [] if do == "skip" else form.getlist("answer")}
        step += 1
    decision, taken, problem = _walk(found, case, typed, step)
    property = question = None
    if question := decision.path.next:
        property = found.playbook.properties[question.property]
    return Preview(
        personas=people,
        persona=name if case else "",
        step=taken,
        typed=typed,
        problem=problem,
        decision=decision,
        steps=why(decision),
        about=property,
        ask=_reads(decision, _wording_of(decision, question)) if question else "",
        help=_reads(decision, question.help) if question and question.help else "",
        options=_options(property, question) if property and question else (),
        chosen=_chosen(question, typed, case),
        several=property is not None and property.type is Type.CHOICES,
        visitor=visitor if somebody else "",
    )


def _case(text: str, release: Release, flow: str) -> Case | None:
    """Whom the text describes, if they can still come to this flow as it is drafted."""
    try:
        case = load_case(text, VISITOR, release) if text else None
    except FlowError:
        return None
    return case if case and case.flow == flow else None


def _walk(
    found: Studied, case: Case | None, typed: Mapping[str, Sequence[str]], step: int
) -> tuple[Decision, int, str | None]:
    """Answer question after question, up to ``step`` of them or where an answer is missing."""
    release, flow = found.release, found.flow
    assert release is not None
    assert flow is not None
    now = case.at if case else datetime.now(UTC)
    visit = Visit(now=now)
    if case:
        visit = Visit(
            now=case.at,
            facts=case.facts,
            events=case.events,
            source=case.source,
            locale=case.locale,
            returning=case.returning,
            spam=case.spam,
        )
    answers: dict[str, Answer] = {}
    problem = None
    decision = decide(release, flow.id, visit, answers)
    taken = 0
    while (question := decision.path.next) and taken < step:
        try:
            value = _value(found, question, typed, case)
        except AnswerRefused as refusal:
            problem = str(refusal)
            break
        if value is None and question.required:
            if question.property in typed:
                problem = "This question must be answered."
            break
        answers[question.property] = Answer(value=value, at=now, order=1_000_000 + taken)
        taken += 1
        decision = decide(release, flow.id, visit, answers)
    return decision, taken, problem


def _value(
    found: Studied, question: Question, typed: Mapping[str, Sequence[str]], case: Case | None
) -> Value | None:
    property = found.playbook.properties[question.property]
    if property.id in typed:
        return values.read(property, list(typed[property.id]))
    return case.answers.get(property.id) if case else None


def _typed(form: MultiDict[str, str]) -> dict[str, list[str]]:
    return {
        key.removeprefix("a-"): [each for each in form.getlist(key) if each]
        for key in form
        if key.startswith("a-")
    }


def _options(property: Property, question: Question) -> list[tuple[str, str]]:
    if property.type in values.YES_OR_NO:
        return [("yes", "Yes"), ("no", "No")]
    ids = question.choices or tuple(property.choices)
    return [(id, str(property.choices[id].label)) for id in ids]


def _chosen(
    question: Question | None, typed: Mapping[str, Sequence[str]], case: Case | None
) -> Sequence[str]:
    if question is None:
        return ()
    if question.property in typed:
        return typed[question.property]
    value = case.answers.get(question.property) if case else None
    if value is None:
        return ()
    written = values.write(value)
    return written if isinstance(written, list) else [written]


def _wording_of(decision: Decision, question: Question) -> Text:
    """How it is put to them: as a confirmation where they said as much before."""
    return question.confirm if decision.path.confirming and question.confirm else question.ask


def _reads(decision: Decision, text: Text) -> str:
    """A text as they read it: in their language, with nothing but what they said here."""
    return visitor_text(text, decision.situation, decision.visit.locale)
