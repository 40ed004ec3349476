"""What a provider says is taken at its word where it fits a property, and otherwise left out."""

import json

import pytest

from webapp.config import ROOT
from webapp.core import values
from webapp.core.enrichment import check_mapping, learn, pick, read_mapping
from webapp.core.playbook import Playbook
from webapp.flow_files.releases import load_release

MAPPING = """
company: company.name
country: company.geo.code
industry: company.tags.0
  Software -> technology
  Banking -> finance
company_size: company.employees

  1-9 -> 1-9
  10-49 -> 10-49
  200 – 500 -> 200-500
  eleven -> 10-49
  1,001+ -> 1001+
"""


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    return load_release(ROOT / "question_flows").playbook


def learnt(playbook: Playbook, document: object) -> tuple[dict[str, object], list[str]]:
    mapping = read_mapping(MAPPING)
    answer, missing = pick(document, mapping)
    json.dumps(answer, allow_nan=False)
    found, left_out = learn(mapping, answer, playbook)
    return {each.property.id: values.write(each.value) for each in found}, missing + left_out


def company(**more: object) -> dict[str, object]:
    return {"company": more}


def test_words_numbers_and_ranges_become_values_of_the_playbook(playbook: Playbook) -> None:
    found, notes = learnt(
        playbook,
        company(name=" Nordwind\n GmbH", geo={"code": "de"}, tags=["software", "x"], employees=240),
    )
    assert found == {
        "company": "Nordwind GmbH", "country": "DE", "industry": "technology",
        "company_size": "200-500",
    }  # fmt: skip
    assert notes == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (9, "1-9"), ("10", "10-49"), ("Eleven", "10-49"), (1001, "1001+"), ("1,200", "1001+"),
        ("10-49", "10-49"), (200.0, "200-500"), (500, "200-500"),
    ],
)  # fmt: skip
def test_a_number_falls_into_its_range_and_words_count_as_they_are(
    playbook: Playbook, said: object, meant: str
) -> None:
    assert learnt(playbook, company(employees=said))[0] == {"company_size": meant}


@pytest.mark.parametrize("said", [0, 9.5, 150, -3, "many", "x2", "9" * 70, "1e999", True])
def test_what_stands_for_nothing_is_left_out_and_said_so(playbook: Playbook, said: object) -> None:
    found, notes = learnt(playbook, company(employees=said))
    assert found == {}
    assert any("Company size" in note and "left out" in note for note in notes)


@pytest.mark.parametrize(
    "said", [{}, {"a": 1}, [[]], [None, "x"], "x" * 1_001, ["x"] * 51, ["x" * 2_000], "\x00"]
)
def test_what_is_no_value_is_left_out_and_said_so(playbook: Playbook, said: object) -> None:
    found, notes = learnt(playbook, company(name=said))
    assert found == {}
    assert any("company.name" in note for note in notes)


@pytest.mark.parametrize("document", [None, 7, "text", [], [1], {}, {"company": [3]}, company()])
def test_an_answer_that_holds_nothing_of_it_teaches_nothing(
    playbook: Playbook, document: object
) -> None:
    found, notes = learnt(playbook, document)
    assert found == {}
    assert len(notes) == 4


def test_broken_letters_are_mended_before_they_are_kept(playbook: Playbook) -> None:
    found, _ = learnt(playbook, company(name="N\x00ord\ud800wind 🌬"))
    assert found == {"company": "Nord�wind 🌬"}


def test_several_values_for_one_are_none(playbook: Playbook) -> None:
    found, notes = learnt(playbook, company(name=["Nordwind", "Südwind"]))
    assert found == {}
    assert any("several values" in note for note in notes)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("company", "Line 1"),
        ("company:", "Line 1"),
        ("company: a b", "Line 1"),
        ("company: a..b", "Line 1"),
        ("\n  1-9 -> small", "Line 2"),
        ("company: a\n -> small", "Line 2"),
        ("company: a\n" * 501, "at most"),
        ("shoe_size: a", "Line 1: shoe_size is no property"),
        ("email: a", "Line 1: email is no property"),
        ("marketing_consent: a", "Line 1: marketing_consent is no property"),
        ("email_domain: a", "Line 1: email_domain is no property"),
        ("company: a\nindustry: b\n  x -> software", "Line 2: industry cannot be software. It is"),
    ],
)
def test_a_mapping_that_cannot_work_says_where(playbook: Playbook, mapping: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_mapping(read_mapping(mapping), playbook)


def test_what_the_playbook_no_longer_knows_is_left_out(playbook: Playbook) -> None:
    mapping = read_mapping("shoe_size: size\ncompany: name")
    found, notes = learn(mapping, {"size": "42", "name": "Nordwind"}, playbook)
    assert [each.value for each in found] == ["Nordwind"]
    assert notes == ["shoe_size is no longer a property that a provider may tell."]
