"""Reading ``when``: which names may be read where, and which tests fit what."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.flow_files.small import (
    check,
    flow,
    playbook,
    problems,
    properties,
    read_when,
    refused_when,
    release,
)
from webapp.core.conditions import (
    All,
    Any,
    AtLeast,
    AtMost,
    Compare,
    Includes,
    Is,
    IsNot,
    Known,
    Mentions,
    Nothing,
)
from webapp.core.values import Money


@pytest.mark.parametrize(
    ("condition", "tests"),
    [
        ("{role: chief}", [Is(("chief",))]),
        ("{role: [chief, lead]}", [Is(("chief", "lead"))]),
        ("{role: {not: [other]}}", [IsNot(("other",))]),
        ("{role: {not: other, known: true}}", [IsNot(("other",)), Known(known=True)]),
        (
            "{size: {at_least: m, at_most: l}}",
            [AtLeast("m", ("s", "m", "l")), AtMost("l", ("s", "m", "l"))],
        ),
        ("{tools: crm}", [Is(("crm",))]),
        ("{tools: {includes: [crm, ads]}}", [Includes(("crm", "ads"))]),
        ('{title: {mentions: [vp, "move off"]}}', [Mentions(("vp", "move off"))]),
        ("{title: 050}", [Is(("050",))]),
        ("{seats: {at_least: 2.50}}", [AtLeast(Decimal("2.5"))]),
        ("{seats: 10.0}", [Is((Decimal(10),))]),
        ("{budget: {at_most: 10000 EUR}}", [AtMost(Money(Decimal(10000), "EUR"))]),
        ("{start: {at_least: 2027-01-31}}", [AtLeast(date(2027, 1, 31))]),
        ("{country: [NO, de]}", [Is(("NO", "DE"))]),
        ("{agreed: true}", [Is(("yes",))]),
        ("{agreed: no}", [Is(("no",))]),
        ("{signals.pricing: 2}", [Is((Decimal(2),))]),
        ("{signals.visit: {at_most: 1}}", [AtMost(Decimal(1))]),
        ("{signals.pricing: {within: 7d}}", [AtLeast(Decimal(1))]),
        ("{source.utm_source: {mentions: ads}}", [Mentions(("ads",))]),
        ("{flow.intent: demo_request}", [Is(("demo_request",))]),
        ("{flow.intent: {known: false}}", [Known(known=False)]),
        ("{email_domain: {mentions: edu}}", [Mentions(("edu",))]),
        ("{email_kind: [free, role]}", [Is(("free", "role"))]),
        ("{spam: true}", [Is(("yes",))]),
        ("{returning: no}", [Is(("no",))]),
        ("{locale: de}", [Is(("de",))]),
    ],
)
def test_every_form_of_a_comparison_is_read(condition, tests):
    found = read_when(condition)
    assert isinstance(found, Compare)
    assert list(found.tests) == tests


def test_within_narrows_the_count_it_stands_with():
    """Rule A36."""
    found = read_when("{signals.pricing: {at_least: 2, within: 7d}}")
    assert found.subject.within == timedelta(days=7)
    assert found.tests == (AtLeast(Decimal(2)),)


def test_entries_are_joined_by_and_and_groups_hold_conditions():
    found = read_when("{role: chief, any: [{size: s}, {none: [{size: m}]}], all: [{size: l}]}")
    assert isinstance(found, All)
    assert [type(part) for part in found.parts] == [Compare, Any, All]
    assert isinstance(found.parts[1].parts[1], Nothing)


def test_every_comparison_knows_its_line_and_column():
    assert str(read_when("{role: chief}").where) == "demo.yaml:4:49"


@pytest.mark.parametrize(
    ("condition", "what", "fix"),
    [
        (
            "{role: {includes: [chief]}}",
            "`includes` does not fit `role`, an unordered choice.",
            "List the choices that count",
        ),
        ("{role: {mentions: chief}}", "`mentions` does not fit `role`", "List the choices"),
        ("{role: {at_least: lead}}", "an unordered choice", "`ordered: true`"),
        ("{size: {includes: [s]}}", "`includes` does not fit `size`", "`at_least` and `at_most`"),
        ("{tools: {at_least: crm}}", "`at_least` does not fit `tools`", "`includes`"),
        ("{tools: {mentions: crm}}", "which is of type choices", "`includes` to hold all"),
        ("{title: {at_least: 3}}", "which is of type text", "Use `mentions`"),
        ("{title: {includes: vp}}", "which is of type text", "Use `mentions`"),
        ("{seats: {mentions: 3}}", "which is of type number", "Use `at_least` and `at_most`"),
        ("{country: {mentions: DE}}", "which is of type country", "a list of values or `not`"),
        ("{country: {at_least: DE}}", "which is of type country", "a list of values or `not`"),
        ("{role: {within: 7d}}", "`within` does not fit `role`", ""),
        ("{signals.pricing: {known: true}}", "`known` does not fit", "Compare the count"),
        ("{signals.pricing: {mentions: a}}", "`mentions` does not fit", "Compare the count"),
        ("{flow.intent: {mentions: demo}}", "`mentions` does not fit", ""),
        ("{role: {at_leest: 1}}", "`at_leest` is not a key", "Did you mean `at_least`?"),
    ],
)
def test_an_operator_that_does_not_fit_names_the_one_that_does(condition, what, fix):
    """Rules A27 and A36."""
    found = refused_when(condition)
    assert what in found
    assert fix in found


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("chief", "A condition is a mapping, not `chief`."),
        ("{rolle: chief}", "Nothing is called `rolle`. Did you mean `role`?"),
        ("{role: cheif}", "`role` has no choice `cheif`. Did you mean `chief`?"),
        ("{role: []}", "The list is empty."),
        ("{role: {}}", "`role` is empty."),
        ("{any: []}", "The list is empty."),
        ("{any: {role: chief}}", "A list is expected here, not a mapping."),
        ("{role: [[chief]]}", "Text is expected here, not a list."),
        ("{role: {known: yes}}", "`yes` is not `true` or `false`."),
        ("{role: {known: [true]}}", "is not `true` or `false`."),
        ("{seats: many}", "`many` is not a number."),
        ("{seats: .inf}", "`.inf` is not a number."),
        ("{seats: {at_least: .nan}}", "`.nan` is not a number."),
        ("{seats: 010}", "`010` is not a number."),
        ("{seats: {at_least: [1]}}", "A list is not a number."),
        ("{budget: 10000}", "names no currency. Write amount, blank, code: 10000 EUR."),
        ("{budget: {at_least: 10000}}", "names no currency."),
        ("{start: 2027-02-30}", "`2027-02-30` is not a value of `start`."),
        ("{start: {at_least: tomorrow}}", "`tomorrow` is not a value of `start`."),
        ("{country: Germany}", "`Germany` is not a value of `country`."),
        ("{agreed: maybe}", "`maybe` is not a value of `agreed`."),
        ('{title: {mentions: "!?"}}', "`!?` holds no word."),
        ('{title: ""}', "The text is empty."),
        ("{signals.pricing: often}", "`often` is not a whole number"),
        ("{signals.pricing: 1.5}", "`1.5` is not a whole number"),
        ("{signals.pricing: {at_least: -1}}", "`-1` is not a whole number"),
        ("{signals.prising: 1}", "There is no `signals.prising`. Did you mean `signals.pricing`?"),
        ("{signals.pricing: {within: 1h30m}}", "`1h30m` is not a duration."),
        ("{source.utm_term: x}", "There is no `source.utm_term`."),
        ("{flow.title: x}", "There is no `flow.title`."),
        ("{spam: sometimes}", "`sometimes` is neither yes nor no."),
        ("{size: {at_least: l, at_most: s}}", "`at_least` is greater than `at_most`."),
        ("{seats: {at_least: 10, at_most: 9.5}}", "`at_least` is greater than `at_most`."),
        ("{start: {at_least: 2027-01-02, at_most: 2027-01-01}}", "`at_least` is greater"),
        ("{budget: {at_least: 2 EUR, at_most: 1 EUR}}", "`at_least` is greater"),
        ("{budget: {at_least: 1 EUR, at_most: 2 USD}}", "different currencies"),
        ("{tier: hot}", "`tier` cannot be read here: it is not settled yet."),
        ("{icp: yes}", "`icp` cannot be read here"),
        ("{score.total: 3}", "Only routing and guidance can read it."),
        ("{disqualified: true}", "Only `finish_when`, routing and guidance can read it."),
        ("{disqualifiers.too_small: tripped}", "`disqualifiers.too_small` cannot be read here"),
    ],
)
def test_a_condition_that_cannot_hold_is_refused_in_words(condition, says):
    """Rules A3, A23, A31, A33, A34, A36, A39 and the places of names (format, section 3)."""
    assert says in refused_when(condition)


@pytest.mark.parametrize(
    ("where", "condition", "fits"),
    [
        ("finish", "{disqualified: true}", True),
        ("finish", "{disqualifiers.too_small: unknown}", True),
        ("finish", "{tier: hot}", False),
        ("finish", "{score.fit: {at_least: 3}}", False),
        ("routing", "{disqualified: {not: true}}", True),
        ("routing", "{disqualifiers.too_small: [clear, unknown]}", True),
        ("routing", "{tier: [hot, cold], icp: [yes, partial]}", True),
        ("routing", "{score.total: {at_least: 10, at_most: 20}}", True),
        ("routing", "{tier: warm}", False),
        ("routing", "{tier: {at_least: hot}}", False),
        ("routing", "{icp: maybe}", False),
        ("routing", "{disqualifiers.student: tripped}", False),
        ("routing", "{score.sum: 3}", False),
        ("guidance", "{score.intent: {at_least: 10}, tier: hot}", True),
        ("scoring", "{tier: hot}", False),
        ("scoring", "{signals.visit: {at_most: 1}}", True),
        ("icp", "{disqualified: true}", False),
        ("disqualifiers", "{disqualifiers.too_small: tripped}", False),
        ("covers", "{country: DE}", True),
        ("covers", "{tier: hot}", False),
    ],
)
def test_what_may_be_read_depends_on_what_is_settled_there(where, condition, fits):
    book, demo = playbook(), flow()
    match where:
        case "finish":
            demo = flow(finish_when=f"[{{id: early, when: {condition}}}]")
        case "routing":
            first = f"{{id: first, when: {condition}, to: sales}}"
            book = playbook(routing=f"[{first}, {{id: rest, to: later}}]")
        case "guidance":
            book = playbook(guidance=f"{{red_flags: [{{when: {condition}, say: Careful.}}]}}")
        case "scoring":
            rule = f"{{id: a, when: {condition}, points: 3}}"
            book = playbook(scoring=f"{{intent: {{rules: [{rule}]}}}}")
        case "icp":
            book = playbook(icp=f"[{{id: a, when: {condition}}}]")
        case "disqualifiers":
            gate = f"{{id: too_small, when: {condition}, gate: flag}}"
            book = playbook(disqualifiers=f"[{gate}]")
        case "covers":
            reps = "reps: [{email: ana@example.com}]"
            book = playbook(teams=f"[{{id: a, covers: {condition}, {reps}}}, {{id: b, {reps}}}]")
    loaded, found = check(book, demo)
    assert (loaded is not None) == fits, found


def test_icp_cannot_be_read_where_there_is_no_checklist():
    """Rule A58."""
    routing = "[{id: a, when: {icp: yes}, to: sales}, {id: rest, to: later}]"
    assert any("no `icp`" in each for each in problems(playbook(icp=None, routing=routing)))


def test_a_value_said_twice_is_a_warning_and_counts_once():
    """Rule A39."""
    question = "[{property: role, ask: Role?, when: {role: [chief, lead, chief]}}]"
    loaded, [warning] = check(demo=flow(questions=question))
    assert loaded is not None
    assert warning.severity == "warning"
    assert "`chief` stands twice in this list." in warning.what
    assert loaded.flows["demo"].questions[0].when.tests == (Is(("chief", "lead")),)


def test_a_damaged_property_is_reported_once_and_not_wherever_it_is_used():
    book = playbook(properties=properties(role="{label: Role, type: chioce, choices: {a: A}}"))
    question = "[{property: role, ask: Role?, when: {role: {at_least: chief}}}]"
    found = problems(book, flow(questions=question))
    assert len(found) == 1, found
    assert "`chioce` cannot stand here. Did you mean `choice`?" in found[0]


def test_a_condition_on_a_flow_nobody_wrote_is_a_warning():
    routing = "[{id: a, when: {flow.id: [demo, dmeo]}, to: sales}, {id: rest, to: later}]"
    loaded, [warning] = check(playbook(routing=routing))
    assert loaded is not None
    assert "There is no flow `dmeo`." in warning.what
    assert warning.severity == "warning"


def test_conditions_are_read_alike_from_a_release_loaded_twice():
    assert release().flows == release().flows
