"""The websites that use our flows."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from email_validator import EmailNotValidError, validate_email

from webapp.core.errors import BatonError
from webapp.services import audit
from webapp.store import sites as rows
from webapp.store.database import db, new_id, one_commit
from webapp.store.locks import exclusive
from webapp.store.sites import SiteRow

COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
PHONE = re.compile(r"\+?(?:[ ()./-]*\d){5,15}[ ()./-]*")
MOST_ORIGINS = 50
ENOUGH_CONTRAST = 4.5
MOST_DAYS_KEPT = 3_650
INK, WHITE = "#1b2421", "#ffffff"


class Refused(BatonError):
    """A setting that cannot be used. ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def seed(*, now: datetime) -> SiteRow:
    """The first site, made if there is none: pages opened without a site key belong to it."""
    with one_commit("sites.seed"):
        exclusive("sites.seed")
        site = rows.first()
        if site is None:
            site = _new("Our website", now)
            db.session.add(site)
    return site


def create(name: str, *, by: str, now: datetime) -> SiteRow:
    """Another site, which nobody may frame until its origins are named."""
    with one_commit("sites.create"):
        site = _new(name[:200], now)
        db.session.add(site)
        audit.append("site.created", site.id, actor=by, now=now)
    return site


def update(
    site: SiteRow,
    *,
    name: str,
    origins: Sequence[str],
    accent: str,
    tell_ending: bool,
    no_meetings: bool = False,
    proof_of_work: bool = False,
    phone: str = "",
    email: str = "",
    by: str,
    now: datetime,
) -> None:
    """Change a site. ``tell_ending`` lets its page hear how a conversation ended;
    ``no_meetings`` offers its visitors no times for the call; ``proof_of_work`` has browsers work
    a little before their first answer, and keeps aside what came without; ``phone`` and ``email``
    are for visitors whose answer cannot be sent.

    Raises: Refused.
    """
    if not name:
        raise Refused("name", "Enter the site's name.")
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise Refused("origins", f"“{origin}” is not an address like https://www.example.com.")
    if len(origins) > MOST_ORIGINS:
        raise Refused("origins", f"Enter at most {MOST_ORIGINS} addresses.")
    if accent and not COLOUR.fullmatch(accent):
        raise Refused("accent", "Enter the colour like #12594c.")
    if phone and not PHONE.fullmatch(phone):
        raise Refused("phone", "Enter a phone number, like +44 808 157 0192.")
    if email and not _is_address(email):
        raise Refused("email", "Enter an email address like name@example.com.")
    with one_commit("sites.update"):
        site.name = name[:200]
        site.origins = list(dict.fromkeys(origins))
        settings = {
            **site.settings,
            "accent": accent.lower(),
            "tell_ending": tell_ending,
            "no_meetings": no_meetings,
            "proof_of_work": proof_of_work,
            "phone": phone,
            "email": email,
        }
        site.settings = {key: value for key, value in settings.items() if value}
        audit.append("site.changed", site.id, actor=by, now=now)


def keep_for(site: SiteRow, days: str, *, by: str, now: datetime) -> None:
    """Keep visitors, conversations and leads of a site for so many days after the last word; an
    empty text keeps them until somebody erases them.

    Raises: Refused.
    """
    days = days.strip()
    if days and not (days.isascii() and days.isdigit() and 0 < int(days[:9]) <= MOST_DAYS_KEPT):
        raise Refused("retention_days", f"Enter a whole number of days up to {MOST_DAYS_KEPT:,}.")
    with one_commit("sites.keep_for"):
        site.retention_days = int(days) if days else None
        detail = {"days": site.retention_days}
        audit.append("site.retention_changed", site.id, actor=by, now=now, detail=detail)


def change_identity_secret(site: SiteRow, *, by: str, now: datetime) -> None:
    """Have nothing count any more that was signed with the secret up to now."""
    with one_commit("sites.change_identity_secret"):
        number = int(site.settings.get("identity_secret", 1)) + 1
        site.settings = {**site.settings, "identity_secret": number}
        audit.append("site.identity_secret_changed", site.id, actor=by, now=now)


def ways_to_reach(site: SiteRow) -> list[tuple[str, str]]:
    """How a visitor gets hold of somebody without us: where a link leads, and its words."""
    phone, email = str(site.settings.get("phone", "")), str(site.settings.get("email", ""))
    called = "tel:" + re.sub(r"[^+\d]", "", phone)
    written_to = "mailto:" + quote(email, safe="@")
    return [(to, words) for to, words in ((called, phone), (written_to, email)) if words]


def contrast(colour: str) -> tuple[float, float] | None:
    """How a colour stands out from white paper, and its best text on it; None for no colour.

    WCAG asks 3 for a button's edge and ``ENOUGH_CONTRAST`` for the words on it.
    """
    if not COLOUR.fullmatch(colour):
        return None
    own = _luminance(colour)
    text = max(_ratio(own, _luminance(WHITE)), _ratio(own, _luminance(INK)))
    return round(_ratio(own, _luminance(WHITE)), 1), round(text, 1)


def _new(name: str, now: datetime) -> SiteRow:
    key = secrets.token_urlsafe(12)
    return SiteRow(id=new_id(now), key=key, name=name, origins=[], settings={}, created_at=now)


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return True


def _ratio(first: float, second: float) -> float:
    lighter, darker = max(first, second), min(first, second)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
