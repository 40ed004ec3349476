"""Point 2: no condition is always true or always false, and no routing rule is shadowed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from webapp.core.conditions import Compare, Condition, comparisons
from webapp.core.errors import NOWHERE, Where
from webapp.core.flow import FinishRule, Question
from webapp.core.playbook import Advice, Criterion, Disqualifier, Playbook, RoutingRule, ScoringRule
from webapp.core.proof.formulas import IS_TRUE, NOT_TRUE, Accepted
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.points.reached import not_asked, shown_asked
from webapp.core.proof.report import Finding
from webapp.core.proof.solve import somebody
from webapp.core.proof.survey import Survey, is_early
from webapp.core.proof.told import Remedy
from webapp.core.proof.witness import Shown
from webapp.core.sentences import sentence

POINT = 2

Conditioned = ScoringRule | Disqualifier | Criterion | RoutingRule


@dataclass(frozen=True)
class Owner:
    """Something of the playbook that has a condition, and what it means if that never changes.

    Not ``whole`` is a part of a condition."""

    when: Condition
    where: Where
    name: str
    never: str
    always: str
    whole: bool = True


def check(inquiry: Inquiry) -> Iterator[Finding]:
    for survey in inquiry.surveys(fresh=False):
        for question in survey.flow.questions:
            if question.when is not None:
                yield from _question(inquiry, survey, question)
        for rule in survey.flow.finish_when:
            yield from _finish(inquiry, survey, rule)
    yield from _routing(inquiry)
    for owner in _owners(inquiry):
        inquiry.tick()
        yield from _owner(inquiry, owner)


# Questions and early ends are judged when their turn comes


def _question(inquiry: Inquiry, survey: Survey, question: Question) -> Iterator[Finding]:
    place = survey.place_of(question)
    layer = survey.graph.layers[place]
    seen = {
        edge.when
        for node, edges in zip(layer.nodes, layer.edges, strict=True)
        if not node.finished
        for edge in edges
    }
    if len(seen) == 2 or not seen:
        return
    asks = sentence(question.when, survey.release.playbook)
    remedy: Remedy = "always" if True in seen else "remove"
    if True in seen:
        shown = shown_asked(inquiry, survey, question)
        what = (
            f"The condition of “{question.ask}” makes no difference: when its turn comes, "
            f"“{asks}” is true of everybody."
        )
    else:
        shown = not_asked(inquiry, survey, question)
        what = (
            f"The condition of “{question.ask}” can never be met: when its turn comes, “{asks}” "
            f"is true of nobody."
        )
    yield _refuted(question.where, what, shown, survey.flow.id, remedy)


def _finish(inquiry: Inquiry, survey: Survey, rule: FinishRule) -> Iterator[Finding]:
    if survey.ends_early(rule):
        place = survey.flow.finish_when.index(rule)
        if all(node.finished == place + 1 for node in survey.graph.layers[-1].nodes):
            shown = inquiry.anybody_met(lambda d: d.path.finish == rule, survey.flow.id)
            what = f"Every conversation is ended early by `{rule.id}`."
            yield _refuted(rule.where, what, shown, survey.flow.id)
        return
    ends = sentence(rule.when, survey.release.playbook)
    what = f"`{rule.id}` never ends a conversation: nobody meets “{ends}” before it is over."
    traces = survey.traces_through(0, lambda _: True)
    graph = survey.asking_on.graph
    shown = inquiry.confirm(graph, traces, lambda d: d.path.finish != rule)
    yield _refuted(rule.where, what, shown, survey.flow.id, "remove")


def _refuted(
    where: Where,
    what: str,
    shown: Shown | None,
    flow: str | None = None,
    remedy: Remedy | None = None,
) -> Finding:
    if shown is None:
        return Finding(POINT, "not proved", where, what, flow)
    return Finding(POINT, "refuted", where, what, shown.visitor.flow, shown.visitor, remedy)


# Routing rules are shadowed where others always come first


def _routing(inquiry: Inquiry) -> Iterator[Finding]:
    rules = inquiry.release.playbook.routing
    deciding: dict[str, list[Survey]] = {}
    for survey in inquiry.surveys(fresh=False):
        for outcome in survey.outcomes:
            if not outcome.early:
                deciding.setdefault(outcome.rule, []).append(survey)
    for place, rule in enumerate(rules):
        if rule.id in deciding:
            if not _decides(inquiry, rule, deciding[rule.id]):
                yield Finding(
                    POINT, "not proved", rule.where, f"No visitor was found for `{rule.id}`."
                )
        elif not inquiry.complete:
            what = f"It is not known whether `{rule.id}` ever decides: {_gaps(inquiry)}"
            yield Finding(POINT, "not proved", rule.where, what)
        elif rule.when is not None:
            yield from _shadowed(inquiry, rule)
        else:
            before = [f"`{each.id}`" for each in rules[:place] if each.id in deciding]
            last = before[-1] if before else "an early end"
            what = f"Nobody is left for the last rule `{rule.id}`: {last} takes the last of them."
            yield Finding(POINT, "note", rule.where, what)


def _decides(inquiry: Inquiry, rule: RoutingRule, surveys: list[Survey]) -> bool:
    for survey in surveys:
        for outcome in survey.outcomes:
            if outcome.rule == rule.id and not outcome.early and inquiry.shown(survey, outcome):
                return True
    return False


def _shadowed(inquiry: Inquiry, rule: RoutingRule) -> Iterator[Finding]:
    assert rule.when is not None
    answer = somebody(inquiry, rule.when, IS_TRUE)
    if answer.nobody:
        return  # said of the condition itself
    if answer.shown is None:
        what = f"`{rule.id}` never decides, and no visitor was found who meets its condition."
        yield Finding(POINT, "not proved", rule.where, what)
        return
    closes = rule.when.closure
    simple = inquiry.simplest(answer.shown, lambda d: closes(d.situation) is True)
    decision = simple.decision
    before = {
        (is_early(shown.decision), shown.decision.route.rule)
        for shown in (answer.shown, *_others(inquiry, rule))
    }
    names = " and ".join(_in_order(inquiry, before))
    what = (
        f"Routing rule `{rule.id}` never decides: everybody it would send to "
        f"{_destination(inquiry, rule.to)} is taken by {names} before. This visitor ends at "
        f"{_destination(inquiry, decision.route.to)}."
    )
    visitor = simple.visitor
    yield Finding(POINT, "refuted", rule.where, what, visitor.flow, visitor, "remove")


def _others(inquiry: Inquiry, rule: RoutingRule) -> Iterator[Shown]:
    for shown in (each for met in inquiry.met.values() for each in met):
        if dict(shown.decision.route.trace).get(rule.id) is True:
            yield shown


def _in_order(inquiry: Inquiry, deciding: set[tuple[bool, str]]) -> list[str]:
    """Early ends come before any rule, and may be called like one."""
    order = [rule.id for rule in inquiry.release.playbook.routing]
    early = sorted(id for early_end, id in deciding if early_end)
    rules = sorted((id for early_end, id in deciding if not early_end), key=order.index)
    return [*(f"the early end `{id}`" for id in early), *(f"`{id}`" for id in rules)]


def _destination(inquiry: Inquiry, id: str) -> str:
    found = inquiry.release.playbook.destinations.get(id)
    return f"“{found.label}”" if found and found.label else f"`{id}`"


def _gaps(inquiry: Inquiry) -> str:
    return " ".join(f"{flow}: {why}" for flow, why in inquiry.unsurveyed.items())


# Everything else in the playbook is judged at the end, over all flows together


JUDGED: Sequence[tuple[str, str, str, Callable[[Playbook], Sequence[Conditioned]]]] = (
    (
        "Scoring rule `{}`",
        "can never bring its points",
        "brings its points to everybody, so it tells nobody apart",
        lambda playbook: playbook.rules,
    ),
    (
        "Disqualifier `{}`",
        "can never be tripped",
        "is tripped for everybody",
        lambda playbook: playbook.disqualifiers,
    ),
    (
        "Criterion `{}` of the ideal customer",
        "can never be met",
        "is met by everybody",
        lambda playbook: playbook.icp,
    ),
    (
        "Routing rule `{}`",
        "can never be true",
        "is true of everybody, so nothing after it matters",
        lambda playbook: playbook.routing,
    ),
)
"""What has a name and a condition, and what it means if that is never or always true."""


def _owners(inquiry: Inquiry) -> Iterator[Owner]:
    playbook = inquiry.release.playbook
    for name, never, always, members in JUDGED:
        for each in members(playbook):
            if each.when is not None:
                yield Owner(each.when, each.where, name.format(each.id), never, always)
    for team in playbook.teams:
        if team.covers is not None:
            yield Owner(
                team.covers,
                team.where,
                f"Team `{team.id}`",
                "can never cover a lead",
                "covers everybody, so the teams after it get nothing",
            )
    guidance = playbook.guidance
    for advice in (*guidance.next_action, *guidance.talking_points, *guidance.red_flags):
        if advice.when is not None:
            yield _advice(advice, advice.when)


def _advice(advice: Advice, when: Condition) -> Owner:
    words = str(advice.say)
    short = words if len(words) <= 50 else words[:50].rsplit(" ", 1)[0] + " …"
    return Owner(when, advice.where, f"“{short}”", "is never said", "is said of everybody")


def _owner(inquiry: Inquiry, owner: Owner) -> Iterator[Finding]:
    playbook = inquiry.release.playbook
    found = list(_constant(inquiry, owner, owner.when, owner.where))
    yield from found
    if found or isinstance(owner.when, Compare):
        return
    for part in dict.fromkeys(comparisons(owner.when)):
        said = sentence(part, playbook)
        inner = Owner(
            part,
            part.where if part.where != NOWHERE else owner.where,
            owner.name,
            f"has a part that is never true: “{said}”",
            f"has a part that is always true: “{said}”",
            whole=False,
        )
        yield from _constant(inquiry, inner, part, inner.where)


def _constant(inquiry: Inquiry, owner: Owner, when: Condition, where: Where) -> Iterator[Finding]:
    meets = somebody(inquiry, when, IS_TRUE)
    fails = somebody(inquiry, when, NOT_TRUE)
    if meets.nobody and fails.shown is not None:
        said = sentence(when, inquiry.release.playbook)
        what = f"{owner.name} {owner.never}"
        what += "." if said in owner.never else f": “{said}” is true of nobody."
        remedy: Remedy | None = "remove" if owner.whole else None
        yield _refuted(where, what, _simple(inquiry, fails.shown, when, NOT_TRUE), remedy=remedy)
    elif fails.nobody and meets.shown is not None:
        shown = _simple(inquiry, meets.shown, when, IS_TRUE)
        yield _refuted(where, f"{owner.name} {owner.always}.", shown)
    elif meets.shown is None or fails.shown is None:
        missing = "meets" if meets.shown is None else "does not meet"
        said = sentence(when, inquiry.release.playbook)
        what = f"{owner.name}: no visitor was found who {missing} “{said}”."
        yield Finding(POINT, "not proved", where, what)


def _simple(inquiry: Inquiry, shown: Shown, when: Condition, accepted: Accepted) -> Shown:
    return inquiry.simplest(shown, lambda d: when.closure(d.situation) in accepted)
