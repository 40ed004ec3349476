"""A marketer edits a flow: the draft changes, nothing else of the file does, and visitors see
nothing of it until it is published."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests.fixtures.applications import FRIDAY
from tests.fixtures.people import Colleague
from tests.web.studio.forms import form_on
from webapp.services.flows import drafts, releases
from webapp.store.drafts import DraftChangeRow

FLOW = "/studio/flows/demo-request"


@pytest.fixture(autouse=True)
def flows(site_key: str) -> None:
    """The starter flows are live."""


def text_of(person: Colleague, file: str) -> str:
    return person.get(f"/studio/export/{file}").get_data(as_text=True)


def live_text(person: Colleague, file: str) -> str:
    with person.app.app_context():
        return drafts.now_drafted().live[file]


def test_the_studio_lists_the_flows_and_links_to_everything(marketer: Colleague) -> None:
    page = marketer.get("/studio")

    assert page.status_code == 200
    assert "Request a demo" in page.text
    for link in set(re.findall(r'href="(/studio[^"#]*)"', page.text)):
        assert marketer.get(unescape(link)).status_code == 200, link


def test_every_page_of_a_flow_opens(marketer: Colleague) -> None:
    for page in ("", "?new=1", "?q=timeline", "/settings", "/map", "/personas"):
        assert marketer.get(FLOW + page).status_code == 200, page


def test_the_outline_says_when_a_question_is_asked_and_what_it_is_worth(
    marketer: Colleague,
) -> None:
    page = unescape(marketer.get(FLOW).text)

    assert "Ask this when Timeline is at most Within three months" in page
    assert "−5 to 10 points" in page


@pytest.mark.parametrize(
    "file",
    ["contact", "content-download", "demo-request", "discovery-call", "pricing-inquiry"],
)
def test_saving_any_question_unchanged_leaves_every_byte(marketer: Colleague, file: str) -> None:
    ids = re.findall(r'id="q-([^"]+)"', marketer.get(f"/studio/flows/{file}").text)
    assert ids
    for id in ids:
        page = marketer.get(f"/studio/flows/{file}?q={id}")
        sent = form_on(page.text)
        sent["do"] = "save"

        saved = marketer.post(f"/studio/flows/{file}/questions/{id}", sent)

        assert saved.status_code == 303, re.findall(r"<li>.*?</li>|<h2>.*?</p>", saved.text)[:9]
    for name in (f"{file}.yaml", "playbook.yaml"):
        assert text_of(marketer, name) == live_text(marketer, name)


def test_changed_points_change_one_line_of_the_playbook(marketer: Colleague) -> None:
    sent = form_on(marketer.get(f"{FLOW}?q=timeline").text)
    place = next(k for k, v in sent.items() if v == "quarter")[:-3]
    sent[f"{place}-points"] = "12"

    marketer.post(f"{FLOW}/questions/timeline", {**sent, "do": "save"})

    before, after = live_text(marketer, "playbook.yaml"), text_of(marketer, "playbook.yaml")
    differing = [
        (a, b) for a, b in zip(before.split("\n"), after.split("\n"), strict=True) if a != b
    ]
    [(old, new)] = differing
    assert "quarter: 8" in old
    assert "quarter: 12" in new
    assert "8 → 12 points" in marketer.get("/studio").text


def a_budget_question(**more: Any) -> dict[str, Any]:
    return {
        "ask-en": "Who signs the order?",
        "label": "Signer",
        "type": "choice",
        "property": "",
        "c-0-id": "",
        "c-0-label": "I do",
        "c-0-points": "15",
        "c-1-id": "",
        "c-1-label": "Somebody else",
        "c-1-points": "",
        "w-all-0-subject": "budget_status",
        "w-all-0-op": "is",
        "w-all-0-value": "allocated",
        "category": "fit",
        "after": "timeline",
        "do": "save",
        **more,
    }


def test_a_question_asked_only_when_budget_is_allocated_worth_15_points(
    marketer: Colleague,
) -> None:
    marketer.get(f"{FLOW}?new=1")

    made = marketer.post(f"{FLOW}/questions", a_budget_question())

    assert made.status_code == 303
    text = text_of(marketer, "demo-request.yaml")
    assert "  - property: signer\n    ask: Who signs the order?\n" in text
    assert "    when: {budget_status: allocated}\n" in text
    playbook = text_of(marketer, "playbook.yaml")
    assert "signer: {label: Signer, type: choice, choices: {i_do: I do" in playbook
    assert "{id: signer, property: signer, points: {i_do: 15}}" in playbook
    page = unescape(marketer.get(FLOW).text)
    assert "Ask this when Budget status is Set aside" in page
    assert "things to look at" not in page


def test_undo_names_the_change_and_gives_back_every_byte(marketer: Colleague) -> None:
    marketer.get(f"{FLOW}?new=1")
    marketer.post(f"{FLOW}/questions", a_budget_question())
    assert "Added “Signer”" in marketer.get("/studio").text
    changed = text_of(marketer, "playbook.yaml")

    marketer.post("/studio/undo")
    assert text_of(marketer, "playbook.yaml") == live_text(marketer, "playbook.yaml")
    assert text_of(marketer, "demo-request.yaml") == live_text(marketer, "demo-request.yaml")

    marketer.post("/studio/redo")
    assert text_of(marketer, "playbook.yaml") == changed


def test_moving_copying_and_deleting_keep_the_remarks(marketer: Colleague) -> None:
    marketer.get(FLOW)
    before = text_of(marketer, "demo-request.yaml")

    marketer.post(f"{FLOW}/questions/challenge/place", {"by": "1"})
    moved = text_of(marketer, "demo-request.yaml")
    assert sorted(moved.split("\n")) == sorted(before.split("\n"))
    assert moved != before
    marketer.post(f"{FLOW}/questions/challenge/place", {"by": "-1"})
    assert text_of(marketer, "demo-request.yaml") == before

    marketer.post(f"{FLOW}/questions/challenge/copy")
    assert "id: challenge_copy" in text_of(marketer, "demo-request.yaml")
    marketer.post(f"{FLOW}/questions/challenge_copy/removal")
    assert text_of(marketer, "demo-request.yaml") == before


def test_a_refused_form_keeps_what_was_typed(marketer: Colleague) -> None:
    marketer.get(f"{FLOW}?new=1")

    refused = marketer.post(f"{FLOW}/questions", a_budget_question(**{"c-0-points": "lots"}))

    assert refused.status_code == 422
    assert "Enter whole points for “I do”" in unescape(refused.text)
    assert 'value="Somebody else"' in refused.text
    assert 'value="lots"' in refused.text


@pytest.mark.parametrize("odd", ["²", "9" * 5_000])
def test_a_number_that_is_none_is_refused_and_breaks_no_page(marketer: Colleague, odd: str) -> None:
    assert marketer.post(f"{FLOW}/settings", {"ask_at_most": odd}).status_code == 422
    removed = marketer.post(f"{FLOW}/questions/goal", {"do": f"remove:all:{odd}"})
    assert removed.status_code == 200

    playbook = live_text(marketer, "playbook.yaml").replace("points: 2 ", f"points: {odd} ", 1)
    with marketer.app.app_context():
        drafts.put({"playbook.yaml": playbook}, what="Odd points", by="mo", now=FRIDAY)
    assert marketer.get("/studio/playbook").status_code == 200


@pytest.mark.parametrize("seen", ["9" * 40, "-" + "9" * 40])
def test_who_has_seen_what_never_was_saves_all_the_same(marketer: Colleague, seen: str) -> None:
    sent = form_on(marketer.get(f"{FLOW}?q=goal").text)
    sent |= {"ask-en": "What for?", "base_rev": seen, "do": "save"}
    assert marketer.post(f"{FLOW}/questions/goal", sent).status_code == 303
    assert "What for?" in text_of(marketer, "demo-request.yaml")


def test_a_file_of_more_lines_than_anybody_reads_is_refused(marketer: Colleague) -> None:
    text = text_of(marketer, "demo-request.yaml")
    refused = marketer.post("/studio/files/demo-request.yaml", {"text": text + "\n" * 10_000})
    assert refused.status_code == 422
    assert "The text is too long." in refused.text


def test_a_flow_may_have_any_name(marketer: Colleague) -> None:
    assert marketer.post("/studio/flows", {"id": "Null!"}).status_code == 303
    assert marketer.get("/studio/flows/null").status_code == 200


def test_two_editors_of_different_questions_both_keep_their_work(
    marketer: Colleague, manager: Colleague
) -> None:
    mine = form_on(marketer.get(f"{FLOW}?q=goal").text)
    theirs = form_on(manager.get(f"{FLOW}?q=timeline").text)

    manager.post(f"{FLOW}/questions/timeline", {**theirs, "ask-en": "Starting when?", "do": "save"})
    saved = marketer.post(f"{FLOW}/questions/goal", {**mine, "ask-en": "What for?", "do": "save"})

    assert saved.status_code == 303
    text = text_of(marketer, "demo-request.yaml")
    assert "Starting when?" in text
    assert "What for?" in text


def test_two_editors_of_one_question_see_both_versions_and_lose_nothing(
    marketer: Colleague, manager: Colleague, rows: Callable[..., list[DraftChangeRow]]
) -> None:
    mine = form_on(marketer.get(f"{FLOW}?q=goal").text)
    theirs = form_on(manager.get(f"{FLOW}?q=goal").text)
    manager.post(f"{FLOW}/questions/goal", {**theirs, "ask-en": "What brings you?", "do": "save"})

    late = marketer.post(f"{FLOW}/questions/goal", {**mine, "ask-en": "What for?", "do": "save"})

    assert late.status_code == 409
    assert "What brings you?" in late.text
    assert 'value="What for?"' in late.text
    assert "What brings you?" in text_of(marketer, "demo-request.yaml")
    again = {**form_on(late.text), "do": "save"}
    assert marketer.post(f"{FLOW}/questions/goal", again).status_code == 409
    again["keep:ask en"] = "mine"
    assert marketer.post(f"{FLOW}/questions/goal", again).status_code == 303
    assert "What for?" in text_of(marketer, "demo-request.yaml")
    assert len(rows(DraftChangeRow)) == 2


def test_of_what_both_changed_each_field_is_chosen_and_the_rest_goes_together(
    marketer: Colleague, manager: Colleague
) -> None:
    mine = form_on(marketer.get(f"{FLOW}?q=timeline").text)
    theirs = form_on(manager.get(f"{FLOW}?q=timeline").text)
    both = {"ask-en": "Starting when?", "ask-de": "Ab wann?", "help-en": "Roughly."}
    manager.post(f"{FLOW}/questions/timeline", {**theirs, **both, "do": "save"})
    other = {"ask-en": "By when?", "ask-de": "Bis wann?", "c-1-points": "12", "do": "save"}
    late = marketer.post(f"{FLOW}/questions/timeline", {**mine, **other})
    assert late.status_code == 409

    chosen = {"keep:ask en": "mine", "keep:ask de": "theirs"}
    again = marketer.post(
        f"{FLOW}/questions/timeline", {**form_on(late.text), **chosen, "do": "save"}
    )

    assert again.status_code == 303
    now = form_on(marketer.get(f"{FLOW}?q=timeline").text)
    asked = {name: now[name] for name in ("ask-en", "ask-de", "help-en", "c-1-points")}
    assert asked == {
        "ask-en": "By when?",
        "ask-de": "Ab wann?",
        "help-en": "Roughly.",
        "c-1-points": "12",
    }


def test_a_form_shown_anew_leaves_the_address_where_it_can_be_loaded_again(
    marketer: Colleague,
) -> None:
    sent = form_on(marketer.get(f"{FLOW}?q=goal").text)

    shown = marketer.post(f"{FLOW}/questions/goal", {**sent, "do": "add:any"})
    saved = marketer.post(f"{FLOW}/questions/goal", {**sent, "do": "save"})
    walked = marketer.post(f"{FLOW}/preview", {"do": "end"})

    pushed = [each.headers.get("HX-Push-Url") for each in (shown, saved, walked)]
    assert pushed == ["false", None, FLOW]
    for address in ("questions/goal", "questions", "preview"):
        again = marketer.get(f"{FLOW}/{address}", follow_redirects=True)
        assert "What would you most like to achieve?" in again.text, address


def test_what_saves_itself_beside_a_colleague_hears_of_it_and_is_named_rightly(
    marketer: Colleague, manager: Colleague
) -> None:
    mine = form_on(marketer.get(f"{FLOW}?q=goal").text)
    theirs = form_on(manager.get(f"{FLOW}?q=goal").text)
    by_itself = {"headers": {"X-Autosave": "1"}}

    def save(**typed: str) -> Any:
        sent = {**mine, **typed, "do": "save"}
        return marketer.post(f"{FLOW}/questions/goal", sent, **by_itself).json

    alone = save(**{"ask-en": "What for?"})
    mine["base_rev"] = str(alone["revision"])
    manager.post(f"{FLOW}/questions/goal", {**theirs, "help-en": "Roughly.", "do": "save"})
    beside = save(**{"ask-en": "What for today?"})

    assert (alone["merged"], beside["merged"]) == (False, True)
    assert beside["undo"] == "Wording of “Goal”"
    text = text_of(marketer, "demo-request.yaml")
    assert "What for today?" in text
    assert "Roughly." in text


def test_any_step_can_be_undone_and_what_was_saved_since_stays(
    marketer: Colleague, manager: Colleague
) -> None:
    mine = form_on(marketer.get(f"{FLOW}?q=goal").text)
    marketer.post(f"{FLOW}/questions/goal", {**mine, "ask-en": "What for?", "do": "save"})
    step = re.findall(r'name="step" value="(\d+)"', marketer.get(FLOW).text)[0]
    theirs = form_on(manager.get(f"{FLOW}?q=goal").text)
    manager.post(f"{FLOW}/questions/goal", {**theirs, "help-en": "Roughly.", "do": "save"})

    marketer.post("/studio/undo", {"step": step})

    text = text_of(marketer, "demo-request.yaml")
    assert "Undone: Wording of “Goal”" in unescape(marketer.get("/studio/history").text)
    assert "What for?" not in text
    assert "Roughly." in text
    for _ in range(3):
        marketer.post("/studio/undo")
    assert text_of(marketer, "demo-request.yaml") == live_text(marketer, "demo-request.yaml")


def test_a_step_that_later_ones_rest_on_is_not_undone_before_them(marketer: Colleague) -> None:
    for words in ("What for?", "What for today?"):
        sent = form_on(marketer.get(f"{FLOW}?q=goal").text)
        marketer.post(f"{FLOW}/questions/goal", {**sent, "ask-en": words, "do": "save"})
    page = marketer.get("/studio/history").text
    newest, first = re.findall(r'name="step" value="(\d+)"><input type="hidden" name="back"', page)

    marketer.post("/studio/undo", {"step": first})

    assert int(newest) > int(first)
    assert "Later changes rest on this one. Undo those first." in marketer.get("/studio").text
    assert "What for today?" in text_of(marketer, "demo-request.yaml")


def test_the_preview_walks_as_a_visitor_and_says_why(marketer: Colleague) -> None:
    marketer.get(FLOW)

    page = marketer.post(
        f"{FLOW}/preview", {"step": "0", "about": "goal", "answer": "grow", "do": "answer"}
    )

    words = unescape(page.text)
    assert "What is in the way today?" in words
    assert "Serve more customers with the same team" in words
    assert "Will be asked if: Seniority is Specialist" in words


def test_the_preview_as_a_persona_shows_her_score_and_route(marketer: Colleague) -> None:
    marketer.get(FLOW)

    page = marketer.post(
        f"{FLOW}/preview", {"persona": "cases/demo-request.ana-cfo-urgent.yaml", "do": "persona"}
    )

    assert "<strong>98</strong> points" in page.text
    assert "They asked for a demo" in page.text


def test_the_preview_puts_a_question_as_its_visitor_reads_it(marketer: Colleague) -> None:
    sent = form_on(marketer.get(f"{FLOW}?q=challenge").text)
    ask = "What is in the way of {goal}, {industry}?"
    marketer.post(f"{FLOW}/questions/challenge", {**sent, "ask-en": ask, "do": "save"})
    ana = "cases/demo-request.ana-cfo-urgent.yaml"

    page = marketer.post(f"{FLOW}/preview", {"persona": ana, "was": ana, "step": "1"})

    assert "What is in the way of Get numbers we can rely on?" in unescape(page.text)


def test_live_visitors_see_nothing_of_a_draft(marketer: Colleague, stranger: Colleague) -> None:
    sent = form_on(marketer.get(f"{FLOW}?q=goal").text)
    marketer.post(f"{FLOW}/questions/goal", {**sent, "ask-en": "What for?", "do": "save"})

    assert "What for?" not in stranger.get("/f/demo-request").text
    with marketer.app.app_context():
        assert "What for?" not in str(releases.live()[1].flows["demo-request"].questions[0].ask)


def test_a_rep_edits_nothing(rep: Colleague) -> None:
    rep.get("/desk")
    assert rep.get("/studio").status_code == 403
    assert rep.post(f"{FLOW}/questions", a_budget_question()).status_code == 403


def test_answers_given_in_the_preview_are_kept_as_a_persona(marketer: Colleague) -> None:
    marketer.get(FLOW)
    answers = {"a-goal": "grow", "a-challenge": "", "a-job_title": "CFO", "step": "3"}
    shown = marketer.post(f"{FLOW}/preview", answers)
    assert "Keep these answers as a persona" in shown.text

    kept = marketer.post(f"{FLOW}/personas", {**answers, "name": "Ada in a hurry"})

    assert kept.status_code == 303
    page = marketer.get(f"{FLOW}/personas").text
    assert "Ada in a hurry" in page
    assert "Otherwise" not in page
    assert (
        "goal: grow" in marketer.get("/studio/export/cases/demo-request.ada-in-a-hurry.yaml").text
    )
