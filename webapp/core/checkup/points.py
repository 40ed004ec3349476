"""The points, each a function from what was tried to findings. A visitor who shows a claim proves
it (or refutes it); where none does, reasoning over all visitors must, or it stays not proved."""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from webapp.core.bounds import bounds
from webapp.core.cells import MOST, TooMany, cells, readings
from webapp.core.checkup.findings import Finding, Visitor
from webapp.core.checkup.people import AT, circumstances
from webapp.core.conditions import Condition, Known, Truth, comparisons, holds, subjects
from webapp.core.decision import Decision
from webapp.core.errors import Where
from webapp.core.flow import FinishRule, Flow, Question, Release
from webapp.core.playbook import Destination, Playbook, Text
from webapp.core.possible import Search, TooFar, World, truths
from webapp.core.rules import read_properties
from webapp.core.sentences import sentence
from webapp.core.situation import Situation, Supposing, Visit
from webapp.core.values import CONTACT

if TYPE_CHECKING:
    from webapp.core.checkup.report import Tried


def judged(release: Release, flow: Flow, decision: Decision) -> Iterator[tuple[int, Truth]]:
    """Every condition this visitor puts to the test, with its truth for them."""
    own = [q.when for q in flow.questions] + [rule.when for rule in flow.finish_when]
    for condition, _, _ in _conditions(release):
        if condition in own or not _of_a_flow(release, condition):
            yield id(condition), holds(condition, decision.situation)


def questions_reached(release: Release, tried: "Tried") -> Iterator[Finding]:
    """Point 1."""
    for flow in release.flows.values():
        for question in flow.questions:
            shown = tried.asked.get((flow.id, question.id))
            name = f"Question “{question.id}” of {flow.id}"
            if shown:
                yield Finding(1, "proved", f"{name} is asked.", question.where, Visitor(shown))
            elif question.when and True not in _possible(question.when, release, flow):
                said = sentence(question.when, release.playbook)
                why = f"{name} is never asked: “{said}” can never be true."
                yield Finding(1, "refuted", why, question.where)
            elif _crowded_out(flow, question):
                why = (
                    f"{name} is never asked of a new visitor: the questions before it use up the "
                    f"{flow.ask_at_most} that ask_at_most allows."
                )
                yield Finding(1, "refuted", why, question.where)
            elif _twice(flow, question):
                why = f"{name} is never asked: an earlier question asks the same of everybody."
                yield Finding(1, "refuted", why, question.where)
            else:
                why = f"{name} was put to none of the visitors tried."
                yield Finding(1, "not proved", why, question.where)


def conditions_tell(release: Release, tried: "Tried") -> Iterator[Finding]:
    """Point 2: no condition is always true or always false."""
    for condition, what, where in _conditions(release):
        seen = tried.truths[id(condition)]
        said = sentence(condition, release.playbook)
        if True in seen and len(seen) > 1:
            yield Finding(2, "proved", f"{what} tells visitors apart.", where)
            continue
        flow = next((f for f in release.flows.values() if _belongs(f, condition)), None)
        possible = _possible(condition, release, flow)
        if True not in possible and _quiet(condition):
            yield Finding(2, "refuted", f"{what} can never be true: “{said}”.", where)
        elif possible == {True} and _quiet(condition):
            shown = seen.get(True)
            why = f"{what} is always true: “{said}”."
            yield Finding(2, "refuted", why, where, Visitor(shown) if shown else None)
        elif True in seen:
            yield Finding(2, "not proved", f"{what} was true for everybody tried.", where)
        else:
            yield Finding(2, "not proved", f"{what} was true for nobody tried.", where)


