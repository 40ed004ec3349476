"""Reading the playbook: properties, signals, scoring, tiers, routing, teams and guidance."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.flow_files.small import (
    check,
    only_problem,
    playbook,
    problems,
    properties,
    release,
)
from webapp.core.values import Money, Type
from webapp.flow_files import load_playbook

RESERVED = ["any", "all", "none", "signals", "flow", "source", "locale", "score", "tier", "icp"]
RESERVED += ["disqualified", "disqualifiers", "returning", "spam"]


def book(**changes):
    return release(playbook(**changes)).playbook


def with_property(**changes):
    return playbook(properties=properties(**changes))


def scored(*rules: str) -> str:
    return playbook(scoring=f"{{intent: {{rules: [{', '.join(rules)}]}}}}")


# Properties


def test_a_property_keeps_everything_said_of_it():
    goal = (
        "{label: {en: Goal, de: Ziel}, type: choice, ordered: true, expires: 120d, "
        "sensitive: true, frameworks: {bant: need, champ: challenges}, "
        "choices: {more: More leads, other: {label: Other, synonyms: [else, something else]}}}"
    )
    found = release(with_property(goal=goal)).playbook.properties["goal"]

    assert (found.label.to("de"), found.label.to("fr"), str(found.label)) == (
        "Ziel",
        "Goal",
        "Goal",
    )
    assert (found.type, found.ordered, found.sensitive) == (Type.CHOICE, True, True)
    assert found.expires == timedelta(days=120)
    assert found.frameworks == {"bant": "need", "champ": "challenges"}
    assert found.choices["other"].synonyms == ("else", "something else")
    assert str(found.choices["more"].label) == "More leads"


def test_a_choice_may_be_labelled_in_several_languages():
    goal = "{label: Goal, type: choice, choices: {more: {en: More, de: Mehr}}}"
    found = release(with_property(goal=goal)).playbook.properties["goal"]
    assert found.choices["more"].label.to("de-AT") == "Mehr"


def test_built_in_properties_and_signals_are_there():
    """Rule C6 and the format's section 4."""
    found = book()
    assert [p.id for p in found.properties.values() if p.built_in] == [
        "email_domain",
        "email_kind",
        "first_name",
    ]
    assert list(found.properties["email_kind"].choices) == [
        "business",
        "free",
        "disposable",
        "role",
    ]
    assert found.signals["visit"].visit == "every"
    assert found.signals["page_view"].event == "page_view"


@pytest.mark.parametrize(
    "name",
    [*RESERVED, "email_domain", "email_kind", "first_name"],
)
def test_reserved_names_cannot_be_properties(name):
    """Rule H6."""
    found = only_problem(with_property(**{name: "{label: X, type: text}"}))
    assert f"The name `{name}` is reserved." in found


@pytest.mark.parametrize("name", ["visit", "page_view"])
def test_built_in_signals_cannot_be_declared(name):
    """Rule H6."""
    found = problems(playbook(signals=f"{{{name}: {{page: /}}}}"))
    assert f"The signal `{name}` is built in." in found[0]


