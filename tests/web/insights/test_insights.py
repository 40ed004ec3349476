"""Marketing and sales read the past, and try other points on it without touching anybody."""

from tests.fixtures.people import Colleague


def test_the_reports_open_before_anything_has_happened(marketer: Colleague) -> None:
    page = marketer.get("/insights")

    assert page.status_code == 200
    assert "Where do people stop?" in page.text
    assert "Nobody has begun" in page.text


def test_every_report_comes_as_csv(manager: Colleague) -> None:
    for report in ("funnel", "bands", "rejections", "sources"):
        found = manager.get(f"/insights/{report}.csv?days=365")
        assert found.mimetype == "text/csv"
        assert "," in found.text
    assert manager.get("/insights/secrets.csv").status_code == 404


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
