"""Who calls: a program with a key and its scopes. Nobody is known by a cookie here."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, g, request

from webapp.config import ROLES as ROLES_OF_STAFF
from webapp.services.accounts import api_keys
from webapp.store import staff
from webapp.store.access import ApiKeyRow
from webapp.store.staff import StaffRow
from webapp.web.shared import pace

P = ParamSpec("P")
R = TypeVar("R")


_EVERYBODY = frozenset(ROLES_OF_STAFF)
_READ_EVERY_LEAD = frozenset({"manager", "admin"})
ROLES = {
    "handoffs:read": _EVERYBODY,
    "handoffs:write": _EVERYBODY,
    "leads:read": _READ_EVERY_LEAD,
    "leads:erase": _READ_EVERY_LEAD,
    "scores:read": _READ_EVERY_LEAD,
    "flows:read": _EVERYBODY,
    "flows:publish": frozenset({"marketer", "manager", "admin"}),
    "webhooks:write": frozenset({"admin"}),
}
"""Who must stand behind a key of each scope: a program may do no more than the person it acts for.
Which handoffs they may read is decided for each (``services.sales.handoff_access``)."""


ACTS_FOR = "as"
"""Names, in the query of any address, the person a key is to act for."""

CALLS_A_MINUTE = 600
"""For each key: ten a second are enough to copy every lead in an afternoon."""

WRONG_KEYS_A_MINUTE = 60


def bearer() -> str:
    """The token of the ``Authorization`` header, or an end with 401."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        abort(401)
    return token.strip()


def scoped(scope: str, *, for_others: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only keys with this scope through, whose maker may still do what it stands for. Without
    a key 401, else 403. ``for_others`` documents that the view asks for the ``actor``.

    The outermost decorator: who may not call is told nothing about what to send.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            row = api_keys.find(bearer(), now=datetime.now(UTC))
            if row is None:
                pace.keep_address_to("api.wrong_key", most=WRONG_KEYS_A_MINUTE, seconds=60)
                abort(401)
            pace.keep_to("api.key", row.id, most=CALLS_A_MINUTE, seconds=60)
            if scope not in row.scopes:
                abort(403)
            g.api_key = row
            if _maker().role not in ROLES[scope]:
                abort(403)
            return view(*args, **kwargs)

        about = {"x-scope": scope, "x-for-others": for_others, "security": [{"key": [scope]}]}
        return _documented(guarded, view, about)

    return decorate


def with_token(view: Callable[P, R]) -> Callable[P, R]:
    """Let only calls with some token through; whose it is, the view finds out."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        bearer()
        return view(*args, **kwargs)

    return _documented(guarded, view, {"security": [{"token": []}]})


def _documented(guarded: Callable[P, R], view: object, about: dict[str, Any]) -> Callable[P, R]:
    """Say more of a view, where flask-smorest looks for what its document says beside schemas."""
    told = getattr(view, "_apidoc", {})
    more = {**told.get("manual_doc", {}), **about}
    guarded._apidoc = {**told, "manual_doc": more}  # type: ignore[attr-defined]
    return guarded


def key() -> ApiKeyRow:
    found: ApiKeyRow = g.api_key
    return found


def keep_to_site(site_id: str | None) -> None:
    """End with 404 where the key is for another site than this one."""
    if key().site_id not in (None, site_id):
        abort(404)


def _maker() -> StaffRow:
    maker = staff.by_email(key().acts_for)
    if maker is None or maker.disabled_at is not None:
        abort(403)
    return maker


def actor() -> StaffRow:
    """The person a key acts for: who made it, with the rights they have now.

    ``?as=`` names somebody else, where the maker may act for everybody: a manager for everybody
    but administrators.
    """
    maker = _maker()
    wanted = request.args.get(ACTS_FOR)
    if wanted and maker.role in ("admin", "manager"):
        other = staff.by_email(wanted)
        if other is None or other.disabled_at is not None:
            abort(403)
        if other.role == "admin" and maker.role != "admin":
            abort(403)
        return other
    return maker