def rules_decide(release: Release, tried: "Tried") -> Iterator[Finding]:
    """Point 2 for routes: no rule is shadowed by those before it."""
    playbook = release.playbook
    for place, rule in enumerate(playbook.routing):
        shown = tried.decided.get(rule.id)
        name = f"Routing rule “{rule.id}”"
        if shown:
            yield Finding(2, "proved", f"{name} decides.", rule.where, Visitor(shown))
            continue
        before = [each for each in playbook.routing[:place] if each.when == rule.when]
        if before:
            why = f"{name} never decides: “{before[0].id}” has the same condition and comes first."
            yield Finding(2, "refuted", why, rule.where)
        elif rule.id not in (found := _may_decide(release)) and found:
            why = f"{name} never decides: the rules before it take everybody it is true for."
            yield Finding(2, "refuted", why, rule.where)
        else:
            yield Finding(2, "not proved", f"{name} decided for none of those tried.", rule.where)


def destinations_served(release: Release) -> Iterator[Finding]:
    """Point 3: every destination that a route or an early finish names can take a visitor."""
    playbook = release.playbook
    for destination in playbook.destinations.values():
        if destination.kind == "sales" and not any(team.reps for team in playbook.teams):
            why = f"Leads sent to “{destination.id}” have nobody to go to: no team has a rep."
            yield Finding(3, "refuted", why, destination.where)
        elif destination.kind == "nurture" and not destination.track:
            why = f"Leads sent to “{destination.id}” get nothing: it names no track."
            yield Finding(3, "refuted", why, destination.where)
        else:
            yield Finding(3, "proved", f"“{destination.id}” is served.", destination.where)
    named = dict.fromkeys(rule.to for rule in playbook.routing)
    for flow in release.flows.values():
        early = [rule.to for rule in flow.finish_when if rule.to]
        for id in dict.fromkeys([*named, *early]):
            destination = playbook.destinations[id]
            if destination.kind != "review":
                yield from _ending(flow, destination, playbook)


def _ending(flow: Flow, destination: Destination, playbook: Playbook) -> Iterator[Finding]:
    text = flow.endings.get(destination.id) or flow.endings.get(destination.kind)
    if text is None:
        why = (
            f"{flow.id} has no words for visitors who end at “{destination.id}”. "
            f"Add {destination.id} (or {destination.kind}) to its endings."
        )
        yield Finding(3, "refuted", why, flow.where)
        return
    lacking = sorted(_locales(flow, playbook) - set(text.by_locale))
    if lacking and len(text.by_locale) > 1:
        why = f"The ending “{destination.id}” of {flow.id} lacks {', '.join(lacking)}."
        yield Finding(3, "refuted", why, flow.where)
    else:
        said = f"{flow.id} has words for visitors who end at “{destination.id}”."
        yield Finding(3, "proved", said, flow.where)


def _locales(flow: Flow, playbook: Playbook) -> set[str]:
    texts: list[Text] = [q.ask for q in flow.questions] + list(flow.endings.values())
    return {playbook.locale, *(locale for text in texts for locale in text.by_locale)}


def tiers_attained(release: Release, tried: "Tried") -> Iterator[Finding]:
    """Point 4."""
    playbook = release.playbook
    greatest, least = _extremes(release)
    for tier in playbook.tiers:
        shown = tried.tiers.get(tier.id)
        name = f"Tier “{tier.id}”"
        below = [t.least for t in playbook.tiers if t.least is not None]
        if shown:
            yield Finding(4, "proved", f"{name} is attained.", tier.where, Visitor(shown))
        elif tier.least is not None and greatest < tier.least:
            why = f"{name} starts at {tier.least}, and nobody can get more than {greatest} points."
            yield Finding(4, "refuted", why, tier.where)
        elif tier.least is None and below and least >= min(below):
            why = f"{name} is for those below {min(below)}, and nobody gets less than {least}."
            yield Finding(4, "refuted", why, tier.where)
        else:
            yield Finding(4, "not proved", f"{name} was attained by nobody tried.", tier.where)