@pytest.mark.parametrize(
    ("property", "says"),
    [
        ("{type: text}", "`label` is missing."),
        ("{label: X}", "`type` is missing."),
        ("{label: X, type: txt}", "Did you mean `text`?"),
        ("text", "Property `x` is a mapping, not `text`."),
        ("{label: X, type: choice}", "`choices` is missing."),
        ("{label: X, type: choice, choices: [a, b]}", "A mapping is expected here, not a list."),
        ("{label: X, type: choice, choices: {A b: A}}", "`A b` cannot be an id."),
        ("{label: X, type: choice, choices: {NO: Norway}}", "`NO` cannot be an id."),
        ("{label: X, type: choice, choices: {true: Yes}}", "`true` cannot be an id."),
        ("{label: X, type: choice, choices: {a: {synonyms: [b]}}}", "`label` is missing."),
        ("{label: X, type: text, choices: {a: A}}", "A property of type text has no choices."),
        ("{label: X, type: text, ordered: true}", "Only a property of type choice"),
        ("{label: X, type: text, sensitive: yes}", "`yes` is not `true` or `false`."),
        ("{label: X, type: text, expires: 0d}", "`0d` is not a duration."),
        ("{label: X, type: text, frameworks: {spin: need}}", "`spin` cannot stand here."),
        ("{label: X, type: text, frameworks: {bant: pain}}", "Known are `budget`, `authority`"),
        ("{label: X, type: text, lable: Y}", "Did you mean `label`?"),
        ("{label: {de: X}, type: text}", "lacks the playbook's locale `en`"),
        ("{label: {en: X, germany: Y}, type: text}", "`germany` is not a locale."),
        ("{label: '  ', type: text}", "The text is empty."),
        ("{label: [X], type: text}", "Text is expected here, not a list."),
    ],
)
def test_a_property_that_makes_no_sense_is_refused(property, says):
    found = problems(with_property(x=property))
    assert any(says in each for each in found), found


@pytest.mark.parametrize(
    "text", ["0d", "1h30m", "1.5h", "2w", "30", "-1d", "1 d", "١d", "9999999999d"]
)
def test_a_duration_is_a_whole_number_and_a_unit(text):
    """Rule A4."""
    found = only_problem(with_property(x=f"{{label: X, type: text, expires: {text}}}"))
    assert "is not a duration" in found


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("4h", 14_400), ("30d", 2_592_000)]
)
def test_a_day_has_twenty_four_hours(text, seconds):
    """Rule A4."""
    found = release(with_property(x=f"{{label: X, type: text, expires: {text}}}"))
    assert found.playbook.properties["x"].expires == timedelta(seconds=seconds)


# What follows from what


def test_a_property_follows_from_words_or_values_of_another():
    found = release(
        with_property(
            level="{label: L, type: choice, choices: {top: Top, rest: Rest}, derive: "
            "{from: title, words: {top: [chief, 'vice president']}, otherwise: rest}}",
            region="{label: R, type: choice, choices: {dach: DACH}, derive: "
            "{from: country, values: {dach: [DE, at, CH]}}}",
        )
    ).playbook.properties

    level, region = found["level"].derive, found["region"].derive
    assert (level.source, level.words, level.otherwise) == (
        "title",
        {"top": ("chief", "vice president")},
        "rest",
    )
    assert region.values == {"dach": ("DE", "AT", "CH")}
    assert region.otherwise is None


def test_yes_no_follows_in_either_spelling():
    """Rule A2."""
    derive = "{from: country, values: {true: [DE]}, otherwise: false}"
    found = release(with_property(near=f"{{label: N, type: yes_no, derive: {derive}}}"))
    assert found.playbook.properties["near"].derive.values == {"yes": ("DE",)}
    assert found.playbook.properties["near"].derive.otherwise == "no"


@pytest.mark.parametrize(
    ("derive", "says"),
    [
        ("{from: titel, words: {a: x}}", "There is no property `titel`. Did you mean `title`?"),
        ("{words: {a: x}}", "`from` is missing."),
        ("{from: title}", "Either `words` or `values` must say how."),
        ("{from: title, words: {a: x}, values: {a: x}}", "Either `words` or `values`"),
        ("{from: title, words: {c: x}}", "`x` has no choice `c`."),
        ("{from: title, words: {a: '?!'}}", "`?!` holds no word."),
        ("{from: title, words: {a: x}, otherwise: c}", "`x` has no choice `c`."),
        ("{from: role, words: {a: chief}}", "`role` is of type choice."),
        ("{from: role, values: {a: boss}}", "`role` has no choice `boss`."),
        (
            "{from: x, values: {a: b}}",
            "`x` is derived from itself. Name another property in `from`.",
        ),
    ],
)
def test_a_derivation_that_makes_no_sense_is_refused(derive, says):
    """Rules A15 and A23."""
    x = f"{{label: X, type: choice, choices: {{a: A, b: B}}, derive: {derive}}}"
    found = problems(with_property(x=x))
    assert any(says in each for each in found), found


