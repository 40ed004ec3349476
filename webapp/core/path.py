"""The path is a replay: which questions were asked, what comes next, what no longer counts.

One pass in written order; each question is judged once, with what was known when its turn came.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from webapp.core.facts import Certainty, Fact
from webapp.core.flow import FinishRule, Flow, Question
from webapp.core.playbook import Playbook
from webapp.core.possible import Progress, questions_left
from webapp.core.settling import is_settled
from webapp.core.situation import Situation, Visit
from webapp.core.values import CONTACT, Type, Value
from webapp.core.visitor_words import said_here

Ended = Literal["complete", "finished", "settled", "waiting"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The latest answer about one property in this conversation; ``value`` None is a skip.

    ``said`` holds the words as typed and ``asked_as`` the question as it was put. ``certainty`` is
    ``confirmed`` when a rep wrote it down. ``earlier`` are the answers this one replaced.
    """

    value: Value | None
    at: datetime
    said: str | None = None
    asked_as: str | None = None
    certainty: Certainty = Certainty.stated
    order: int = 0
    earlier: tuple["Answer", ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Where a conversation stands.

    ``asked`` are the questions put, in order, the one waiting included; ``set_aside`` the
    properties whose answers are off the path. ``next`` is the question to put now, and
    ``confirming`` says to word it as a confirmation of a guess. ``finish`` is the rule that ended
    it early. ``situation`` holds all facts, as known at the end of the path.
    """

    asked: tuple[Question, ...]
    skipped: tuple[str, ...]
    set_aside: tuple[str, ...]
    next: Question | None
    confirming: bool
    ended: Ended
    finish: FinishRule | None
    progress: Progress
    situation: Situation


def walk(
    playbook: Playbook,
    flow: Flow,
    visit: Visit,
    answers: Mapping[str, Answer],
    *,
    skip_missing: bool = False,
) -> Path:
    """Replay the answers (by property) through the flow.

    With ``skip_missing`` an optional question without an answer counts as skipped, as in cases;
    otherwise it is the next one to put.
    """
    return _Walk(playbook, flow, visit, answers, skip_missing).run()


def answer_fact(property_id: str, question: Question, answer: Answer) -> Fact | None:
    """The fact an answer states; a skip states none."""
    if answer.value is None:
        return None
    return Fact(
        property=property_id,
        value=answer.value,
        certainty=answer.certainty,
        source="answer",
        at=answer.at,
        order=answer.order,
        quote=answer.said,
        ref=f"answer:{question.id}",
    )


def fits(question: Question, value: Value) -> bool:
    """Whether a value of the property is among the question's narrowed choices."""
    if not question.choices:
        return True
    chosen = value if isinstance(value, tuple) else (value,)
    return all(each in question.choices for each in chosen)


class _Walk:
    def __init__(
        self,
        playbook: Playbook,
        flow: Flow,
        visit: Visit,
        answers: Mapping[str, Answer],
        skip_missing: bool,
    ) -> None:
        self.playbook, self.flow, self.visit, self.answers = playbook, flow, visit, answers
        self.skip_missing = skip_missing
        self.situation = Situation(playbook, flow, visit)
        self.asked: list[Question] = []
        self.asked_about: set[str] = set()
        self.skipped: list[str] = []
        self.budget = flow.ask_at_most
        self.settled = False
        self.dropped_by_settling = False

    def run(self) -> Path:
        ended_at, put_at = self.visit.ended_at or self.visit.now, self.visit.put_at
        for place, question in enumerate(self.flow.questions):
            self.situation.move_to(put_at.get(question.id, ended_at))
            if finish := self._finish():
                return self._path("finished", finish=finish)
            if not self._due(question):
                continue
            if self._settles(place) and not _is_contact(self.playbook, question):
                self.dropped_by_settling = True
                continue
            if not question.always and self.budget is not None:
                self.budget -= 1
            self.asked.append(question)
            self.asked_about.add(question.property)
            if not self._take(question):
                return self._path("waiting", waiting=question, place=place)
        self.situation.move_to(ended_at)
        if finish := self._finish():
            return self._path("finished", finish=finish)
        return self._path("settled" if self.dropped_by_settling else "complete")

    def _due(self, question: Question) -> bool:
        if question.property in self.asked_about:
            return False
        if question.when is not None and not question.when.closure(self.situation):
            return False
        if question.always:
            return True
        return not self.situation.profile.is_known(question.property) and self.budget != 0

    def _settles(self, place: int) -> bool:
        if self.flow.stop_when_settled and not self.settled:
            self.settled = is_settled(
                self.situation, self.flow.questions[place:], self.asked_about, self.budget
            )
        return self.settled

    def _take(self, question: Question) -> bool:
        """Count the question's answer in; False while there is none."""
        answer = self.answers.get(question.property)
        if answer is not None and answer.value is not None and fits(question, answer.value):
            fact = answer_fact(question.property, question, answer)
            if fact:
                self.situation.add(fact)
            return True
        if question.required or (answer is None and not self.skip_missing):
            return False
        if answer is not None and answer.value is not None:
            return False
        self.skipped.append(question.property)
        return True

    def _finish(self) -> FinishRule | None:
        for rule in self.flow.finish_when:
            if rule.when.closure(self.situation):
                return rule
        return None

    def _path(
        self,
        ended: Ended,
        *,
        finish: FinishRule | None = None,
        waiting: Question | None = None,
        place: int = 0,
    ) -> Path:
        answered = len(self.asked) - (1 if waiting else 0)
        progress = Progress(answered, 0, 0)
        confirming = False
        if waiting:
            progress = self._progress(answered, waiting, place)
            confirming = waiting.confirm is not None and self._guessed_here(waiting.property)
        self.situation.move_to(self.visit.now)
        return Path(
            asked=tuple(self.asked),
            skipped=tuple(self.skipped),
            set_aside=tuple(self._set_aside()),
            next=waiting,
            confirming=confirming,
            ended=ended,
            finish=finish,
            progress=progress,
            situation=self.situation,
        )

    def _progress(self, answered: int, waiting: Question, place: int) -> Progress:
        later = self.flow.questions[place + 1 :]
        if self.settled:
            later = tuple(q for q in later if _is_contact(self.playbook, q))
        left = questions_left(self.situation, waiting, later, self.asked_about, self.budget)
        return Progress(answered, *left)

    def _guessed_here(self, property_id: str) -> bool:
        """Whether the guess about a property rests on this conversation's own answers."""
        return said_here(self.situation.profile.fact(property_id))

    def _set_aside(self) -> Iterator[str]:
        in_flow = self.flow.by_property
        for property_id in (*in_flow, *(p for p in self.answers if p not in in_flow)):
            if property_id in self.answers and property_id not in self.asked_about:
                yield property_id
        waiting = self.asked[-1].property if self.asked else None
        if waiting and waiting in self.answers and not self._counts(waiting):
            yield waiting

    def _counts(self, property_id: str) -> bool:
        answer = self.answers[property_id]
        question = next(q for q in self.asked if q.property == property_id)
        return answer.value is None or fits(question, answer.value)


def _is_contact(playbook: Playbook, question: Question) -> bool:
    return playbook.properties[question.property].type in CONTACT | {Type.CONSENT}
