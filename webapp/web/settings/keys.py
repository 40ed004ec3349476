"""Keys for programs: made, shown once, listed with their last use, revoked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.services.accounts import api_keys
from webapp.services.accounts.api_keys import KeyRefused
from webapp.store import access, sites, staff
from webapp.web.settings import bp
from webapp.web.shared import auth
from webapp.web.shared.language import gettext


@bp.get("/keys")
@auth.allowed("admin")
def api_keys_index() -> ResponseReturnValue:
    """Every key, and the form that makes one."""
    return _page()


@bp.post("/keys")
@auth.allowed("admin", lately=True)
def create_api_key() -> ResponseReturnValue:
    """Make a key, and show it this once."""
    typed = {name: request.form.get(name, "") for name in ("name", "acts_for", "site")}
    scopes = request.form.getlist("scopes")
    try:
        row, key = api_keys.create(
            typed["name"],
            scopes,
            acts_for=typed["acts_for"],
            site=typed["site"] or None,
            by=current_user.id,
            now=datetime.now(UTC),
        )
    except KeyRefused as refusal:
        return _page(typed, scopes, refusal), 422
    page = render_template("settings/new_api_key.html", row=row, key=key)
    return page, 200, {"Cache-Control": "no-store"}


@bp.post("/keys/<id>/revocation")
@auth.allowed("admin")
def create_api_key_revocation(id: str) -> ResponseReturnValue:
    """Let a key open nothing any more."""
    try:
        api_keys.revoke(id, by=current_user.id, now=datetime.now(UTC))
    except LookupError:
        abort(404)
    flash("The key is revoked. Whoever still sends it is turned away.", "good")
    return redirect(url_for(".api_keys_index"), 303)


def _page(
    typed: Mapping[str, str] | None = None,
    scopes: Sequence[str] = (),
    problem: KeyRefused | None = None,
) -> str:
    people = [each for each in staff.everyone() if each.disabled_at is None]
    return render_template(
        "settings/api_keys.html",
        keys=access.all_keys(),
        scopes=[(id, f"{gettext(words)} ({id})") for id, words in api_keys.SCOPES.items()],
        people=[(each.email, f"{each.name}, {each.role}") for each in people],
        sites=[(each.key, each.name) for each in sites.in_use()],
        site_names={each.id: each.name for each in sites.every()},
        typed=typed or {"acts_for": current_user.email},
        chosen=scopes,
        problem=problem,
        lately=auth.proved_lately(),
    )