def test_properties_derived_in_a_circle_are_refused():
    """Rule A15."""
    derived = (
        "{{label: X, type: choice, choices: {{k: K}}, derive: {{from: {0}, values: {{k: k}}}}}}"
    )
    found = only_problem(
        with_property(a=derived.format("b"), b=derived.format("c"), c=derived.format("a"))
    )
    assert "are derived from each other" in found
    assert all(f"`{each}`" in found for each in "abc")


def test_a_long_chain_of_derivations_is_no_circle():
    """Rule A15: deriving from a derived property is allowed."""
    start = "p0: {label: X, type: choice, choices: {k: K}}\n  "
    chain = "\n  ".join(
        f"p{n}: {{label: X, type: choice, choices: {{k: K}}, "
        f"derive: {{from: p{n - 1}, values: {{k: k}}}}}}"
        for n in range(1, 1500)
    )
    found = load_playbook(playbook(properties=properties() + "\n  " + start + chain))
    assert found.properties["p1499"].derive.source == "p1498"


def test_the_name_cannot_follow_from_the_first_name():
    """A25 gives the first name from the name, so that would be a circle."""
    derive = "{from: first_name, values: {Ana: [ana]}}"
    found = problems(with_property(name=f"{{label: N, type: text, derive: {derive}}}"))
    assert any("are derived from each other" in each for each in found)


def test_a_value_under_two_levels_is_a_warning():
    region = (
        "{label: R, type: choice, choices: {a: A, b: B}, "
        "derive: {from: country, values: {a: [DE], b: [FR, DE]}}}"
    )
    loaded, [warning] = check(with_property(region=region))
    assert loaded is not None
    assert "`DE` stands under `a` and `b`." in warning.what


# Signals


def test_signals_are_recognised_by_page_event_visit_or_campaign():
    """Rule A41: without an event it is a page view."""
    found = book(
        signals="{pricing: {page: [/pricing, '/pricing/*']}, again: {visit: return}, "
        "mail: {event: visit, utm_medium: email}, download: {event: download, page: '/files/*'}}"
    ).signals
    assert (found["pricing"].event, found["pricing"].pages) == (
        "page_view",
        ("/pricing", "/pricing/*"),
    )
    assert (found["again"].visit, found["again"].event) == ("return", None)
    assert (found["mail"].event, found["mail"].utm) == ("visit", {"utm_medium": "email"})


@pytest.mark.parametrize(
    ("signal", "says"),
    [
        ("{page: pricing}", "The page `pricing` is not a path."),
        ("{pages: /pricing}", "Did you mean `page`?"),
        ("{visit: first}", "`first` cannot stand here."),
        ("{visit: return, page: /}", "`visit` counts whole visits"),
        ("{label: Nothing}", "The signal matches nothing."),
        ("/pricing", "Signal `x` is a mapping, not `/pricing`."),
    ],
)
def test_a_signal_that_makes_no_sense_is_refused(signal, says):
    """Rules A40 and A42."""
    found = problems(playbook(signals=f"{{pricing: {{page: /}}, x: {signal}}}"))
    assert any(says in each for each in found), found


# Scoring


def test_points_by_value_by_condition_and_by_signal():
    found = release(
        scored(
            "{id: a, property: size, points: {s: -5, l: 0}, otherwise: 2, at_most: 8}",
            "{id: b, when: {role: chief}, points: 3, because: Chiefs decide}",
            "{id: c, signal: pricing, points: 4, each: true, within: 30d, half_life: 14d}",
        )
    ).playbook.intent.rules
    assert (found[0].table, found[0].otherwise, found[0].at_most) == ({"s": -5, "l": 0}, 2, 8)
    assert (found[1].points, str(found[1].because)) == (3, "Chiefs decide")
    assert (found[2].each, found[2].within, found[2].half_life) == (
        True,
        timedelta(days=30),
        timedelta(days=14),
    )
    assert {rule.category for rule in found} == {"intent"}


