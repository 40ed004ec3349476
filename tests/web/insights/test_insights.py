"""Marketing and sales read the past, and try other points on it without touching anybody."""

import re
from datetime import UTC, datetime, timedelta

from flask import Flask

from tests.fixtures.people import Colleague
from tests.services.conftest import Prospect
from webapp.services.flows import releases
from webapp.store import sites


def test_the_reports_open_before_anything_has_happened(marketer: Colleague) -> None:
    page = marketer.get("/insights")

    assert page.status_code == 200
    assert "Where do people stop?" in page.text
    assert "Nobody has begun" in page.text


def test_every_report_comes_as_csv(manager: Colleague) -> None:
    for report in ("funnel", "bands", "speed", "rejections", "sources", "weeks"):
        found = manager.get(f"/insights/{report}.csv?days=365")
        assert found.mimetype == "text/csv"
        assert "," in found.text
    assert manager.get("/insights/secrets.csv").status_code == 404


def test_who_reads_the_weeks_sees_what_was_published_and_which_week_is_not_over(
    app: Flask, marketer: Colleague, rep: Colleague
) -> None:
    assert "Fewer than three whole weeks" in marketer.get("/insights").text
    now = datetime.now(UTC)
    with app.app_context():
        site = sites.first()
        assert site is not None
        for weeks in (5, 5, 2):
            Prospect(site, now - timedelta(weeks=weeks)).begins()
        texts = releases.texts_of(releases.live_manifest())
        texts["playbook.yaml"] += "# shorter\n"
        then = now - timedelta(weeks=3)
        row = releases.publish(texts, by="a test", why="Ask <less>", now=then)
        version = row.id

    page = marketer.get("/insights").text
    drawn = re.findall('<svg class="trend".*?</svg>', page, re.DOTALL)
    assert [re.findall("<title>(.*?), week by week", each) for each in drawn] == [
        ["Conversations begun"],
        ["Conversations finished"],
        ["Leads to sales"],
        ["Heard from us in time"],
    ]
    assert all(f"Release {version}, {then:%-d %b %Y}: Ask &lt;less&gt;" in each for each in drawn)
    assert [each.count('<circle class="going"') for each in drawn] == [1, 1, 1, 0]
    assert "Conversations begun: 0 last week, 0 to 2 in the weeks before" in page
    link = f'<a href="/studio/versions/{version}">'
    assert link in page
    assert link not in rep.get("/insights").text

    head, *rows = marketer.get("/insights/weeks.csv").text.splitlines()
    assert head.startswith("week from,over,begun,finished,leads")
    assert [each.split(",")[1:3] for each in rows] == [
        ["yes", "2"], ["yes", "0"], ["yes", "0"], ["yes", "1"], ["yes", "0"], ["no", "0"],
    ]  # fmt: skip
    assert rows[2].endswith(f"{version}: Ask <less>")


def test_a_marketer_tries_other_points_on_the_past(marketer: Colleague) -> None:
    page = marketer.get("/insights/what-if")
    assert "format: 1" in page.text

    broken = marketer.post("/insights/what-if", {"playbook": "format: 1\nname: [", "days": "90"})
    assert broken.status_code == 422
    assert "playbook.yaml, line 2:" in broken.text


def test_a_marketer_asks_what_the_draft_would_have_done_and_sees_no_file(
    marketer: Colleague, manager: Colleague
) -> None:
    assert "Nothing differs from what is live." in marketer.get("/insights/what-if").text
    text = manager.get("/studio/export/playbook.yaml").text
    changed = text.replace("from: 80", "from: 90", 1)
    assert changed != text
    manager.get("/studio/files/playbook.yaml")
    manager.post("/studio/files/playbook.yaml", {"text": changed})
    assert "Show what the draft would have done" in marketer.get("/insights/what-if").text
    shown = marketer.post("/insights/what-if", {"days": "90"})
    assert "0 conversations, 0 would have gone elsewhere" in shown.text


def test_a_rep_reads_the_reports_and_does_not_tune_the_points(rep: Colleague) -> None:
    assert rep.get("/insights").status_code == 200
    assert rep.get("/insights/what-if").status_code == 403
