"""Browsers that somebody has signed in with before: others who guess do not keep them out.

The browser holds a mark that only we can make, which opens nothing. Attempts that come with one are
counted for it alone, so that whoever tries elsewhere uses up no attempt of the owner's.
"""

import secrets
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from webapp.config import Config

KEPT = timedelta(days=180)


def mark(staff_id: str, *, now: datetime) -> str:
    """A mark for the browser that somebody signed in with just now."""
    return str(_sealing().dumps([staff_id, secrets.token_urlsafe(12), int(now.timestamp())]))


def known(mark: str, staff_id: str, *, now: datetime) -> str | None:
    """What to count a browser of this person under; None for any other."""
    try:
        whose, name, made = _sealing().loads(mark)
    except BadData:
        return None
    fresh = now.timestamp() - made < KEPT.total_seconds()
    return str(name) if whose == staff_id and fresh else None


def _sealing() -> URLSafeSerializer:
    config: Config = current_app.extensions["baton"]
    return URLSafeSerializer(config.secret_key, salt="known browser")
