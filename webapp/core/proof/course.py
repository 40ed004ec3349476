"""What happens on the way through a flow: things are chosen, and questions have their turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.core.flow import Question
from webapp.core.proof.formulas import TRUE, Formulas, bits
from webapp.core.proof.translate import Translator


@dataclass
class Event:
    """A variable is chosen, or a question's turn has come. ``variable`` -1: it all begins.

    ``first`` says that the variable is chosen here, ``last`` that nothing changes it any more,
    ``checks`` that an early end may come true here. ``glimpse`` chooses only what the early ends
    see of the variable; the rest follows when its turn comes. ``when`` is the question's condition.
    """

    variable: int
    question: Question | None = None
    first: bool = False
    last: bool = False
    checks: bool = False
    glimpse: bool = False
    when: int = TRUE


class Course:
    """The events of one flow, and the formulas its path depends on.

    ``ahead`` are variables to choose before the first question though the path does not need it.
    """

    def __init__(self, translator: Translator, ahead: Sequence[int] = ()) -> None:
        self.universe = translator.universe
        self.formulas: Formulas = translator.formulas
        self.flow = self.universe.flow
        self.whens = [translator.true(question.when) for question in self.flow.questions]
        self.finishes = [translator.true(rule.when) for rule in self.flow.finish_when]
        self.finish_reads = 0
        for formula in self.finishes:
            self.finish_reads |= self.formulas.reads[formula]
        self.ahead = ahead
        self._held: dict[tuple[int, tuple[int, ...]], bool] = {}
        self._ends: dict[tuple[int, ...], int] = {}
        self._asked = {self.universe.of_property[q.property] for q in self.flow.questions}
        self.events = self._events()

    def holds(self, formula: int, env: Mapping[int, int]) -> bool:
        """Whether a formula is true of visitors with these options."""
        if formula < 2:
            return formula == TRUE
        reads = self.formulas.variables(formula)
        key = (formula, tuple([env[variable] for variable in reads]))
        found = self._held.get(key)
        if found is None:
            left = formula
            for variable in reads:
                left = self.formulas.under(left, variable, env[variable])
            found = self._held[key] = left == TRUE
        return found

    def ended(self, env: Mapping[int, int]) -> int:
        """The first early end that is true of them, or -1."""
        key = tuple([env[variable] for variable in bits(self.finish_reads)])
        found = self._ends.get(key)
        if found is None:
            true = (n for n, formula in enumerate(self.finishes) if self.holds(formula, env))
            found = self._ends[key] = next(true, -1)
        return found

    def _events(self) -> list[Event]:
        events = self._in_order(self._at_start())
        last = {event.variable: event for event in events if event.variable >= 0}
        for event in last.values():
            event.last = True
        return events

    def _at_start(self) -> Sequence[int]:
        """What an early end looks at before the first question; visits before what was seen."""
        path_reads = self.finish_reads
        for formula in self.whens:
            path_reads |= self.formulas.reads[formula]
        found = list(dict.fromkeys((*self.ahead, *bits(self.finish_reads))))
        visits = self.universe.visits
        early = {*found, *bits(path_reads)}
        if visits is not None and not early.isdisjoint(self.universe.seen):
            found = [visits, *(n for n in found if n != visits)]
        return found

    def _in_order(self, at_start: Sequence[int]) -> list[Event]:
        # Chosen in full before the first question, a few such variables would multiply all paths.
        glimpsed = {n for n in at_start if n in self._asked and n not in self.ahead}
        events = [Event(n, first=True, glimpse=n in glimpsed) for n in at_start]
        chosen = set(at_start) - glimpsed
        events.append(Event(-1, checks=bool(self.finishes)))
        for question, formula in zip(self.flow.questions, self.whens, strict=True):
            own = self.universe.of_property[question.property]
            for variable in bits(self.formulas.reads[formula]):
                if variable != own and variable not in chosen:
                    chosen.add(variable)
                    events.append(Event(variable, first=True))
            checks = bool(self.finish_reads >> own & 1)
            events.append(Event(own, question, own not in chosen, checks=checks, when=formula))
            chosen.add(own)
        return events
