"""Where a visitor came from, and how often, as their browser tells it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.fixtures.applications import FRIDAY
from webapp.services.figures import visits
from webapp.services.figures.visits import Happened
from webapp.store import sites, visitors
from webapp.store.database import db
from webapp.store.visitors import VisitorRow

SOON = FRIDAY + timedelta(seconds=1)


def test_a_page_view_does_not_undo_what_another_told_in_the_same_instant(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        site = sites.first()
        assert site is not None
        visits.record(site, "v1", [Happened(id="e1", page="/")], now=FRIDAY)
        read_before = visitors.by_key(site.id, "v1")
        assert read_before is not None
        advert = {"utm_source": "news", "at": FRIDAY.isoformat()}
        told = update(VisitorRow).values(first_touch=advert, last_touch=advert)
        db.session.execute(told)
        db.session.commit()

        with monkeypatch.context() as same_instant:
            same_instant.setattr(visitors, "by_key", lambda *_: read_before)
            visits.record(site, "v1", [Happened(id="e2", page="/pricing")], now=SOON)

        kept = visitors.by_key(site.id, "v1")
        assert kept is not None
        assert kept.first_touch == kept.last_touch == advert
        assert kept.last_seen == SOON
