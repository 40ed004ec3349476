"""The websites that use our flows."""

import secrets
from datetime import datetime

from webapp.store import sites as rows
from webapp.store.database import db, exclusive, new_id, one_commit
from webapp.store.sites import SiteRow


def seed(*, now: datetime) -> SiteRow:
    """The first site, made if there is none: pages opened without a site key belong to it."""
    with one_commit("sites.seed"):
        exclusive("sites.seed")
        site = rows.first()
        if site is None:
            site = SiteRow(
                id=new_id(now),
                key=secrets.token_urlsafe(12),
                name="Our website",
                origins=[],
                settings={},
                created_at=now,
            )
            db.session.add(site)
    return site
