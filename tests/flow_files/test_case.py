"""Reading cases: what is known, what happens, what is answered and what is expected."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.flow_files.small import case, flow, release
from webapp.core.errors import FlowError
from webapp.core.expectations import Range
from webapp.core.facts import Certainty
from webapp.core.values import Money
from webapp.flow_files import load_case, read_case

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
DEMO = flow(
    finish_when="[{id: early, when: {role: other}}]",
    questions="[{property: role, id: job, ask: Role?}, {property: size, ask: Size?, "
    "required: false}, {property: email, ask: E-mail?}]",
)


def read(**changes):
    return load_case(case(**changes), "ana.yaml", release(demo=DEMO))


def refused(**changes) -> str:
    with pytest.raises(FlowError) as refusal:
        read(**changes)
    return str(refusal.value)


def test_a_case_needs_a_flow_and_an_instant_and_nothing_else():
    """Rule A83."""
    found = read()
    assert (found.flow, found.at) == ("demo", AT)
    assert (found.facts, found.events, found.answers, found.source) == ((), (), {}, {})
    assert (found.spam, found.locale, found.dated_known, found.expect) == (False, None, False, {})


def test_facts_are_stated_or_inferred_and_as_fresh_as_the_case():
    """Rule H19."""
    found = read(known="{role: chief, seats: 12}", inferred="{country: de}")
    assert [(f.property, f.value, f.certainty, f.at, f.order) for f in found.facts] == [
        ("role", "chief", Certainty.stated, AT, 0),
        ("seats", Decimal(12), Certainty.stated, AT, 1),
        ("country", "DE", Certainty.inferred, AT, 2),
    ]
    assert not found.dated_known


def test_a_fact_may_say_when_it_was_learnt_and_how_surely():
    """Rules H19 and A38."""
    found = read(
        known="{role: {value: lead, at: 2026-01-01T00:00:00+01:00}, "
        "tools: {value: [mail, crm], certainty: confirmed}}",
        inferred="{size: {value: m, certainty: enriched}}",
    )
    role, tools, size = found.facts
    assert role.at == AT.replace(year=2025, month=12, day=31, hour=23)
    assert (tools.value, tools.certainty) == (("crm", "mail"), Certainty.confirmed)
    assert size.certainty is Certainty.enriched
    assert found.dated_known
    assert found.returning


def test_events_are_page_views_unless_they_say_otherwise():
    """Rule A41."""
    found = read(
        events="[{page: /pricing, at: 2026-11-19T09:00:00Z}, "
        "{event: visit, utm_medium: email, id: e1, at: 2026-11-19T09:00:00Z}]"
    )
    assert [(e.event, e.page, e.utm_medium, e.id) for e in found.events] == [
        ("page_view", "/pricing", None, None),
        ("visit", None, "email", "e1"),
    ]


def test_answers_are_values_of_their_properties():
    """Rules A2 and A77."""
    found = read(
        answers="{role: lead, tools: [ads, crm, ads], seats: '1,000', budget: 10000 EUR, "
        "agreed: true, email: ana@nordwind.example, title: no}"
    )
    assert found.answers == {
        "role": "lead",
        "tools": ("crm", "ads"),
        "seats": Decimal(1000),
        "budget": Money(Decimal(10000), "EUR"),
        "agreed": "yes",
        "email": "ana@nordwind.example",
        "title": "no",
    }


def test_one_choice_is_a_list_of_one():
    """Rule A77."""
    assert read(answers="{tools: crm}").answers == {"tools": ("crm",)}


def test_a_blank_answer_is_no_answer():
    """Rule A24."""
    assert read(answers="{title: '  ', tools: [], role: lead}").answers == {"role": "lead"}


def test_the_file_tells_where_the_case_stands(tmp_path):
    path = tmp_path / "ana.yaml"
    path.write_text(case())
    assert read_case(path, release()).file == str(path)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"flow": None}, "`flow` is missing."),
        ({"at": None}, "`at` is missing."),
        ({"flow": "dmeo"}, "There is no flow `dmeo`. Did you mean `demo`?"),
        ({"at": "2026-11-20"}, "`2026-11-20` is not an instant."),
        ({"at": "2026-11-20T10:00:00"}, "is not an instant."),
        ({"at": "2026-11-20T24:00:00Z"}, "is not an instant."),
        ({"at": "2026-11-20T10:60:00Z"}, "is not an instant."),
        ({"at": "2026-02-30T10:00:00Z"}, "is not an instant."),
        ({"at": "0001-01-01T00:00:00+14:00"}, "is not an instant."),
        ({"at": "0001-01-01T00:00:00Z"}, "is not an instant."),
        ({"at": "9999-12-31T23:59:59Z"}, "is not an instant."),
        ({"at": "2026-W47-5T10:00:00Z"}, "is not an instant."),
        ({"known": "{role: }"}, "`role` is empty."),
        ({"known": "{rolle: lead}"}, "There is no property `rolle`. Did you mean `role`?"),
        ({"known": "{role: leader}"}, "`role` has no choice `leader`. Did you mean `lead`?"),
        ({"known": "{role: {at: 2026-01-01T00:00:00Z}}"}, "`value` is missing."),
        ({"known": "{role: {value: lead, certainty: sure}}"}, "`sure` cannot stand here."),
        ({"known": "[role]"}, "A mapping is expected here, not a list."),
        ({"answers": "[role]"}, "A mapping is expected here, not a list."),
        ({"answers": "{role: [lead, other]}"}, "Text is expected here, not a list."),
        ({"answers": "{role: boss}"}, "`role` has no choice `boss`."),
        ({"answers": "{rolle: lead}"}, "There is no property `rolle`."),
        ({"answers": "{email: ana}"}, "`ana` is not a value of `email`. Enter an email address"),
        ({"answers": "{seats: .inf}"}, "`.inf` is not a value of `seats`."),
        ({"answers": "{budget: 10000}"}, "`10000` is not a value of `budget`."),
        ({"events": "[{at: 2026-11-19T09:00:00Z}]"}, "says neither what nor where"),
        ({"events": "[{page: /}]"}, "`at` is missing."),
        ({"events": "[{page: /, at: 2026-11-19T09:00:00Z, pge: /}]"}, "Did you mean `page`?"),
        ({"source": "{utm_term: x}"}, "`utm_term` cannot stand here."),
        ({"spam": "perhaps"}, "`perhaps` is neither yes nor no."),
        ({"answer": "{}"}, "`answer` is empty."),
        ({"answer": "{role: lead}"}, "Did you mean `answers`?"),
        ({"expect": "{rout: sales}"}, "Did you mean `route`?"),
        ({"expect": "{route: sells}"}, "There is no destination `sells`."),
        ({"expect": "{rule: warm}"}, "There is no rule `warm`."),
        ({"expect": "{tier: warm}"}, "There is no tier `warm`."),
        ({"expect": "{icp: maybe}"}, "`maybe` cannot stand here."),
        ({"expect": "{ended: early}"}, "`early` cannot stand here."),
        ({"expect": "{asked: [jobs]}"}, "There is no question of this flow `jobs`."),
        ({"expect": "{asked: []}"}, "The list is empty."),
        ({"expect": "{score: high}"}, "`high` is not a whole number."),
        ({"expect": "{score: {at_least: 9, at_most: 3}}"}, "`at_least` is greater"),
        ({"expect": "{score: {total: 9, sum: 3}}"}, "`sum` is not a key of the expected score."),
        ({"expect": "{score: {tot: 9}}"}, "Did you mean `total`?"),
        ({"expect": "{score: {at_lest: 9}}"}, "Did you mean `at_least`?"),
        ({"expect": "{disqualifiers: {student: clear}}"}, "no disqualifier `student`."),
        ({"expect": "{disqualifiers: {too_small: no}}"}, "`no` cannot stand here."),
    ],
)
def test_a_case_that_makes_no_sense_is_refused(changes, says):
    """Rules A3, A5, A73, A78 and A83."""
    assert says in refused(**changes)


def test_every_problem_of_a_case_is_reported_at_once():
    found = refused(flow="dmeo", at="now", answers="{role: boss}").splitlines()
    assert [each.split(": ")[0] for each in found] == [
        "ana.yaml:1:7",
        "ana.yaml:2:5",
        "ana.yaml:3:17",
    ]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("{route: sales, rule: hot}", {"route": "sales", "rule": "hot"}),
        ("{rule: early}", {"rule": "early"}),
        ("{score: 12}", {"score": {"total": Range(12, 12)}}),
        ("{score: {at_least: 60}}", {"score": {"total": Range(60, None)}}),
        (
            "{score: {fit: -3, high: {at_most: 9}}}",
            {"score": {"fit": Range(-3, -3), "high": Range(None, 9)}},
        ),
        ("{asked: job}", {"asked": ("job",)}),
        (
            "{asked_exactly: [role, size], skipped: []}",
            {"asked_exactly": ("role", "size"), "skipped": ()},
        ),
        ("{tier_settled: true, icp: yes}", {"tier_settled": True, "icp": "yes"}),
        ("{disqualifiers: {too_small: unknown}}", {"disqualifiers": {"too_small": "unknown"}}),
        ("{ended: waiting, waiting_for: email}", {"ended": "waiting", "waiting_for": "email"}),
    ],
)
def test_what_is_expected_has_many_forms(written, read_as):
    """Rule A65."""
    assert read(expect=written).expect == read_as


def test_an_old_event_makes_a_visitor_a_returning_one():
    """Rule A38."""
    event = "[{{page: /, at: {}}}]"
    half_hour_ago = (AT - timedelta(minutes=30)).isoformat()
    just_now = (AT - timedelta(minutes=29)).isoformat()
    assert read(events=event.format(half_hour_ago)).returning
    assert not read(events=event.format(just_now)).returning


def test_what_is_learnt_later_makes_nobody_a_returning_visitor():
    """Rules A18 and A38."""
    learnt = "{{role: {{value: lead, at: {}}}}}"
    later = (AT + timedelta(seconds=1)).isoformat()
    assert read(known=learnt.format(AT.isoformat())).returning
    assert not read(known=learnt.format(later)).returning
