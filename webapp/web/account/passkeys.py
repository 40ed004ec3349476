"""Passkeys: signing in with one, and those of one's account."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.services.accounts import passkeys
from webapp.services.accounts.ceremonies import TooLate
from webapp.services.accounts.passkeys import PasskeyRefused
from webapp.services.accounts.staff import StaffRefused
from webapp.services.throttle import Throttled
from webapp.web.account import account_page, bp, enter, sign_in_page
from webapp.web.shared import auth, pace


@bp.post("/sign-in/passkey/question")
def create_passkey_question() -> ResponseReturnValue:
    """Ask the browser for one of our passkeys."""
    try:
        asked = passkeys.begin_sign_in(address=pace.whereabouts(), now=_now())
    except StaffRefused as refusal:
        return sign_in_page(problem=str(refusal)), 422
    except Throttled as refusal:
        headers = {"Retry-After": str(refusal.retry_after)}
        return sign_in_page(problem=str(refusal)), 429, headers
    auth.keep("passkey", asked.token)
    wanted = auth.local_path(request.form.get("next"))
    return render_template("account/passkey_sign_in.html", options=asked.options, wanted=wanted)


@bp.post("/sign-in/passkey")
def create_passkey_session() -> ResponseReturnValue:
    """Begin a session for the owner of the passkey."""
    credential = request.form.get("credential", "")
    try:
        token = passkeys.sign_in(auth.kept("passkey"), credential, now=_now())
    except (PasskeyRefused, TooLate, StaffRefused) as refusal:
        return sign_in_page(problem=str(refusal)), 422
    auth.begin(token)
    return enter(auth.local_path(request.form.get("next")))


@bp.post("/account/passkeys/question")
@auth.allowed()
def create_new_passkey_question() -> ResponseReturnValue:
    """Ask the browser to make a passkey."""
    name, password = request.form.get("passkey-name", ""), request.form.get("passkey-password", "")
    try:
        asked = passkeys.begin_adding(current_user.id, password, now=_now())
    except (StaffRefused, Throttled) as refusal:
        return account_page(passkey_problem=("passkey-password", str(refusal))), 422
    auth.keep("passkey", asked.token)
    return render_template("account/passkey_new.html", options=asked.options, name=name)


@bp.post("/account/passkeys")
@auth.allowed()
def create_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    credential, name = request.form.get("credential", ""), request.form.get("name", "")
    try:
        token, codes = passkeys.add(
            current_user.id, auth.kept("passkey"), credential, name=name, now=_now()
        )
    except (PasskeyRefused, TooLate, StaffRefused) as refusal:
        return account_page(passkey_problem=("passkey-password", str(refusal))), 422
    auth.begin(token)
    if codes:
        return render_template("account/recovery.html", codes=codes, new=True)
    flash("Your passkey is added. You are signed out everywhere else.", "good")
    return redirect(url_for(".show"), 303)


@bp.post("/account/passkeys/name")
@auth.allowed()
def update_passkey() -> ResponseReturnValue:
    """Call a passkey otherwise."""
    id = request.form.get("id", "")
    try:
        passkeys.rename(current_user.id, id, request.form.get(f"name-{id}", ""), now=_now())
    except LookupError:
        return _gone()
    return redirect(url_for(".show"), 303)


@bp.post("/account/passkeys/removal")
@auth.allowed()
def destroy_passkey() -> ResponseReturnValue:
    """Let a passkey open nothing any more."""
    id = request.form.get("id", "")
    field = f"password-{id}"
    try:
        token = passkeys.remove(current_user.id, id, request.form.get(field, ""), now=_now())
    except LookupError:
        return _gone()
    except (StaffRefused, Throttled) as refusal:
        return account_page(passkey_problem=(field, str(refusal))), 422
    auth.begin(token)
    flash("Your passkey is removed. You are signed out everywhere else.", "good")
    return redirect(url_for(".show"), 303)


def _gone() -> ResponseReturnValue:
    flash("That passkey is not yours, or gone already.", "warn")
    return redirect(url_for(".show"), 303)


def _now() -> datetime:
    return datetime.now(UTC)
