"""What people may ask of whoever keeps their data: how long, what of it, and to be forgotten."""

from datetime import UTC, datetime

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.values import clean
from webapp.services.flows import sites
from webapp.services.flows.sites import Refused
from webapp.services.people import erasure, exports
from webapp.services.people.erasure import NobodyToErase
from webapp.services.people.leads import email_key
from webapp.store import conversations, erasures, leads, staff
from webapp.store import sites as site_rows
from webapp.store.leads import LeadRow
from webapp.web.settings import bp
from webapp.web.shared import auth

LEADERS = ("manager", "admin")
SHOWN = 50


@bp.get("/privacy")
@auth.allowed(*LEADERS)
def privacy() -> ResponseReturnValue:
    """How long each site keeps people, whoever was looked for, and who was erased."""
    id = request.args.get("lead", "")
    return _page(_lead(id) if id else None)


@bp.post("/privacy/people")
@auth.allowed(*LEADERS)
def find_person() -> ResponseReturnValue:
    """Look for somebody by address. Addresses stay out of ours, so it is no GET."""
    email = clean(request.form.get("email", "")).strip()
    found = leads.by_email_key(email_key(email)) if email else None
    if found is None:
        return _page(missed=email), 422
    return redirect(url_for(".privacy", lead=leads.surviving(found).id) + "#person", 303)


@bp.post("/privacy/sites/<id>")
@auth.allowed("admin", lately=True)
def update_retention(id: str) -> ResponseReturnValue:
    """Set for how long a site keeps people."""
    site = site_rows.get(id)
    if site is None:
        abort(404)
    typed = request.form.get("retention_days", "")
    try:
        sites.keep_for(site, typed, by=current_user.id, now=datetime.now(UTC))
    except Refused as refusal:
        return _page(problem=(site.id, str(refusal), typed)), 422
    flash(f"Kept for {site.name}: {_how_long(site.retention_days)}.", "good")
    return redirect(url_for(".privacy"), 303)


@bp.post("/privacy/people/<id>/export")
@auth.allowed(*LEADERS, lately=True)
def create_export(id: str) -> Response:
    """Everything kept about somebody, as a file to hand to them. The audit log says who had it."""
    lead = _lead(id)
    everything = exports.of_person(lead, by=current_user.id, now=datetime.now(UTC))
    response = jsonify(everything)
    response.headers["Content-Disposition"] = f'attachment; filename="person-{lead.id}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/privacy/people/<id>/erasure")
@auth.allowed(*LEADERS, lately=True)
def create_erasure(id: str) -> ResponseReturnValue:
    """Forget somebody for good, and tell everybody who was told of them."""
    lead = _lead(id)
    if request.form.get("sure") != "yes":
        return _page(lead, unsure=True), 422
    left_alone = request.form.get("suppress") == "yes"
    try:
        erasure.erase_lead(lead.id, by=current_user.id, suppress=left_alone, now=datetime.now(UTC))
    except NobodyToErase:  # a colleague was first
        abort(404)
    flash("They are erased. Receivers that were told of them are told to forget them too.", "good")
    return redirect(url_for(".privacy"), 303)


def _lead(id: str) -> LeadRow:
    found = leads.get(id)
    return leads.surviving(found) if found else abort(404)


def _how_long(days: int | None) -> str:
    return f"{days} days" if days else "until somebody is erased"


def _page(
    lead: LeadRow | None = None,
    *,
    missed: str | None = None,
    unsure: bool = False,
    problem: tuple[str, str, str] | None = None,
) -> str:
    """``problem`` is of a site's form: the site, a sentence, what was typed."""
    person = leads.family(lead) if lead else []
    return render_template(
        "settings/privacy.html",
        sites=site_rows.every(),
        how_long=_how_long,
        lead=lead,
        addresses=[each.email for each in person if each.email],
        talks=conversations.of_leads([each.id for each in person]) if person else [],
        missed=missed,
        unsure=unsure,
        problem=problem,
        erased=erasures.newest(SHOWN),
        names={each.id: each.name for each in staff.everyone()},
    )
