"""Whatever a marketer breaks is told in a sentence, at the place where it is mended, with a button
where that takes no thought."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

import pytest
from flask import Flask

from tests.fixtures.applications import FRIDAY, Prepared
from tests.fixtures.people import Colleague
from tests.flow_files.small import flow, playbook
from tests.web.plain_browser import PlainBrowser
from tests.web.studio.test_proof import proof_of
from webapp.services.flows import drafts
from webapp.services.flows.drafts import OUT

QUESTIONS = """
  - {property: role, ask: Your role?}
  - {property: size, ask: How many?, when: {role: [chief, lead]}}
  - {property: email, ask: Your e-mail?}"""
TEAMS = "[{id: all, reps: [{email: ana@example.com}], holidays: [2026-12-25]}]"
RULES = "/studio/rules/playbook"


@pytest.fixture
def app(prepared_sqlite: Prepared) -> Flask:
    """One database is enough: this is about sentences."""
    return prepared_sqlite.as_new()


@pytest.fixture
def marketer_at_work(marketer: Colleague, monkeypatch: pytest.MonkeyPatch) -> Colleague:
    """A marketer with a small draft in which nothing is wrong."""
    monkeypatch.setitem(marketer.app.config, "PROOF_SECONDS", 150.0)
    texts = {"playbook.yaml": playbook(teams=TEAMS), "demo.yaml": flow(questions=QUESTIONS)}
    with marketer.app.app_context():
        others = dict.fromkeys(drafts.now_drafted().live, OUT)
        drafts.put({**others, **texts}, what="Begun anew", by="the tests", now=FRIDAY)
    return marketer


@pytest.fixture
def studio(marketer_at_work: Colleague) -> PlainBrowser:
    return PlainBrowser(marketer_at_work.client)


@dataclass(frozen=True)
class Told:
    """One sentence of the panel, with where its link leads and what its buttons say."""

    says: str
    link: str
    buttons: tuple[str, ...]


def told(studio: PlainBrowser, address: str = "/studio") -> list[Told]:
    items = re.findall(r'<li class="error">(.*?)</li>', studio.open(address).response.text, re.S)
    assert "line " not in " ".join(re.findall(r"<a .*?</a>", "".join(items))), "a line of a file"
    return [
        Told(
            unescape(re.sub("</?code>", "", re.split("</span>|<span", item)[2].strip())),
            *re.findall(r'href="([^"]+)"', item),
            tuple(re.findall(r"<button[^>]*>([^<]+)<", item)),
        )
        for item in items
    ]


def test_a_rule_on_a_removed_choice_is_told_where_it_stands_and_mended_by_a_button(
    studio: PlainBrowser,
) -> None:
    studio.open(f"{RULES}/properties/role")
    studio.press("Save", **{"choices-en": "chief: Chief\nother: Other"})

    rule, question = told(studio)
    says = "“Role” has no choice lead. Add it to the property's choices."
    assert rule.says.startswith(says)
    assert question.says.startswith(says)
    assert (rule.link, rule.buttons) == (f"{RULES}/fit/role", ("Take it out",))
    assert (question.link, question.buttons) == ("/studio/flows/demo?q=size", ("Take it out",))
    set_apart = says.replace(" lead.", " lead .")  # as code, which a reader of words sees apart
    assert set_apart in studio.open(question.link).words, "nor is it told beside the form"

    for _ in range(2):
        studio.open("/studio").press("Take it out")
        assert "take it out" in studio.words
    assert told(studio) == []
    drafted = [studio.open(f"/studio/export/{f}.yaml").response.text for f in ("playbook", "demo")]
    assert "points: {chief: 10}" in drafted[0]
    assert "when: {role: [chief]}" in drafted[1]


def test_a_name_that_is_there_already_is_refused_and_in_a_file_mended_by_a_button(
    studio: PlainBrowser,
) -> None:
    refused = studio.open(f"{RULES}/routing/new").press("Save", id="rest", to="sales")
    assert refused.status == 422
    assert "There is a rest already. Enter another name." in refused.words

    text = studio.open("/studio/export/playbook.yaml").response.text
    studio.open("/studio/files/playbook.yaml")
    studio.press("Save the text", text=text.replace("{id: rest", "{id: hot"))
    [twice] = told(studio)
    assert twice.says.startswith("Two routing rules are called hot")
    studio.open("/studio").press("Change it to hot_2")

    assert told(studio) == []
    assert "{id: hot_2, to: later}" in studio.open("/studio/export/playbook.yaml").response.text


def remove_a_destination(studio: PlainBrowser) -> None:
    studio.open("/studio/playbook")
    form = next(f for f in studio.page.forms if f.action.endswith("/destinations/later/removal"))
    studio.client.post(form.action, data=dict(form.fields))


def mistype_a_holiday(studio: PlainBrowser) -> None:
    studio.open(f"{RULES}/teams/all").press("Save", holidays="2026-02-30")


def leave_nobody_a_route(studio: PlainBrowser) -> None:
    studio.open("/studio/playbook")
    form = next(f for f in studio.page.forms if f.action.endswith("/routing/rest/removal"))
    studio.client.post(form.action, data=dict(form.fields))


@pytest.mark.parametrize(
    ("breaks", "says", "link"),
    [
        (remove_a_destination, "There is no destination later.", f"{RULES}/routing/rest"),
        (
            leave_nobody_a_route,
            "The last routing rule must take everybody.",
            f"{RULES}/routing/hot",
        ),
        (mistype_a_holiday, "2026-02-30 is not a date. Write a real day", f"{RULES}/teams/all"),
    ],
)
def test_what_no_button_can_mend_is_told_with_its_place(
    studio: PlainBrowser, breaks: Callable[[PlainBrowser], None], says: str, link: str
) -> None:
    breaks(studio)

    [problem] = told(studio)
    assert problem.says.startswith(says)
    assert (problem.link, problem.buttons) == (link, ())
    assert studio.open("/studio/publish").words.count("to mend first") == 1


def test_a_condition_on_a_later_answer_and_a_tier_nobody_attains_are_refuted(
    studio: PlainBrowser, marketer_at_work: Colleague
) -> None:
    studio.open("/studio/flows/demo?q=size").press("Move up")
    studio.open(f"{RULES}/tiers/hot").press("Save", **{"from": "900"})
    assert told(studio) == []

    page = re.sub("</?code>", "", unescape(proof_of(marketer_at_work)))

    later = "The condition of “How many?” reads “Role”, which is asked only later, in “Your role?”"
    tier = "Nobody can attain the tier hot: it begins at 900, and the greatest score is 10."
    for says, link in ((later, "/studio/flows/demo?q=size"), (tier, f"{RULES}/tiers/hot")):
        assert says in page
        assert f'href="{link}"' in page[page.index(says) :].partition("</li>")[0]
    studio.open("/studio/proof?flow=demo").press("Move below")
    text = studio.open("/studio/export/demo.yaml").response.text
    assert text.index("property: role") < text.index("property: size")
