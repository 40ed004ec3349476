"""Whose pages may call: those of the sites we serve, each for its own conversations. No page may
call what is for staff; programs that are no pages do not ask."""

from flask import Response, g, request
from flask_smorest import Blueprint

from webapp.store import sites
from webapp.store.sites import SiteRow

_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key"),
    ("Access-Control-Max-Age", "600"),
)
_READABLE = "Baton-Receipt, Idempotency-Replayed, Retry-After, X-Request-ID"


def open_to_sites(bp: Blueprint) -> None:
    """Let the pages of listed origins call this part, without cookies."""
    bp.before_request(_look)
    bp.after_request(_allow)


def site(key: str) -> SiteRow | None:
    """The site this call is about, if it is one of ours: from now on only its pages may read."""
    found = sites.by_key(key)
    if found is None or found.archived_at:
        return None
    is_about(found)
    return found


def is_about(site: SiteRow | None) -> None:
    """Say whose call this is: the pages of no other site may read what it is answered."""
    if site is not None and (origin := _foreign_origin()):
        g.may_be_read = origin in site.origins


def _look() -> Response | None:
    """Answer a preflight. It does not say which site it is for: any that lists the origin will do,
    and the call itself is held to its own."""
    origin = _foreign_origin()
    if origin is None:
        return None
    g.may_be_read = any(origin in each.origins for each in sites.every())
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    answer = Response(status=204)
    if g.may_be_read:
        answer.headers.extend(_PREFLIGHT)
    return answer


def _allow(response: Response) -> Response:
    response.vary.add("Origin")
    if g.get("may_be_read"):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Expose-Headers"] = _READABLE
    return response


def _foreign_origin() -> str | None:
    """Whose page calls, if it is not one of ours."""
    origin = request.headers.get("Origin")
    return None if origin == request.host_url.rstrip("/") else origin
