"""The second step of signing in: entering its code, and setting it up on one's account."""

from datetime import UTC, datetime

import segno
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.services.accounts import passkeys
from webapp.services.accounts import second_step as steps
from webapp.services.accounts.ceremonies import TooLate
from webapp.services.accounts.second_step import CodeRefused
from webapp.services.accounts.staff import StaffRefused
from webapp.services.throttle import Throttled
from webapp.web.account import account_page, bp, enter
from webapp.web.shared import auth, pace


@bp.get("/sign-in/code")
def second_step() -> ResponseReturnValue:
    """Ask for the code, of whoever has given the right password just now."""
    return _code_page()


@bp.post("/sign-in/code")
def create_second_step() -> ResponseReturnValue:
    """Finish the sign-in, then go where they were going."""
    code, address = request.form.get("code", ""), pace.whereabouts()
    try:
        token = steps.finish(
            auth.kept("half"),
            code,
            address=address,
            browser=auth.known_browser(),
            now=datetime.now(UTC),
        )
    except (CodeRefused, TooLate) as refusal:
        return _code_page(str(refusal)), 422
    except Throttled as refusal:
        return _code_page(str(refusal)), 429, {"Retry-After": str(refusal.retry_after)}
    auth.begin(token)
    return enter(auth.local_path(request.form.get("next")))


@bp.get("/account/codes")
@auth.allowed()
def show_codes() -> ResponseReturnValue:
    """What to scan with the app, and the form for the first code."""
    return _scan_page()


@bp.post("/account/codes")
@auth.allowed()
def create_codes() -> ResponseReturnValue:
    """Begin to set up an app."""
    try:
        steps.begin(current_user.id, _password(), now=datetime.now(UTC))
    except (StaffRefused, Throttled) as refusal:
        return account_page(step_problem=str(refusal)), 422
    return redirect(url_for(".show_codes"), 303)


@bp.post("/account/codes/confirmation")
@auth.allowed()
def confirm_codes() -> ResponseReturnValue:
    """Ask for codes from now on; show the recovery codes this once."""
    code = request.form.get("code", "")
    try:
        token, codes = steps.confirm(current_user.id, code, now=datetime.now(UTC))
    except TooLate:
        return redirect(url_for(".show"), 303)
    except (CodeRefused, Throttled) as refusal:
        return _scan_page(str(refusal), 422)
    auth.begin(token)
    return render_template("account/recovery.html", codes=codes, new=True)


@bp.post("/account/codes/removal")
@auth.allowed()
def destroy_codes() -> ResponseReturnValue:
    """Ask for no codes any more."""
    try:
        token = steps.turn_off(current_user.id, _password(), now=datetime.now(UTC))
    except (StaffRefused, Throttled) as refusal:
        return account_page(step_problem=str(refusal)), 422
    auth.begin(token)
    flash("You sign in with your password alone. You are signed out everywhere else.", "warn")
    return redirect(url_for(".show"), 303)


@bp.post("/account/recovery-codes")
@auth.allowed()
def create_recovery_codes() -> ResponseReturnValue:
    """Show new recovery codes this once; the old ones are good for nothing."""
    try:
        codes = steps.renew_recovery_codes(current_user.id, _password(), now=datetime.now(UTC))
    except (StaffRefused, Throttled) as refusal:
        return account_page(step_problem=str(refusal)), 422
    return render_template("account/recovery.html", codes=codes, new=False)


def _password() -> str:
    return request.form.get("password", "")


def _code_page(problem: str | None = None) -> str:
    wanted = auth.local_path(request.values.get("next"))
    offered = passkeys.offered()
    return render_template(
        "account/code.html", problem=problem, wanted=wanted, passkeys_offered=offered
    )


def _scan_page(problem: str | None = None, status: int = 200) -> ResponseReturnValue:
    enrolment = steps.enrolment(current_user.id)
    if enrolment is None:
        return redirect(url_for(".show"), 303)
    # Drawn here, so that the secret goes to nobody else; with its own white, also in the dark.
    picture = segno.make(enrolment.address, error="m").svg_data_uri(scale=4, light="#fff")
    return (
        render_template(
            "account/codes.html", problem=problem, picture=picture, secret=enrolment.secret
        ),
        status,
    )
