"""Who may sign in, and letting back in whoever lost their second step."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.services.accounts import second_step
from webapp.services.accounts import staff as accounts
from webapp.services.accounts.staff import StaffRefused
from webapp.services.throttle import Throttled
from webapp.store import second_steps
from webapp.store import staff as rows
from webapp.web.settings import bp
from webapp.web.shared import auth


@bp.get("/staff")
@auth.allowed("admin")
def staff() -> ResponseReturnValue:
    """Everybody with an account, and how they sign in."""
    return _page()


@bp.post("/staff/<id>/second-step/removal")
@auth.allowed("admin")
def destroy_second_step(id: str) -> ResponseReturnValue:
    """Let somebody who lost phone and recovery codes in with their password again."""
    person = rows.known(id) or abort(404)
    password, now = request.form.get(f"password-{id}", ""), datetime.now(UTC)
    try:
        accounts.known_by_password(current_user.id, password, now=now)
        second_step.reset(person.email, by=current_user.id, now=now)
    except (StaffRefused, Throttled) as refusal:
        return _page(id, str(refusal)), 422
    flash(f"{person.name} signs in with the password alone until they set it up anew.", "warn")
    return redirect(url_for(".staff"), 303)


def _page(refused: str | None = None, problem: str | None = None) -> str:
    """``problem`` is with what was asked for the person whose id is ``refused``."""
    guarded = second_steps.asked_for()
    people = [(row, row.id in guarded) for row in rows.everyone()]
    return render_template("settings/staff.html", people=people, refused=refused, problem=problem)
