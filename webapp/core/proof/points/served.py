"""Point 3: every visitor gets exactly one route, to a destination that exists and is served."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

from webapp.core.conditions import holds
from webapp.core.decision import Decision
from webapp.core.errors import NOWHERE, Where
from webapp.core.flow import Flow
from webapp.core.playbook import Destination, Playbook, Team, Text
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.report import Finding
from webapp.core.proof.survey import Outcome, Survey

POINT = 3


def check(inquiry: Inquiry) -> Iterator[Finding]:
    playbook = inquiry.release.playbook
    if not playbook.routing or playbook.routing[-1].when is not None:
        where = playbook.routing[-1].where if playbook.routing else NOWHERE
        yield Finding(
            POINT, "not proved", where, "The last routing rule has a condition: some fall through."
        )
    for survey in inquiry.surveys(fresh=False):
        by_destination: dict[str, list[Outcome]] = {}
        for outcome in survey.outcomes:
            by_destination.setdefault(outcome.to, []).append(outcome)
        for id, outcomes in by_destination.items():
            for where, what in _lacks(playbook, survey.flow, id):
                yield _found(inquiry, survey, outcomes, where, what)
        yield from _teams(inquiry, survey)


def _lacks(playbook: Playbook, flow: Flow, id: str) -> Iterator[tuple[Where, str]]:
    """What a destination that somebody reaches from a flow still needs."""
    destination = playbook.destinations.get(id)
    if destination is None:
        yield flow.where, f"There is no destination `{id}`, and visitors are sent there."
        return
    name = f"“{destination.label}”" if destination.label else f"`{id}`"
    if destination.kind == "sales" and not playbook.teams:
        yield destination.where, f"{name} gets leads, and there is no team to take them."
    if destination.kind == "nurture" and not destination.track:
        yield destination.where, f"{name} gets leads, and names no track to put them on."
    if destination.kind != "review":
        for what in _ending_lacks(flow, destination):
            where = flow.where if flow.endings_at == NOWHERE else flow.endings_at
            yield where, f"Visitors of this flow end at {name}, and {what}"


def _ending_lacks(flow: Flow, destination: Destination) -> Iterator[str]:
    ending = flow.endings.get(destination.id) or flow.endings.get(destination.kind)
    if ending is None:
        yield f"there are no words to say goodbye: add `{destination.id}` to `endings`."
    elif not ending.plain:
        missing = [each for each in locales(flow) if each not in ending.by_locale]
        if missing:
            yield f"its ending is not written in {', '.join(missing)}."


def locales(flow: Flow) -> list[str]:
    """The languages a flow's texts are written in. A plain text serves all and names none."""
    found: dict[str, None] = {}
    for text in _texts(flow):
        if not text.plain:
            found |= dict.fromkeys(text.by_locale)
    return sorted(found)


def _texts(flow: Flow) -> Iterator[Text]:
    yield flow.title
    asked = ((q.ask, q.help, q.confirm) for q in flow.questions)
    yield from (t for t in (flow.greeting, *flow.endings.values(), *chain(*asked)) if t)


def _teams(inquiry: Inquiry, survey: Survey) -> Iterator[Finding]:
    """A team that may have to take a lead needs somebody in it."""
    playbook = inquiry.release.playbook
    to_sales = [o for o in survey.outcomes if _is_sales(playbook, o)]
    for team in playbook.teams:
        if team.reps or not to_sales:
            continue
        what = f"Team `{team.id}` takes leads, and has no rep."
        shown = inquiry.anybody_met(partial(_takes, team), survey.flow.id)
        if shown is None:
            yield Finding(POINT, "not proved", team.where, what, survey.flow.id)
        else:
            visitor = shown.visitor
            yield Finding(POINT, "refuted", team.where, what, survey.flow.id, visitor)


def _is_sales(playbook: Playbook, outcome: Outcome) -> bool:
    found = playbook.destinations.get(outcome.to)
    return found is not None and found.kind == "sales"


def _takes(team: Team, decision: Decision) -> bool:
    teams = decision.playbook.teams
    first = next((t for t in teams if holds(t.covers, decision.situation) is True), teams[-1])
    destination = decision.playbook.destinations.get(decision.route.to)
    return first is team and destination is not None and destination.kind == "sales"


def _ends_at(to: str, decision: Decision) -> bool:
    return decision.route.to == to


def _found(
    inquiry: Inquiry, survey: Survey, outcomes: list[Outcome], where: Where, what: str
) -> Finding:
    for outcome in outcomes:
        shown = inquiry.shown(survey, outcome)
        if shown is not None:
            shown = inquiry.simplest(shown, partial(_ends_at, outcome.to))
            return Finding(POINT, "refuted", where, what, survey.flow.id, shown.visitor)
    return Finding(POINT, "not proved", where, what, survey.flow.id)
