"""The playbook is edited like a flow: in words, item by item, remarks kept."""

import re
from html import unescape

import pytest

from tests.fixtures.people import Colleague
from tests.web.studio.forms import form_on
from tests.web.studio.test_flows import live_text, text_of
from webapp.web.studio.sections import PLAYBOOK_SECTIONS


@pytest.fixture(autouse=True)
def flows(site_key: str) -> None:
    """The starter flows are live."""


def differing(person: Colleague) -> list[tuple[str, str]]:
    before = live_text(person, "playbook.yaml").split("\n")
    after = text_of(person, "playbook.yaml").split("\n")
    assert len(before) == len(after)
    return [(a, b) for a, b in zip(before, after, strict=True) if a != b]


def save(person: Colleague, part: str, item: str, **fields: str) -> int:
    address = f"/studio/rules/playbook/{part}/{item}"
    sent = {**form_on(person.get(address).text, "item-form"), **fields, "do": "save"}
    return person.post(address, sent).status_code


def test_the_playbook_reads_as_sentences(marketer: Colleague) -> None:
    page = unescape(marketer.get("/studio/playbook").text)

    assert "Seniority: Top management 25, Head of a department 20" in page
    assert "The tier is Hot and The ideal-customer match is yes or partial" in page
    assert "ana@example.com, ben@example.com" in page


@pytest.mark.parametrize("part", [part.name for part in PLAYBOOK_SECTIONS])
def test_saving_any_item_unchanged_leaves_every_byte(marketer: Colleague, part: str) -> None:
    page = marketer.get("/studio/playbook").text
    items = re.findall(rf'href="/studio/rules/playbook/{part}/([^"]+)"', page)
    assert items
    for item in items[1:4]:
        assert save(marketer, part, item) == 303, item
    assert differing(marketer) == []


def test_points_of_a_table_change_in_place(marketer: Colleague) -> None:
    assert save(marketer, "fit", "role", **{"points-manager": "12"}) == 303

    [(_, new)] = differing(marketer)
    assert "manager: 12" in new


def test_a_tier_begins_elsewhere(marketer: Colleague) -> None:
    assert save(marketer, "tiers", "hot", **{"from": "75"}) == 303

    [(_, new)] = differing(marketer)
    assert "{id: hot, from: 75, label" in new


def test_a_routing_rule_gets_another_condition_destination_and_reason(
    marketer: Colleague,
) -> None:
    fields = {
        "to": "nurture",
        "because-en": "Worth keeping warm",
        "w-all-0-value": "warm",
    }
    assert save(marketer, "routing", "hot", **fields) == 303

    [(_, new)] = differing(marketer)
    assert new.strip() == (
        "- {id: hot, when: {tier: warm, icp: [yes, partial]}, to: nurture, "
        "because: Worth keeping warm}"
    )


def test_the_order_of_routing_is_changed_by_buttons(marketer: Colleague) -> None:
    marketer.get("/studio/playbook")

    marketer.post("/studio/rules/playbook/routing/disqualified/place", {"by": "-1"})

    text = text_of(marketer, "playbook.yaml")
    assert text.index("id: disqualified,") < text.index("id: spam,")


def test_a_rep_joins_a_team_and_the_others_keep_what_the_file_says(marketer: Colleague) -> None:
    reps = "ana@example.com, weight 2, capacity 20\nben@example.com\nzoe@example.com, weight 3"
    assert save(marketer, "teams", "americas", reps=reps) == 303

    text = text_of(marketer, "playbook.yaml")
    assert "      - {email: ben@example.com}\n      - {email: zoe@example.com, weight: 3}\n" in text
    assert "lead: mia@example.com       # hears of missed deadlines" in text


def test_a_line_of_nothing_but_at_signs_is_refused_at_once(marketer: Colleague) -> None:
    for reps in ("ana@@example.com", "@" * 60_000 + " !"):
        assert save(marketer, "teams", "americas", reps=reps) == 422
    assert differing(marketer) == []


def test_a_new_routing_rule_goes_before_the_one_for_the_rest(marketer: Colleague) -> None:
    address = "/studio/rules/playbook/routing/new"
    sent = form_on(marketer.get(address).text, "item-form")
    sent |= {
        "id": "big",
        "to": "sales",
        "w-all-0-subject": "budget_range",
        "w-all-0-op": "at_least",
        "w-all-0-value": "25k-100k",
        "do": "save",
    }

    assert marketer.post(address, sent).status_code == 303

    text = text_of(marketer, "playbook.yaml")
    assert "{id: big, to: sales, when: {budget_range: {at_least: 25k-100k}}}" in text
    assert text.index("id: big,") < text.index("id: rest,")