def people_reachable(release: Release, tried: "Tried") -> Iterator[Finding]:
    """Point 5: whoever goes to sales can be reached, and the rep is told what to do."""
    for flow in release.flows.values():
        lost = next((c for c, d in tried.unreachable if d.flow is flow), None)
        if lost is not None:
            why = f"A visitor of {flow.id} goes to sales without a way to reach them."
            yield Finding(5, "refuted", why, flow.where, Visitor(lost))
        elif _always_asks_contact(flow, release):
            why = f"Whoever {flow.id} sends to sales has said how to reach them."
            yield Finding(5, "proved", why, flow.where)
        else:
            why = f"Nobody tried in {flow.id} went to sales without a way to reach them."
            yield Finding(5, "not proved", why, flow.where)
    guided = release.playbook.guidance.next_action
    if tried.speechless:
        shown = Visitor(tried.speechless[0][0])
        yield Finding(5, "refuted", "A lead reaches sales with no next action.", visitor=shown)
    elif guided and guided[-1].when is None:
        yield Finding(5, "proved", "Every lead has a next action.", guided[-1].where)


def nothing_read_too_early(release: Release) -> Iterator[Finding]:
    """Point 6: no question's condition reads what is asked only later, unless it says what to do
    while that is unknown."""
    playbook = release.playbook
    for flow in release.flows.values():
        early = False
        for place, question in enumerate(flow.questions):
            later = {q.property for q in flow.questions[place:]}
            later -= {q.property for q in flow.questions[:place]}
            brings = {p: {p, *playbook.dependents.get(p, ())} for p in later}
            for compare in comparisons(question.when):
                copes = any(isinstance(test, Known) for test in compare.tests)
                source = next(
                    (p for p, names in brings.items() if compare.subject.name in names), None
                )
                if compare.subject.kind != "property" or source is None or copes:
                    continue
                early = True
                why = (
                    f"Question “{question.id}” of {flow.id} depends on "
                    f"“{compare.subject.name}”, which is only asked later ({source})."
                )
                yield Finding(6, "refuted", why, compare.where)
        if not early:
            yield Finding(6, "proved", f"{flow.id} reads no answer before it is given.", flow.where)


def can_be_reached(decision: Decision) -> bool:
    return any(
        decision.situation.profile.is_known(property.id)
        for property in decision.playbook.properties.values()
        if property.type in CONTACT
    )


def _always_asks_contact(flow: Flow, release: Release) -> bool:
    """A required contact question that everybody meets, and no early way round it to sales."""
    playbook = release.playbook
    sure = any(
        playbook.properties[q.property].type in CONTACT
        and q.required
        and q.when is None
        and (q.always or flow.ask_at_most is None)
        for q in flow.questions
    )
    return sure and not any(_early_to_sales(flow, rule, release) for rule in flow.finish_when)


def _early_to_sales(flow: Flow, rule: FinishRule, release: Release) -> bool:
    """Whether somebody may leave by this rule and be routed to sales; yes where that is not
    known."""
    kinds = {id: each.kind for id, each in release.playbook.destinations.items()}
    if rule.to is not None:
        return kinds[rule.to] == "sales"
    goes_to = {each.id: each.to for each in release.playbook.routing}
    for scene in circumstances(release):
        visit = Visit(now=AT, events=scene.events, source=scene.source, spam=scene.spam)
        world = World(
            Situation(release.playbook, flow, visit), frozenset(release.playbook.properties)
        )
        try:
            rules = _deciding_where(rule.when, world, Search(release.playbook))
        except (TooFar, TooMany):
            return True
        if any(kinds[goes_to[each]] == "sales" for each in rules):
            return True
    return False


def _deciding_where(condition: Condition, world: World, search: Search) -> set[str]:
    """The rules that may decide wherever a condition is true."""
    found = truths(condition, world)
    if True not in found:
        return set()
    if found == {True}:
        return search.deciding(world, all_of_them=True)
    touched = next(world.touching(condition), None)
    if touched is None:
        raise TooFar
    return {
        each for part in world.split(touched) for each in _deciding_where(condition, part, search)
    }


