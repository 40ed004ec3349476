"""What must be true of every score, whatever the playbook and the visitor."""

from itertools import product

from hypothesis import given, settings

from tests.core.invented import NOW, PROPERTIES, VALUES, playbooks, visits
from webapp.core.bounds import bounds
from webapp.core.facts import Certainty, Fact
from webapp.core.playbook import Playbook
from webapp.core.rules import read_properties, totals
from webapp.core.scoring import score
from webapp.core.situation import Situation, Supposing, Visit


@given(playbooks(), visits)
def test_the_lines_add_up_to_the_total_and_to_its_parts(playbook: Playbook, visit: Visit) -> None:
    found = score(Situation(playbook, None, visit))

    assert sum(line.points for line in found.lines) == found.total == found.fit + found.intent
    for category in ("fit", "intent"):
        own = [line.points for line in found.lines if line.category == category]
        assert sum(own) == getattr(found, category)
    assert found.known + found.inferred == found.total
    assert found.low <= found.total <= found.high


@given(playbooks(), visits)
def test_a_score_does_not_depend_on_the_order_facts_and_events_came_in(
    playbook: Playbook, visit: Visit
) -> None:
    turned = Visit(now=visit.now, facts=visit.facts[::-1], events=visit.events[::-1])
    unique = {(f.property, f.certainty, f.at, f.order) for f in visit.facts}
    if len(unique) < len(visit.facts):
        return

    one, other = score(Situation(playbook, None, visit)), score(Situation(playbook, None, turned))

    assert [(x.rule, x.points, x.status) for x in one.lines] == [
        (x.rule, x.points, x.status) for x in other.lines
    ]


@settings(max_examples=150, deadline=None)
@given(playbooks(), visits)
def test_low_and_high_are_exactly_what_brute_force_finds(playbook: Playbook, visit: Visit) -> None:
    situation = Situation(playbook, None, visit)
    unknown = [p for p in read_properties(playbook) if situation.profile.fact(p) is None]
    domains = [(None, *VALUES[name]) for name in unknown]

    found = bounds(situation)
    every = [
        totals(playbook, Supposing(situation, dict(zip(unknown, joint, strict=True))), situation)
        for joint in product(*domains)
    ]

    assert (found.low, found.high) == (
        min(each["total"] for each in every),
        max(each["total"] for each in every),
    )


@given(playbooks(), visits)
def test_an_inferred_fact_never_moves_the_known_part(playbook: Playbook, visit: Visit) -> None:
    guess = Fact("goal", "grow", Certainty.inferred, "guess", NOW)
    before = score(Situation(playbook, None, visit))
    with_guess = Visit(now=visit.now, facts=(*visit.facts, guess), events=visit.events)

    after = score(Situation(playbook, None, with_guess))

    fires_on_ignorance = any(line.status == "known" for line in before.lines)
    assert after.known == before.known or fires_on_ignorance


def test_the_invented_values_cover_every_property_that_is_asked() -> None:
    assert set(VALUES) == {p.id for p in PROPERTIES.values() if not p.built_in}
