"""Signing in and out, and one's own account."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from webapp import catalogs
from webapp.services.accounts import company_accounts, sessions, staff
from webapp.services.accounts import passkeys as service
from webapp.services.accounts.staff import Entry, OnlyByProvider, SignInRefused, StaffRefused
from webapp.services.flows import releases
from webapp.services.sales import calendars
from webapp.services.throttle import Throttled
from webapp.store import second_steps
from webapp.store import staff as rows
from webapp.web.shared import auth, pace

bp = Blueprint("account", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    email = StringField()
    password = PasswordField()


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    old = PasswordField()
    new = PasswordField()


@bp.get("/")
def index() -> ResponseReturnValue:
    """For who typed only our host: staff go to their work, others to the demo if there is one."""
    if current_user.is_authenticated:
        return redirect(home(), 303)
    demo = current_app.extensions["baton"].demo
    return redirect("/demo" if demo else url_for(".sign_in"), 303)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The page to sign in on; who is signed in already goes on to their work, unless they are to
    show ``again`` who they are."""
    if not current_user.is_authenticated:
        return sign_in_page()
    if "again" in request.args:
        return sign_in_page(current_user.email)
    return redirect(auth.local_path(request.args.get("next")) or home(), 303)


@bp.get("/sign-in/done")
@auth.allowed()
def signed_in() -> ResponseReturnValue:
    """For who signed in at a tab of its own, to go on with what they typed at another."""
    return render_template("account/signed_in.html", home=home())


@bp.post("/sign-in")
def create_session() -> ResponseReturnValue:
    """Begin a session, then go where they were going."""
    form = SignInForm()
    email, password = form.email.data or "", form.password.data or ""
    try:
        entry = staff.sign_in(
            email,
            password,
            address=pace.whereabouts(),
            browser=auth.known_browser(),
            now=datetime.now(UTC),
        )
    except (SignInRefused, OnlyByProvider) as refusal:
        return sign_in_page(email, str(refusal)), 422
    except Throttled as refusal:
        headers = {"Retry-After": str(refusal.retry_after)}
        return sign_in_page(email, str(refusal)), 429, headers
    return come_in(entry, auth.local_path(request.form.get("next")))


def come_in(entry: Entry, wanted: str | None) -> ResponseReturnValue:
    """What follows a first step: a second one, or the session."""
    if not entry.whole:
        auth.keep("half", entry.token)
        return redirect(url_for("account.second_step", next=wanted), 303)
    auth.begin(entry.token)
    return enter(wanted)


def enter(wanted: str | None) -> ResponseReturnValue:
    """Go where they were going, or first to what they must do about their account."""
    if current_user.one_time:
        flash("You came in with a one-time password. Choose one of your own.", "warn")
    elif auth.lacks_second_step():
        flash("Your role signs in with a second step. Set one up to go on.", "warn")
    # A newcomer trying the demo came to see a lead, not to think of a password.
    if auth.must_see_to_account():
        return redirect(url_for("account.show"), 303)
    return redirect(wanted or home(), 303)


@bp.post("/sign-out")
@auth.allowed()
def destroy_session() -> ResponseReturnValue:
    """End this session."""
    sessions.sign_out(current_user.token, now=datetime.now(UTC))
    session.clear()
    return redirect(url_for(".sign_in"), 303)


@bp.get("/account")
@auth.allowed()
def show() -> ResponseReturnValue:
    """One's own account, with the form that changes the password."""
    return account_page()


@bp.post("/account/profile")
@auth.allowed()
def update_profile() -> ResponseReturnValue:
    """Change one's time zone and language, or say until when one is away."""
    typed = {name: request.form.get(name, "") for name in ("timezone", "back_on", "locale")}
    try:
        staff.update_profile(current_user.id, **typed, now=datetime.now(UTC))
    except StaffRefused as refusal:
        return account_page(profile=typed, profile_problem=refusal), 422
    flash("Saved.", "good")
    return redirect(url_for(".show"), 303)


@bp.post("/account/password")
@auth.allowed()
def update_password() -> ResponseReturnValue:
    """Change one's password, which ends one's other sessions."""
    form = PasswordForm()
    try:
        token = staff.change_password(
            current_user.id,
            form.old.data or "",
            form.new.data or "",
            strong=current_user.strong,
            now=datetime.now(UTC),
        )
    except (StaffRefused, Throttled) as refusal:
        return account_page(problem=str(refusal)), 422
    auth.begin(token)
    flash("Your password is changed. You are signed out everywhere else.", "good")
    return redirect(home(), 303)


def home() -> str:
    """Where they work. Marketers read no leads, so the desk is not theirs."""
    return "/studio" if current_user.role == "marketer" else "/desk"


def sign_in_page(email: str = "", problem: str | None = None) -> str:
    wanted = auth.local_path(request.values.get("next"))
    return render_template(
        "account/sign_in.html",
        email=email,
        problem=problem,
        wanted=wanted,
        passkeys_offered=service.offered(),
        company_offered=company_accounts.offered(),
        only_company=not staff.own_ways_open(),
    )


def account_page(
    problem: str | None = None,
    profile: Mapping[str, str] | None = None,
    profile_problem: StaffRefused | None = None,
    step_problem: str | None = None,
    passkey_problem: tuple[str, str] | None = None,
    calendar_problem: str | None = None,
) -> str:
    """``problem`` is with the password, ``profile_problem`` with what was typed as ``profile``,
    ``step_problem`` with the second step, ``passkey_problem`` with this field about passkeys,
    ``calendar_problem`` with the address of their calendar."""
    row = rows.by_id(current_user.id)
    zone = ZoneInfo(row.timezone or "UTC")
    now = datetime.now(UTC)
    away = row.away_until if row.away_until and row.away_until > now else None
    kept = {
        "timezone": row.timezone or "",
        "back_on": away.astimezone(zone).date().isoformat() if away else "",
        "locale": row.locale or "",
    }
    return render_template(
        "account/show.html",
        problem=problem,
        profile=profile or kept,
        languages=list(catalogs.COMPLETE.items()),
        profile_problem=profile_problem,
        away=away,
        step_problem=step_problem,
        passkey_problem=passkey_problem,
        calendar=calendars.state(row.id, now=now),
        calendar_problem=calendar_problem,
        zone=row.timezone or releases.live()[1].playbook.timezone,
        step=row.totp_step is not None,
        passkeys=second_steps.passkeys_of(row.id),
        passkeys_offered=service.offered(),
        must_step=auth.lacks_second_step(),
        has_password=row.password_hash is not None,
        codes_left=second_steps.recovery_codes_left(row.id),
    )


from webapp.web.account import (  # noqa: E402 - add routes
    calendar,  # noqa: F401
    company,  # noqa: F401
    passkeys,  # noqa: F401
    second_step,  # noqa: F401
)
