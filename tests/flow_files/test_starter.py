"""What a company starts from, flows and templates: whole, bilingual and as expected."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from webapp.core import wording
from webapp.core.expectations import misses
from webapp.core.flow import Flow, Release
from webapp.core.playbook import Text
from webapp.core.simulate import simulate
from webapp.core.values import CONTACT, Type
from webapp.flow_files import check_release, check_texts, load_flow, load_release, read_case

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "question_flows"
GALLERY = ROOT / "webapp" / "gallery"
STARTER_FLOWS = {"contact", "content-download", "demo-request", "discovery-call", "pricing-inquiry"}
LOCALES = {"en", "de"}


@cache
def starter() -> Release:
    return load_release(STARTER)


@cache
def gallery() -> Release:
    """The starter playbook with the templates in place of its flows."""
    playbook = starter().playbook
    flows = [load_flow(p.read_text("utf-8"), p.name, playbook) for p in GALLERY.glob("*.yaml")]
    return Release(playbook, {flow.id: flow for flow in flows})


def cases(folder: Path) -> list[Path]:
    return sorted((folder / "cases").glob("*.yaml"))


def flows() -> Iterator[Flow]:
    yield from starter().flows.values()
    yield from gallery().flows.values()


def test_the_starter_loads_without_an_error_or_a_warning() -> None:
    release, problems = check_release(STARTER)
    assert problems == []
    assert release is not None
    assert set(release.flows) == STARTER_FLOWS


def test_every_template_loads_beside_the_starter() -> None:
    texts = {
        str(p): p.read_text("utf-8") for p in [*STARTER.glob("*.yaml"), *GALLERY.glob("*.yaml")]
    }
    release, problems = check_texts(texts)
    assert problems == []
    assert release is not None
    assert len(release.flows) == len(STARTER_FLOWS) + 4


@pytest.mark.parametrize("path", cases(STARTER), ids=lambda path: path.stem)
def test_every_starter_persona_ends_where_its_author_expects(path: Path) -> None:
    case = read_case(path, starter())
    assert case.expect
    assert misses(starter(), case, simulate(starter(), case)) == []


@pytest.mark.parametrize("path", cases(GALLERY), ids=lambda path: path.stem)
def test_every_template_persona_ends_where_its_author_expects(path: Path) -> None:
    case = read_case(path, gallery())
    assert case.expect
    assert misses(gallery(), case, simulate(gallery(), case)) == []


def test_every_flow_has_its_personas_and_every_persona_is_named_after_its_flow() -> None:
    for folder, release, least in ((STARTER, starter(), 5), (GALLERY, gallery(), 2)):
        named = [path.name.split(".")[0] for path in cases(folder)]
        assert set(named) == set(release.flows)
        assert {flow: named.count(flow) >= least for flow in named} == dict.fromkeys(named, True)
        for path in cases(folder):
            assert read_case(path, release).flow == path.name.split(".")[0]


def test_the_personas_touch_every_rule_gate_route_and_tier() -> None:
    playbook, found = (
        starter().playbook,
        [simulate(starter(), read_case(p, starter())) for p in cases(STARTER)],
    )
    finish_rules = {
        rule.id for flow in starter().flows.values() for rule in flow.finish_when if rule.to
    }

    assert {each["route"]["rule"] for each in found} >= {
        r.id for r in playbook.routing
    } | finish_rules
    assert {each["route"]["to"] for each in found} == set(playbook.destinations)
    assert {each["tier"] for each in found} == {tier.id for tier in playbook.tiers}
    assert {each["ended"] for each in found} == {"complete", "finished", "settled", "waiting"}
    assert {each["icp"] for each in found} == {"yes", "partial", "no"}
    tripped = {g["id"] for each in found for g in each["disqualifiers"] if g["result"] == "tripped"}
    assert tripped == {gate.id for gate in playbook.disqualifiers}
    fired = {line["rule"] for each in found for line in each["score"]["lines"] if line["points"]}
    assert fired >= {rule.id for rule in playbook.rules}


def test_the_personas_are_asked_every_question_of_their_flows() -> None:
    asked: dict[str, set[str]] = {}
    for path in cases(STARTER):
        case = read_case(path, starter())
        asked.setdefault(case.flow, set()).update(simulate(starter(), case)["asked"])
    assert asked == {f.id: {q.id for q in f.questions} for f in starter().flows.values()}


def shown_to_visitors() -> Iterator[tuple[str, Text]]:
    for property in starter().playbook.properties.values():
        if property.built_in:
            continue
        yield property.id, property.label
        for choice in property.choices.values():
            yield f"{property.id}.{choice.id}", choice.label
    for flow in flows():
        yield f"{flow.id} title", flow.title
        assert flow.greeting
        yield f"{flow.id} greeting", flow.greeting
        for question in flow.questions:
            for text in (question.ask, question.help, question.confirm):
                if text:
                    yield f"{flow.id} {question.id}", text
        for destination, ending in flow.endings.items():
            yield f"{flow.id} ending {destination}", ending


def test_everything_a_visitor_reads_is_there_in_english_and_german() -> None:
    texts = list(shown_to_visitors())
    assert len(texts) > 200
    assert [name for name, text in texts if set(text.by_locale) != LOCALES] == []


def test_a_translation_has_the_placeholders_of_the_original() -> None:
    for name, text in shown_to_visitors():
        found = {locale: set(wording.placeholders(text.to(locale))) for locale in LOCALES}
        assert found["en"] == found["de"], name


def test_every_flow_says_goodbye_wherever_it_may_end() -> None:
    for flow in flows():
        missing = [
            destination.id
            for destination in starter().playbook.destinations.values()
            if destination.id not in flow.endings and destination.kind not in flow.endings
        ]
        assert missing == [], flow.id


def test_every_greeting_to_a_visitor_says_that_it_is_a_machine() -> None:
    for flow in flows():
        if flow.intent != "discovery_call":
            assert "automated assistant" in str(flow.greeting)
            assert "automatische Assistent" in (flow.greeting or flow.title).to("de")


def test_every_flow_asks_for_an_address_and_for_consent() -> None:
    types = {p.id: p.type for p in starter().playbook.properties.values()}
    for flow in flows():
        asked = {types[question.property] for question in flow.questions}
        assert asked & CONTACT, flow.id
        consent = [q for q in flow.questions if types[q.property] is Type.CONSENT]
        assert len(consent) == 1, flow.id
        assert consent[0].help
        assert not consent[0].required


def test_the_call_script_offers_what_a_rep_needs_to_note() -> None:
    asked = {question.property for question in starter().flows["discovery-call"].questions}
    assert asked >= {"objections", "timeline", "decision_process", "why_serious", "call_verdict"}


def test_the_three_frameworks_are_covered() -> None:
    filed: dict[str, set[str]] = {}
    for property in starter().playbook.properties.values():
        for framework, heading in property.frameworks.items():
            filed.setdefault(framework, set()).add(heading)
    assert filed == {
        "bant": {"budget", "authority", "need", "timeline"},
        "champ": {"challenges", "authority", "money", "prioritization"},
        "meddic": {
            "metrics",
            "economic_buyer",
            "decision_criteria",
            "decision_process",
            "identify_pain",
            "champion",
        },
    }


def test_the_files_explain_themselves() -> None:
    for path in [
        *STARTER.glob("*.yaml"),
        *GALLERY.glob("*.yaml"),
        *cases(STARTER),
        *cases(GALLERY),
    ]:
        assert re.match(r"# \w", path.read_text("utf-8")), path.name


def test_nobody_real_is_written_to() -> None:
    playbook = starter().playbook
    addresses = {rep.email for team in playbook.teams for rep in team.reps}
    addresses |= {team.lead for team in playbook.teams if team.lead}
    assert {address.rpartition("@")[2] for address in addresses} == {"example.com"}
    for name, text in shown_to_visitors():
        for locale in LOCALES:
            hosts = re.findall(r"[\w-]+\.(?:com|de|net|org)\b", text.to(locale))
            assert set(hosts) <= {"example.com"}, name