def test_both_categories_may_be_left_out():
    """Rule H8."""
    assert book(scoring=None).rules == ()


def test_tables_are_keyed_by_values_of_the_property():
    found = release(
        scored(
            "{id: a, property: seats, points: {10: 1, 2.5: 2}}",
            "{id: b, property: budget, points: {10000 EUR: 1}}",
            "{id: c, property: agreed, points: {true: 1, no: 2}}",
            "{id: d, property: start, points: {2027-01-01: 1}}",
            "{id: e, property: country, points: {NO: 1}}",
        )
    ).playbook.intent.rules
    assert [dict(rule.table) for rule in found] == [
        {Decimal(10): 1, Decimal("2.5"): 2},
        {Money(Decimal(10000), "EUR"): 1},
        {"yes": 1, "no": 2},
        {date(2027, 1, 1): 1},
        {"NO": 1},
    ]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{id: a, points: 3}", "rests on one of `property`, `when` and `signal`."),
        (
            "{id: a, when: {role: lead}, signal: pricing, points: 3}",
            "This one names when and signal.",
        ),
        ("{id: a, property: role, points: 3}", "A rule on a property has a table of points."),
        ("{id: a, when: {role: lead}, points: {lead: 3}}", "is not a whole number"),
        ("{id: a, when: {role: lead}}", "`points` is missing."),
        ("{id: a, when: {role: lead}, points: 2.5}", "`2.5` is not a whole number"),
        ("{id: a, when: {role: lead}, points: 010}", "`010` is not a whole number"),
        ("{id: a, when: {role: lead}, points: .nan}", "`.nan` is not a whole number"),
        ("{id: a, when: {role: lead}, points: 3, each: true}", "`each` goes with `signal` only."),
        ("{id: a, property: role, points: {lead: 3}, within: 7d}", "`within` goes with `signal`"),
        ("{id: a, when: {role: lead}, points: 3, half_life: 7d}", "`half_life` goes with `signal`"),
        ("{id: a, signal: pricing, points: 3, otherwise: 1}", "`otherwise` goes with a table"),
        (
            "{id: a, signal: pricing, points: 3, at_most: -1}",
            "`-1` is not a whole number of at least 0",
        ),
        ("{id: a, signal: prices, points: 3}", "There is no signal `prices`."),
        ("{id: a, property: roles, points: {lead: 3}}", "Did you mean `role`?"),
        ("{id: a, property: role, points: {leader: 3}}", "Did you mean `lead`?"),
        ("{id: a, property: role, points: {}}", "`points` is empty."),
        ("{id: a, property: agreed, points: {yes: 1, true: 2}}", "are the same value"),
        (
            "{id: a, property: seats, points: {10: 1, 10.0: 2}}",
            "`10` and `10.0` are the same value.",
        ),
        ("{id: a, property: title, points: {CEO: 1, ceo: 2}}", "are the same value"),
        ("{id: A, signal: pricing, points: 3}", "`A` cannot be an id."),
        ("{signal: pricing, points: 3}", "`id` is missing."),
    ],
)
def test_a_scoring_rule_that_makes_no_sense_is_refused(rule, says):
    """Rules A2, A47 and A48."""
    found = problems(scored(rule))
    assert any(says in each for each in found), found


@pytest.mark.parametrize(
    ("scoring", "says"),
    [
        ("{urgency: {rules: [{id: a, signal: pricing, points: 1}]}}", "`urgency` is not a key of"),
        ("{at_most: 100, fit: {rules: [{id: a, signal: pricing, points: 1}]}}", "`at_most` is not"),
        ("{fit: {rules: []}}", "The list is empty."),
        ("{fit: {at_most: 10}}", "`rules` is missing."),
        (
            "{fit: {rules: [{id: a, signal: pricing, points: 1}]}, "
            "intent: {rules: [{id: a, signal: pricing, points: 1}]}}",
            "Two scoring rules are called `a`",
        ),
    ],
)
def test_scoring_has_two_categories_and_rule_ids_differ_across_both(scoring, says):
    """Rules H7 and H8."""
    found = problems(playbook(scoring=scoring))
    assert any(says in each for each in found), found


