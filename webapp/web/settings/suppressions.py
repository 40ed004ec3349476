"""Whom nobody may contact: added with a reason, and taken off again."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.values import clean
from webapp.services.people import suppression
from webapp.services.people.suppression import CannotSuppress
from webapp.store import staff
from webapp.store import suppressions as rows
from webapp.web.settings import bp
from webapp.web.shared import auth

MANAGERS = ("manager", "admin")


@bp.get("/do-not-contact")
@auth.allowed(*MANAGERS)
def suppressions() -> ResponseReturnValue:
    """Everybody on the list, and the form that adds to it."""
    return _page()


@bp.post("/do-not-contact")
@auth.allowed(*MANAGERS)
def create_suppression() -> ResponseReturnValue:
    """Leave an address or a domain alone."""
    given = {name: clean(request.form.get(name, "")) for name in ("entry", "reason", "note")}
    actor = staff.by_id(current_user.id)
    try:
        put_aside = suppression.add(given.pop("entry"), actor, **given, now=datetime.now(UTC))
    except CannotSuppress as refusal:
        return _page(refusal), 422
    also = f" {put_aside} open {'lead was' if put_aside == 1 else 'leads were'} put aside."
    flash("Nobody will be told of them." + (also if put_aside else ""), "good")
    return redirect(url_for(".suppressions"), 303)


@bp.post("/do-not-contact/<id>/removal")
@auth.allowed(*MANAGERS)
def destroy_suppression(id: str) -> ResponseReturnValue:
    """Allow contact again."""
    if not suppression.remove(id, staff.by_id(current_user.id), now=datetime.now(UTC)):
        abort(404)
    flash("Taken off the list. What they send from now on goes where it belongs.", "good")
    return redirect(url_for(".suppressions"), 303)


def _page(refusal: CannotSuppress | None = None) -> str:
    names = {each.email: each.name for each in staff.everyone()}
    return render_template(
        "settings/suppressions.html",
        entries=rows.everything(),
        reasons=suppression.REASONS,
        names=names,
        problem=refusal,
    )
