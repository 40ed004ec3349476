"""What a website knows of its own visitor, signed by its server: it counts as known.

The page hands over a JSON Web Token (HS256) that its server made. Whoever holds the site's secret
can say anything of a visitor, so it is shown to those who set up the site and to nobody else.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import current_app

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.facts import Certainty, Fact
from webapp.core.inputs import write_fact
from webapp.core.playbook import Playbook, Property
from webapp.core.values import Type
from webapp.store.sites import SiteRow

Json = dict[str, Any]

SOURCE = "site"
LASTS = timedelta(minutes=10)
"""The longest that a token may be good for: it lies open in a page."""

CLOCKS_DIFFER = timedelta(minutes=1)
LONGEST = 4_000
MOST = 30


def secret(site: SiteRow) -> str:
    """What the site's server signs with. It follows from the installation's own secret, and changes
    with the site's ``identity_secret``, a number."""
    number = site.settings.get("identity_secret", 1)
    whose = f"identities of {site.id}, secret {number}"
    made = hmac.new(str(current_app.secret_key).encode(), whose.encode(), sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def vouched(token: str, site: SiteRow, playbook: Playbook, *, now: datetime) -> list[Json]:
    """The facts a token states, as ``core.inputs`` writes them; none where it does not hold: a
    visitor is then asked, as anybody would be."""
    said = _claims(token, site, now).get("known") if 0 < len(token) <= LONGEST else None
    if not isinstance(said, Mapping) or len(said) > MOST:
        return []
    found = (_fact(playbook.properties.get(str(id)), value, now) for id, value in said.items())
    return [write_fact(fact) for fact in found if fact is not None]


def vouched_before(known_before: list[Json]) -> list[Json]:
    """Of what was known before a conversation, what its site said."""
    return [fact for fact in known_before if fact["source"] == SOURCE]


def _claims(token: str, site: SiteRow, now: datetime) -> Mapping[str, Any]:
    from joserfc import jwk, jwt  # no start need pay for it
    from joserfc.errors import JoseError

    try:
        claims = jwt.decode(token, jwk.OctKey.import_key(secret(site)), algorithms=["HS256"]).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(CLOCKS_DIFFER.total_seconds()),
            aud={"essential": True, "value": site.key},
            exp={"essential": True},
        ).validate(claims)
        too_long = claims["exp"] > (now + LASTS + CLOCKS_DIFFER).timestamp()
    except (JoseError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {} if too_long else claims


def _fact(property: Property | None, value: object, now: datetime) -> Fact | None:
    """A consent is nobody's to give but the visitor's own."""
    if property is None or property.built_in or property.type is Type.CONSENT:
        return None
    try:
        found = values.read(property, value)
    except AnswerRefused:
        return None
    if found is None:
        return None
    return Fact(
        property=property.id,
        value=found,
        certainty=Certainty.observed,
        source=SOURCE,
        at=now,
        order=0,
        quote=None,
        ref="site",
    )