def test_a_file_is_exported_and_imported_to_the_byte(marketer: Colleague) -> None:
    marketer.get("/studio/import")
    text = text_of(marketer, "playbook.yaml")

    same = marketer.post("/studio/import", {"text": text, "do": "check"})
    assert "Nothing: the draft says the same." in same.text
    other = text.replace("at_most: 65", "at_most: 70")
    shown = marketer.post("/studio/import", {"text": other, "do": "check"})
    assert "+    at_most: 70" in unescape(shown.text)
    assert text_of(marketer, "playbook.yaml") == text
    marketer.post("/studio/import", {"text": other, "do": "take"})

    assert text_of(marketer, "playbook.yaml") == other


def test_a_broken_import_is_refused_with_its_errors(marketer: Colleague) -> None:
    marketer.get("/studio/import")

    refused = marketer.post("/studio/import", {"text": "flow: x\nformat: 1\n", "do": "take"})

    assert refused.status_code == 422
    assert "questions" in refused.text


def test_two_editors_of_one_text_see_what_differs(marketer: Colleague, manager: Colleague) -> None:
    address = "/studio/files/playbook.yaml"
    mine = form_on(marketer.get(address).text, "text-form")
    theirs = form_on(manager.get(address).text, "text-form")
    manager.post(address, {**theirs, "text": theirs["text"].replace("at_most: 65", "at_most: 70")})

    late = marketer.post(address, {**mine, "text": mine["text"].replace("from: 80", "from: 81")})

    assert late.status_code == 409
    assert "+    at_most: 70" in unescape(late.text)
    assert "from: 81" in late.text


def test_a_site_gets_its_origins_colour_and_snippet(marketer: Colleague) -> None:
    page = marketer.get("/studio/sites").text
    address = re.findall(r'href="(/studio/sites/[^"]+)"', page)[0]
    marketer.get(address)

    for origin, accent in (("shop.example", "red"), ("https://[::1", "")):
        odd = {"name": "Shop", "origins": origin, "accent": accent}
        assert marketer.post(address, odd).status_code == 422
    saved = marketer.post(
        address, {"name": "Shop", "origins": "https://Shop.example/page", "accent": "#ffee00"}
    )
    assert saved.status_code == 303

    shown = unescape(marketer.get(f"{address}?flow=contact&mode=bubble").text)
    assert "https://shop.example" in shown
    assert "Hard to see on white" in shown
    assert "--accent: #ffee00" not in shown, "our own page takes the site's colour on"
    assert "flow=contact&mode=bubble" in shown

    page = marketer.get(f"{address}?flow=contact&mode=frame").text
    snippet = unescape(page.split('id="snippet"')[1].split(">", 1)[1].split("</textarea>")[0])
    frame = unescape(re.findall(r'<iframe src="http://localhost([^"]+)"', snippet)[0])
    assert snippet.index("<iframe") < snippet.index("<script"), "the browser asks for it first"
    assert "https://shop.example" in marketer.get(frame).headers["Content-Security-Policy"]


def test_a_site_is_offered_every_flow_a_visitor_can_open_and_no_other(marketer: Colleague) -> None:
    address = re.findall(r'href="(/studio/sites/[^"]+)"', marketer.get("/studio/sites").text)[0]

    offered = marketer.get(address).text.split('name="flow">')[1].split("</select>")[0]

    assert re.search(r'value="demo-request"[^>]*>Request a demo<', offered), "by their titles"
    flows = re.findall(r'<option value="([^"]+)"', offered)
    assert "demo-request" in flows
    assert {flow: marketer.get(f"/f/{flow}").status_code for flow in flows} == dict.fromkeys(
        flows, 200
    )
    assert "discovery-call" not in flows, "reps ask this on the phone"


def test_a_marketer_archives_a_site_and_uses_it_again(
    marketer: Colleague, admin: Colleague
) -> None:
    def listed() -> str:
        return marketer.get("/studio/sites").text.split('<ul class="rows">')[1].split("</ul>")[0]

    [address] = re.findall(r'href="(/studio/sites/[^"]+)"', listed())
    marketer.get(address)
    marketer.post(f"{address}/archive")
    assert address not in listed()
    assert address in marketer.get("/studio/sites").text
    assert ">Our website</option>" not in admin.get("/settings/keys").text
    assert "archived" in admin.get("/settings/privacy").text, "it still keeps people"

    page = marketer.get(address).text
    assert "Nobody begins anything here" in page
    assert "Paste this" not in page
    marketer.post(f"{address}/use")
    assert "Paste this" in marketer.get(address).text
    assert address in listed()
    log = admin.get("/settings/audit").text
    assert "site.archived" in log
    assert "site.brought_back" in log


