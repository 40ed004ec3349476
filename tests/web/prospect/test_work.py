"""Sites may ask browsers for a little work before the first answer; it costs nobody an answer."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask

from tests.fixtures.people import Colleague
from tests.web.plain_browser import PlainBrowser
from tests.web.prospect.conftest import Conversations, Kept
from webapp.store import sites
from webapp.store.database import one_commit, writing
from webapp.web.prospect import work

GOAL = "Serve more customers with the same team"


@pytest.fixture
def asked(app: Flask, site_key: str) -> None:
    """The site asks for it, as its page in the studio lets editors choose."""
    with app.app_context(), writing(), one_commit("tests.asked"):
        site = sites.by_key(site_key)
        assert site is not None
        site.settings = {**site.settings, "proof_of_work": True}


def stamp(page: PlainBrowser) -> str:
    found = re.search(r'name="turn" value="([^"]+)"', page.response.text)
    assert found
    return found[1]


def worked(stamp: str) -> str:
    return next(str(n) for n in count() if work.done(stamp, str(n)))


@pytest.mark.usefixtures("asked")
def test_who_did_the_work_is_suspected_of_nothing(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    prospect.open("/f/demo-request")
    assert f'data-work="{work.ZEROS}"' in prospect.response.text
    prospect.page.forms[-1].fields.append(("work", worked(stamp(prospect))))
    prospect.choose(GOAL)
    [row] = conversations()
    assert (row.spam, row.spam_because) == (False, [])
    assert "data-work" not in prospect.response.text


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("number", [None, "nonsense", "1" * 5_000])
def test_without_script_every_answer_is_kept_and_a_person_looks(
    prospect: PlainBrowser,
    conversations: Conversations,
    kept: Kept,
    manager: Colleague,
    number: str | None,
) -> None:
    prospect.open("/f/demo-request")
    if number is not None:
        prospect.page.forms[-1].fields.append(("work", number))
    prospect.choose(GOAL)
    assert prospect.heading == "What is in the way today?"
    assert kept() == [("goal", "grow")]
    [row] = conversations()
    assert row.spam_because == ["no_work"]
    assert "did not do the work that the site asks for" in manager.get("/desk/spam").text


@pytest.mark.usefixtures("asked")
def test_work_counts_for_the_page_it_was_done_for_and_for_one_conversation(
    prospect: PlainBrowser, another: PlainBrowser, conversations: Conversations
) -> None:
    first = stamp(prospect.open("/f/demo-request"))
    number = worked(first)
    others = [stamp(another.open("/f/demo-request")) for _ in range(4)]
    assert not all(work.done(each, number) for each in others), "once in 65,000 by chance, each"
    for _ in range(2):
        prospect.open("/f/demo-request")
        form = prospect.page.forms[-1]
        form.fields[:] = [(n, first if n == "turn" else v) for n, v in form.fields]
        form.fields.append(("work", number))
        prospect.choose(GOAL)
    assert len(conversations()) == 1


def test_nobody_is_asked_for_work_unless_the_site_says_so(
    prospect: PlainBrowser, conversations: Conversations
) -> None:
    prospect.open("/f/demo-request")
    assert "work.js" not in prospect.response.text
    prospect.choose(GOAL)
    assert conversations()[0].spam_because == []


def test_an_editor_switches_it_on_and_off(
    marketer: Colleague, site_key: str, rows: Callable[[type], list[sites.SiteRow]]
) -> None:
    [site] = rows(sites.SiteRow)
    for ticked in (True, False):
        marketer.get(f"/studio/sites/{site.id}")
        sent = {"name": site.name, **({"proof_of_work": "on"} if ticked else {})}
        assert marketer.post(f"/studio/sites/{site.id}", sent).status_code == 303
        assert rows(sites.SiteRow)[0].settings.get("proof_of_work", False) is ticked
