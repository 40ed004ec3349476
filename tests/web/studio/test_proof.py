"""What the proof says of the draft reaches the marketer: where, shown by whom, mended how."""

from html import unescape

import pytest

from tests.fixtures.applications import FRIDAY
from tests.fixtures.people import Colleague
from tests.flow_files.small import flow, playbook
from tests.waiting import eventually
from tests.web.studio.forms import form_on
from webapp.services.flows import drafts
from webapp.services.flows.drafts import OUT

SKIPPING = "[{property: role, ask: Your role?}, {property: email, ask: E?, required: false}]"
WHY = "The forms were too long for people"
SAYS = "they skipped the question, which is optional."


@pytest.fixture
def skipping(marketer: Colleague, monkeypatch: pytest.MonkeyPatch) -> Colleague:
    """A marketer whose draft lets somebody reach sales whom nobody can reach."""
    monkeypatch.setitem(marketer.app.config, "PROOF_SECONDS", 150.0)
    texts = {"playbook.yaml": playbook(), "demo.yaml": flow(questions=SKIPPING)}
    with marketer.app.app_context():
        others = dict.fromkeys(drafts.now_drafted().live, OUT)
        drafts.put({**others, **texts}, what="Begun anew", by="the tests", now=FRIDAY)
    return marketer


def proof_of(person: Colleague, flow: str = "") -> str:
    """The proof, as soon as it is there; until then the page says that it comes."""
    address = f"/studio/proof?flow={flow}" if flow else "/studio/proof"

    def page() -> str:
        return person.get(address, headers={"HX-Request": "true"}).text

    eventually(lambda: "This takes a few seconds" not in page(), seconds=150)
    return page()


def test_a_refuted_point_is_told_with_its_place_its_visitor_and_its_remedy(
    skipping: Colleague,
) -> None:
    assert 'hx-get="/studio/proof?flow=demo"' in skipping.get("/studio/flows/demo").text

    page = proof_of(skipping, "demo")

    assert SAYS in page
    assert 'href="/studio/flows/demo?q=email"' in page
    shown = skipping.post(
        "/studio/flows/demo/preview",
        {name: form_field(page, name) for name in ("visitor", "persona")} | {"do": "persona"},
    )
    assert "the visitor of the proof" in shown.text
    assert "Every question that applies was asked." in shown.text
    assert "Skipped." in shown.text

    sent = {
        name: form_field(page, name) for name in ("base_rev", "back", "file", "section", "item")
    }
    done = skipping.post("/studio/remedies", {**sent, "remedy": "require"})
    assert done.headers["Location"] == "/studio/flows/demo"
    assert "required" not in skipping.get("/studio/export/demo.yaml").text
    assert SAYS not in proof_of(skipping, "demo")


def test_publishing_what_is_refuted_has_to_be_meant(skipping: Colleague) -> None:
    assert SAYS in proof_of(skipping)
    sent = form_on(skipping.get("/studio/publish").text, "publish-form") | {"why": WHY}

    refused = skipping.post("/studio/publish", sent)
    assert refused.status_code == 422
    assert "The proof refutes 1 of what must hold" in refused.text
    assert WHY in refused.text

    assert skipping.post("/studio/publish", {**sent, "refuted": "on"}).status_code == 303


def test_what_is_not_proved_is_said_and_does_not_stop_anybody(marketer: Colleague) -> None:
    page = proof_of(marketer)

    assert "Not proved" in page
    assert "Every question can be reached" in page


def test_a_draft_with_errors_has_no_proof_yet(marketer: Colleague) -> None:
    with marketer.app.app_context():
        text = drafts.now_drafted().texts["contact.yaml"].replace("property: name", "property: nm")
        drafts.put({"contact.yaml": text}, what="Broke it", by="the tests", now=FRIDAY)

    assert "once the errors are mended" in proof_of(marketer, "contact")


def form_field(page: str, name: str) -> str:
    return unescape(page.split(f'name="{name}" value="')[1].split('"')[0])
