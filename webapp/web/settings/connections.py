"""Connections: set up, tried, changed, switched off."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.delivery.enrichment import METHODS
from webapp.delivery.kinds import EVENTS, KINDS, TOLD_AT_FIRST, WORDS
from webapp.services.receivers import connections as service
from webapp.services.receivers.connection_settings import (
    ASSIGN_OWNER,
    NotSetUp,
    offered_properties,
    offered_values,
    written_mapping,
)
from webapp.services.receivers.connections import NoSuchConnection
from webapp.store import deliveries as rows
from webapp.store.deliveries import ConnectionRow
from webapp.web.settings import bp
from webapp.web.shared import auth
from webapp.web.shared.render import render

SETTABLE = tuple(kind for kind in KINDS.values() if kind.id != "demo")


def known(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """404 for a connection that is not there."""

    @wraps(view)
    def found(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            return view(*args, **kwargs)
        except NoSuchConnection:
            abort(404)

    return found


@bp.get("/connections")
@auth.allowed("admin")
def connections() -> ResponseReturnValue:
    """Every connection with what waits for it, and the kinds one can add."""
    return render_template(
        "settings/connections.html",
        connections=rows.all_connections(),
        counts=rows.counts(),
        kinds=KINDS,
        settable=SETTABLE,
    )


@bp.get("/connections/new/<kind>")
@auth.allowed("admin", lately=True)
def new_connection(kind: str) -> ResponseReturnValue:
    """The form for a new connection of a kind."""
    if kind not in KINDS:
        abort(404)
    return _form(kind, None)


@bp.post("/connections/new/<kind>")
@auth.allowed("admin", lately=True)
def create_connection(kind: str) -> ResponseReturnValue:
    """Set a connection up, and say its signing key if it has one."""
    if kind not in KINDS:
        abort(404)
    events = request.form.getlist("events")
    try:
        row, key = service.create(kind, request.form, events, by=current_user.id, now=_now())
    except NotSetUp as refusal:
        return _form(kind, None, refusal.problems)
    if key:
        return _key_page(row, key)
    flash(f"{row.name} is set up. Send a test to see whether it works.", "good")
    return redirect(url_for(".connection", id=row.id), 303)


@bp.get("/connections/<id>")
@auth.allowed("admin")
@known
def connection(id: str) -> ResponseReturnValue:
    """One connection, with what it was sent last."""
    return _page(service.get(id))


@bp.get("/connections/<id>/edit")
@auth.allowed("admin", lately=True)
@known
def edit_connection(id: str) -> ResponseReturnValue:
    """The form that changes a connection."""
    row = service.get(id)
    return _form(row.kind, row)


@bp.post("/connections/<id>/edit")
@auth.allowed("admin", lately=True)
@known
def update_connection(id: str) -> ResponseReturnValue:
    """Change a connection."""
    events = request.form.getlist("events")
    try:
        row = service.update(id, request.form, events, by=current_user.id, now=_now())
    except NotSetUp as refusal:
        row = service.get(id)
        return _form(row.kind, row, refusal.problems)
    flash(f"{row.name} is changed.", "good")
    return redirect(url_for(".connection", id=id), 303)


@bp.post("/connections/<id>/tests")
@auth.allowed("admin")
@known
def create_test(id: str) -> ResponseReturnValue:
    """Send a test, and watch what becomes of it."""
    who, example = current_user, request.form.get("example", "")
    try:
        service.send_test(id, by=who.id, email=who.email, example=example, now=_now())
    except NotSetUp as refusal:
        return _page(service.get(id), example, refusal.problems)
    flash("A test is on its way. What becomes of it shows below.")
    return redirect(url_for(".connection", id=id), 303)


@bp.post("/connections/<id>/switch")
@auth.allowed("admin")
@known
def update_switch(id: str) -> ResponseReturnValue:
    """Switch a connection off or on."""
    on = request.form.get("on") == "yes"
    row = service.switch(id, on=on, by=current_user.id, now=_now())
    what = "on again" if on else "off. What it was to get waits"
    flash(f"{row.name} is switched {what}.", "good")
    return redirect(url_for(".connection", id=id), 303)


@bp.post("/connections/<id>/keys")
@auth.allowed("admin", lately=True)
@known
def create_key(id: str) -> ResponseReturnValue:
    """Give a webhook a new signing key."""
    row = service.get(id)
    if row.kind != "webhook":
        abort(404)
    return _key_page(row, service.change_key(id, by=current_user.id, now=_now()))


def _page(
    row: ConnectionRow, example: str = "", problems: dict[str, str] | None = None
) -> ResponseReturnValue:
    """One connection's page, or what of it changes while something is under way."""
    latest = rows.latest_of(row.id)
    return render(
        "settings/connection.html",
        part="settings/_latest.html",
        status=422 if problems else 200,
        connection=row,
        kind=KINDS[row.kind],
        latest=latest,
        under_way=any(each.state in ("pending", "sending") for each in latest),
        words=WORDS,
        example=example,
        problems=problems or {},
    )


def _key_page(row: ConnectionRow, key: str) -> ResponseReturnValue:
    page = render_template("settings/key.html", connection=row, key=key)
    return page, 200, {"Cache-Control": "no-store"}


def _form(
    kind_id: str, row: ConnectionRow | None, problems: dict[str, str] | None = None
) -> ResponseReturnValue:
    """The form with what was typed, else what is kept, else the standard. Secrets stay blank."""
    kind = KINDS[kind_id]
    kept = row.config if row else {}
    standard = {each.name: each.standard for each in kind.settings} | {"method": METHODS[0]}
    values = {**standard, **kept, "name": row.name if row else kind.label}
    mapping = kept.get("mapping") or kind.mapping or ""
    values["mapping"] = mapping if isinstance(mapping, str) else written_mapping(mapping)
    chosen = list(row.events) if row else list(TOLD_AT_FIRST)
    if problems:
        plain = {each.name for each in kind.settings if not each.secret}
        typed = plain | {"name", "timezone", "mapping", "assign_owner", "method"}
        values |= {name: request.form[name] for name in typed if name in request.form}
        values["by_address"] = "by_address" in request.form
        chosen = request.form.getlist("events")
    page = render_template(
        "settings/connection_form.html",
        kind=kind,
        connection=row,
        values=values,
        chosen=chosen,
        problems=problems or {},
        events=EVENTS,
        owners=ASSIGN_OWNER,
        offered=offered_values() if kind.mapping else [],
        properties=offered_properties() if kind.asked else {},
    )
    return page, 422 if problems else 200


def _now() -> datetime:
    return datetime.now(UTC)