def test_the_secret_of_a_site_is_shown_to_who_signed_in_lately(marketer: Colleague) -> None:
    address = re.findall(r'href="(/studio/sites/[^"]+)"', marketer.get("/studio/sites").text)[0]
    assert "Make another secret" in marketer.get(address).text
    marketer.signed_in_a_while_ago()
    page = marketer.get(address).text
    assert "Make another secret" not in page
    [link] = re.findall(r'<a [^>]*href="/sign-in[^>]+>', page)
    assert 'hx-boost="false"' in link, "it leaves the studio, so nothing of the answer fits into it"


def test_working_hours_and_holidays_of_a_team_are_fields(marketer: Colleague) -> None:
    hours = "mon-thu: 08:00-12:00, 13:00-17:00\nfri: 08:00-12:00"
    fields = {"hours": hours, "holidays": "2026-12-24, 2026-12-25"}
    assert save(marketer, "teams", "americas", **fields) == 303

    new = [line.strip() for _, line in differing(marketer)]
    assert new == [
        "hours: {timezone: America/New_York, "
        'mon-thu: ["08:00-12:00", "13:00-17:00"], fri: ["08:00-12:00"]}',
        'holidays: ["2026-12-24", 2026-12-25]',
    ]


def test_a_signal_is_changed_and_a_new_one_scored_without_touching_the_file(
    marketer: Colleague,
) -> None:
    assert save(marketer, "signals", "blog_post", page="/blog/*, /news/*") == 303
    assert save(marketer, "signals", "new", id="webinar", event="webinar") == 303
    new = {"id": "came", "signal": "webinar", "points": "8", "within": "30d"}
    assert save(marketer, "intent", "new", **new) == 303

    text = text_of(marketer, "playbook.yaml")
    assert '  blog_post: {label: Post, page: ["/blog/*", "/news/*"]}\n' in text
    assert "  webinar: {event: webinar}\n" in text
    assert "{id: came, signal: webinar, points: 8, within: 30d}" in text
    assert 'class="error"' not in marketer.get("/studio/playbook").text


def test_a_property_gets_another_choice_other_words_and_a_place_in_a_framework(
    marketer: Colleague,
) -> None:
    sent = form_on(marketer.get("/studio/rules/playbook/properties/timeline").text, "item-form")
    fields = {
        "choices-en": sent["choices-en"] + "\nnever: Never",
        "choices-de": sent["choices-de"] + "\nnever: Nie",
        "synonyms": sent["synonyms"].replace("now: now,", "now: today, now,"),
        "expires": "90d",
        "frameworks.meddic": "decision_process",
    }
    assert save(marketer, "properties", "timeline", **fields) == 303

    text = text_of(marketer, "playbook.yaml")
    assert "{bant: timeline, champ: prioritization, meddic: decision_process}" in text
    assert "    expires: 90d\n" in text
    assert "synonyms: [today, now, asap" in text
    assert "never: {en: Never, de: Nie}" in text
    assert "# soonest first, so `at_most: quarter`" in text


def test_a_guess_from_words_is_told_line_by_line(marketer: Colleague) -> None:
    sent = form_on(marketer.get("/studio/rules/playbook/properties/role_level").text, "item-form")
    words = sent["derive.words"].replace("c_level: chief,", "c_level: chief, president,")
    assert words != sent["derive.words"]
    assert save(marketer, "properties", "role_level", **{"derive.words": words}) == 303

    assert "c_level: [chief, president, ceo" in text_of(marketer, "playbook.yaml")


def test_the_cap_of_a_category_and_the_clock_are_set_for_everything(marketer: Colleague) -> None:
    fields = {"timezone": "Europe/Vienna", "scoring.fit.at_most": "70"}
    assert save(marketer, "general", "@all", **fields) == 303

    new = [line.strip() for _, line in differing(marketer)]
    assert len(new) == 2
    assert new[0].startswith("timezone: Europe/Vienna")
    assert new[1].startswith("at_most: 70")