def test_a_criterion_and_a_scoring_rule_may_share_an_id():
    """Rule H7: ids are unique within their own list."""
    scoring = "{fit: {rules: [{id: fits, property: role, points: {chief: 10}}]}}"
    assert book(scoring=scoring).rules[0].id == book().icp[0].id


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ("[{id: hot, from: 10}, {id: warm, from: 10}, {id: cold}]", "The tiers do not fall."),
        ("[{id: hot, from: 10}, {id: warm, from: 20}, {id: cold}]", "The tiers do not fall."),
        ("[{id: hot, from: 10}, {id: cold, from: 0}]", "The last tier holds everything below."),
        ("[{id: hot}, {id: cold}]", "A tier before the last needs a bound."),
        ("[{id: hot, from: 10}, {id: hot}]", "Two tiers are called `hot`"),
        ("[]", "The list is empty."),
        ("{hot: 10}", "A list is expected here, not a mapping."),
    ],
)
def test_tiers_fall_and_the_last_takes_the_rest(tiers, says):
    """Rules A57 and H7."""
    found = problems(playbook(tiers=tiers))
    assert any(says in each for each in found), found


# Where leads go


@pytest.mark.parametrize(
    ("routing", "says"),
    [
        ("[{id: a, to: sales}, {id: rest, to: later}]", "No rule after this one is ever reached."),
        ("[{id: a, when: {role: lead}, to: sales}]", "The last routing rule must take everybody."),
        ("[{id: a, to: sells}]", "There is no destination `sells`. Did you mean `sales`?"),
        ("[{id: a}]", "`to` is missing."),
        ("[{id: a, when: {role: lead}, to: sales}, {id: a, to: later}]", "Two routing rules are"),
        ("[{id: a, to: sales, then: b}]", "`then` is not a key of a routing rule."),
    ],
)
def test_routing_ends_with_a_rule_for_everybody(routing, says):
    """Rule A62: nobody is ever left without a route."""
    found = problems(playbook(routing=routing))
    assert any(says in each for each in found), found


def test_a_kind_of_destination_that_does_not_exist_is_refused():
    found = only_problem(playbook(destinations="{sales: {kind: sale}, later: {kind: nurture}}"))
    assert "`sale` cannot stand here. Did you mean `sales`?" in found


def test_teams_know_their_hours_holidays_and_reps():
    [near, rest] = book(
        teams="""
  - id: near
    covers: {country: [DE, AT]}
    hours: {timezone: America/New_York, mon-wed: ["09:00-12:00", "13:00-17:30"], sat: "22:00-02:00"}
    holidays: [2026-12-25]
    lead: Mia@Example.com
    reps: [{email: ana@example.com, weight: 2, capacity: 20}, {email: ben@example.com}]
  - {id: rest, hours: {fri-mon: 00:00-24:00}, reps: [{email: desk@example.com}]}"""
    ).teams
    assert near.hours.timezone == "America/New_York"
    assert near.hours.week == {
        **dict.fromkeys((0, 1, 2), ((540, 720), (780, 1050))),
        5: ((1320, 120),),
    }
    assert near.holidays == (date(2026, 12, 25),)
    assert near.lead == "mia@example.com"
    assert [(rep.email, rep.weight, rep.capacity) for rep in near.reps] == [
        ("ana@example.com", 2, 20),
        ("ben@example.com", 1, None),
    ]
    assert rest.hours.timezone == "Europe/Berlin"
    assert sorted(rest.hours.week) == [0, 4, 5, 6]