def _conditions(release: Release) -> list[tuple[Condition, str, Where]]:
    playbook = release.playbook
    found: list[tuple[Condition | None, str, Where]] = [
        (rule.when, f"The condition of scoring rule “{rule.id}”", rule.where)
        for rule in playbook.rules
    ]
    found += [(g.when, f"Disqualifier “{g.id}”", g.where) for g in playbook.disqualifiers]
    found += [(c.when, f"Ideal-customer line “{c.id}”", c.where) for c in playbook.icp]
    found += [(r.when, f"The condition of route “{r.id}”", r.where) for r in playbook.routing]
    for flow in release.flows.values():
        found += [
            (q.when, f"The condition of question “{q.id}” of {flow.id}", q.where)
            for q in flow.questions
        ]
        found += [
            (r.when, f"Early finish “{r.id}” of {flow.id}", r.where) for r in flow.finish_when
        ]
    return [(when, what, where) for when, what, where in found if when is not None]


def _belongs(flow: Flow, condition: Condition) -> bool:
    own = [q.when for q in flow.questions] + [rule.when for rule in flow.finish_when]
    return any(each is condition for each in own)


def _of_a_flow(release: Release, condition: Condition) -> bool:
    return any(_belongs(flow, condition) for flow in release.flows.values())


def _quiet(condition: Condition) -> bool:
    """Whether only facts and decisions are read, so that reasoning covers every visitor."""
    known = ("property", "tier", "icp", "disqualified", "disqualifier", "score")
    return all(subject.kind in known for subject in subjects(condition))


def _possible(condition: Condition, release: Release, flow: Flow | None) -> frozenset[Truth]:
    """What a condition may be for anybody: exactly, over all joint values of the few properties it
    reads; else never too narrow."""
    read = list(dict.fromkeys(s for s in subjects(condition)))
    names = list(dict.fromkeys(s.name for s in read))
    tests = readings([condition])
    if all(s.kind == "property" for s in read):
        try:
            domains = [
                (None, *cells(release.playbook.properties[name], tests[name])) for name in names
            ]
        except TooMany:
            domains = []
        if domains and prod(map(len, domains)) <= MOST:
            situation = Situation(release.playbook, flow, Visit(now=AT))
            return frozenset(
                holds(condition, Supposing(situation, dict(zip(names, joint, strict=True))))
                for joint in product(*domains)
            )
    return truths(condition, _anybody(release, flow))


def _anybody(release: Release, flow: Flow | None) -> World:
    """A visitor of whom anything may be known."""
    situation = Situation(release.playbook, flow, Visit(now=AT))
    return World(situation, frozenset(release.playbook.properties))


def _may_decide(release: Release) -> set[str]:
    """Every routing rule that may decide for somebody; empty where that cannot be told."""
    found: set[str] = set()
    for flow in release.flows.values():
        for scene in circumstances(release):
            visit = Visit(now=AT, events=scene.events, source=scene.source, spam=scene.spam)
            situation = Situation(release.playbook, flow, visit)
            world = World(situation, frozenset(release.playbook.properties))
            try:
                found |= Search(release.playbook).deciding(world, all_of_them=True)
            except (TooFar, TooMany):
                return set()
    return found


def _extremes(release: Release) -> tuple[int, int]:
    """The greatest and least totals over all facts, with every signal and with none."""
    highs, lows = [], []
    for scene in circumstances(release):
        visit = Visit(now=AT, events=scene.events, source=scene.source, spam=scene.spam)
        span = bounds(Situation(release.playbook, None, visit), read_properties(release.playbook))
        highs.append(span.high)
        lows.append(span.low)
    unlimited = sum(
        rule.points * 1000
        for rule in release.playbook.rules
        if rule.signal and rule.each and rule.at_most is None and rule.points > 0
    )
    return max(highs) + unlimited, min(lows) - unlimited


def _crowded_out(flow: Flow, question: Question) -> bool:
    if question.always or flow.ask_at_most is None:
        return False
    place = flow.questions.index(question)
    sure = [q for q in flow.questions[:place] if q.when is None and not q.always]
    return len({q.property for q in sure}) >= flow.ask_at_most


def _twice(flow: Flow, question: Question) -> bool:
    place = flow.questions.index(question)
    return any(q.property == question.property and q.when is None for q in flow.questions[:place])
