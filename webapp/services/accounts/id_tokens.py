"""Whether an ID token holds: all that knows the library.

``company_accounts`` imports this where it is needed: no start need pay for it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import InvalidClaimError, JoseError

ALGORITHMS = tuple(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512))
"""Signed with a key that only the provider has: neither unsigned, nor with a secret that its public
key could be mistaken for."""

CLOCKS_DIFFER_S = 60
LONGEST_SUBJECT = 255
ODD = (JoseError, ValueError, LookupError, TypeError, AttributeError)
"""What a token raises that does not hold, or is none."""


def verified(
    token: str,
    *,
    keys: Mapping[str, Any],
    issuer: str,
    client_id: str,
    nonce: str,
    now: datetime,
) -> Mapping[str, Any]:
    """What a token says that the provider signed for us, for this sign-in. Raises: one of ODD."""
    claims = jwt.decode(token, _usable(keys), algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=CLOCKS_DIFFER_S,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    others = isinstance(claims["aud"], list) and claims["aud"] != [client_id]
    if claims.get("azp", None if others else client_id) != client_id:
        raise InvalidClaimError("azp")
    if not isinstance(claims["nonce"], str):
        raise InvalidClaimError("nonce")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise InvalidClaimError("sub")
    return claims


def _usable(keys: Mapping[str, Any]) -> jwk.KeySet:
    """The provider's keys for signatures. One that is odd is left out: it may be of a new kind."""
    found: list[jwk.Key] = []
    for each in keys.get("keys", []):
        if each.get("kty") in ("RSA", "EC") and each.get("use", "sig") == "sig":
            try:
                found.append(jwk.import_key(each))
            except ODD:
                continue
    return jwk.KeySet(found)