@pytest.mark.parametrize(
    ("team", "says"),
    [
        ("{id: a}", "`reps` is missing."),
        ("{id: a, reps: []}", "The list is empty."),
        ("{id: a, reps: [ana@example.com]}", "Write `{email: ana@example.com}`."),
        ("{id: a, reps: [{email: ana}]}", "`ana` is not an e-mail address."),
        (
            "{id: a, reps: [{email: a@b.example, weight: 0}]}",
            "`0` is not a whole number of at least 1",
        ),
        ("{id: a, reps: [{email: a@b.example}, {email: A@b.example}]}", "Two reps of this team"),
        ("{id: a, covers: {role: lead}, reps: [{email: a@b.example}]}", "must take every lead"),
        ("{id: a, hours: {monday: 9-17}, reps: [{email: a@b.example}]}", "`monday` is no day."),
        ("{id: a, hours: {mon: 9-17}, reps: [{email: a@b.example}]}", "`9-17` are no hours."),
        ("{id: a, hours: {mon: 09:00-25:00}, reps: [{email: a@b.example}]}", "are no hours."),
        (
            "{id: a, hours: {mon-fri: 09:00-17:00, fri: 09:00-12:00}, reps: [{email: a@b.de}]}",
            "The hours of fri are said twice.",
        ),
        ("{id: a, hours: {timezone: UTC}, reps: [{email: a@b.example}]}", "No day has hours."),
        (
            "{id: a, hours: {timezone: Mars, mon: 09:00-17:00}, reps: [{email: a@b.example}]}",
            "`Mars` is",
        ),
        ("{id: a, holidays: [2026-02-30], reps: [{email: a@b.example}]}", "is not a date."),
    ],
)
def test_a_team_that_makes_no_sense_is_refused(team, says):
    found = problems(playbook(teams=f"[{team}]"))
    assert any(says in each for each in found), found


@pytest.mark.parametrize(
    ("guidance", "says"),
    [
        ("{next_action: [{when: {role: lead}, say: Call.}]}", "must fit everybody"),
        ("{next_action: [{say: Call.}, {say: Wait.}]}", "No action after this one is ever said."),
        ("{red_flags: [{when: {role: lead}}]}", "`say` is missing."),
        ("{red_flags: [Careful]}", "A piece of advice is a mapping, not `Careful`."),
        ("{next_actions: [{say: Call.}]}", "Did you mean `next_action`?"),
    ],
)
def test_guidance_that_makes_no_sense_is_refused(guidance, says):
    found = problems(playbook(guidance=guidance))
    assert any(says in each for each in found), found


# Texts


def test_a_placeholder_nothing_fills_is_refused():
    """Rule H10."""
    found = only_problem(
        playbook(guidance="{next_action: [{say: 'Show {rolle} to {first_name}.'}]}")
    )
    assert "Nothing fills the placeholder `{rolle}`. Did you mean `role`?" in found


@pytest.mark.parametrize(
    "text",
    [
        "{rep_name} calls within {respond_within}",
        "{role}",
        "{ role }",
        "{Role}",
        "{{7*7}}",
        "a { b }",
        "{}",
    ],
)
def test_offered_words_properties_and_stray_braces_are_fine(text):
    """Rule H10."""
    assert problems(playbook(guidance=f"{{next_action: [{{say: '{text}'}}]}}")) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": None}, "`format` is missing. Begin the file with `format: 1`."),
        ({"format": "2"}, "Format `2` is not known here."),
        ({"locale": None}, "`locale` is missing."),
        ({"locale": "english"}, "`english` is not a locale."),
        ({"timezone": "../../etc/passwd"}, "is not a timezone"),
        ({"properties": None}, "`properties` is missing."),
        ({"tiers": None}, "`tiers` is missing."),
        ({"routing": None}, "`routing` is missing."),
        ({"destinations": None}, "`destinations` is missing."),
        ({"rooting": "[]"}, "Did you mean `routing`?"),
        ({"teams": ""}, "`teams` is empty."),
    ],
)
def test_the_playbook_says_what_it_lacks(changes, says):
    """Rule A3 and the ground rules."""
    found = problems(playbook(**changes))
    assert any(says in each for each in found), found
