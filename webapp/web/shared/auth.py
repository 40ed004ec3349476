"""Who is signed in, and who may see what.

Staff pages honour one cookie, which names a session kept in the database. Pages for prospects and
programs honour none: a cookie is authority that another site can borrow.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    Response,
    abort,
    after_this_request,
    current_app,
    flash,
    redirect,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from flask_wtf.csrf import CSRFError

from webapp.config import Config
from webapp.extensions import csrf, login_manager
from webapp.services.accounts import known_browsers, sessions
from webapp.store.staff import StaffSessionRow
from webapp.web.shared import errors, unsent
from webapp.web.shared.render import swapping

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)

COOKIELESS = frozenset({"prospect", "embed", "api", "unsubscribe"})
"""The parts that take no cookie for anything, and so need no token against forged requests."""

LATELY = timedelta(hours=1)

_COOKIELESS_PATHS = ("/f/", "/c/", "/meeting/", "/api/", "/embed", "/static/")
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class StaffSessions(SecureCookieSessionInterface):
    """Flask's session, except where no cookie counts: there it is not even opened, and whoever
    tries to keep something in it is refused."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(_COOKIELESS_PATHS):
            return None
        return super().open_session(app, request)


class SignedIn:
    """The person behind a session, as Flask-Login and templates want them."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, session: StaffSessionRow, token: str) -> None:
        # Held as long as this is: who asks for the person again need not ask the database.
        self._row = row = session.staff
        self.id = row.id
        self.email = row.email
        self.name = row.name
        self.role = row.role
        self.locale = row.locale
        self.timezone = row.timezone
        self.one_time = row.one_time
        self.strong = session.strong
        self.since = session.created_at
        self.token = token

    def get_id(self) -> str:
        return self.token


def init_app(app: Flask, config: Config) -> None:
    app.config.update(
        SESSION_COOKIE_NAME="__Host-baton" if config.secure else "baton",
        SESSION_COOKIE_SECURE=config.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=sessions.LONGEST,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = StaffSessions()
    csrf.init_app(app)
    # Its ``init_app`` would also look for a cookie of its own after every request, which nothing
    # here sets, and who is signed in before every template, which few ask.
    app.login_manager = login_manager  # type: ignore[attr-defined]  # where it looks for itself
    app.add_template_global(current_user, "current_user")
    login_manager.session_protection = None
    login_manager.user_loader(_load)
    app.before_request(_refuse_forgeries)
    app.register_error_handler(CSRFError, _expired_form)


def allowed(
    *roles: str, lately: bool = False
) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    """Let only staff of these roles (with none named: any staff) reach a view.

    Who is not signed in is asked to, and comes back; who has another role gets a 403. ``lately``
    asks whoever signed in a while ago once more: an open browser is not yet its owner.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return to_sign_in()
            if roles and current_user.role not in roles:
                abort(403)
            if must_see_to_account() and not (request.endpoint or "").startswith("account."):
                return redirect(url_for("account.show"), 303)
            if lately and not proved_lately():
                return to_sign_in(again="yes")
            return view(*args, **kwargs)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]  # read by the access test
        guarded.lately = lately  # type: ignore[attr-defined]  # read by the access test
        return guarded

    return decorate


def must_see_to_account() -> bool:
    """Whether they must first choose a password or set up a second step."""
    config: Config = current_app.extensions["baton"]
    return (current_user.one_time and not config.demo) or lacks_second_step()


def lacks_second_step() -> bool:
    """Whether their role must sign in with more than a password, and this session did not."""
    config: Config = current_app.extensions["baton"]
    return current_user.role in config.two_step_roles and not current_user.strong


def proved_lately() -> bool:
    """Whether they signed in lately enough for what cannot be taken back: to hand out everything
    about a person, to erase, to see or change a secret."""
    return bool(datetime.now(UTC) - current_user.since < LATELY)


def to_sign_in(again: str | None = None) -> ResponseReturnValue:
    """Ask for a sign-in, and bring them back to the page they wanted (never to a form's target or
    a part of a page: then to the page that asked for it). What they typed is kept meanwhile."""
    if unsent.holds_something():
        return unsent.page(again=bool(again))
    is_page = request.method == "GET" and not swapping()
    wanted = request.full_path.rstrip("?") if is_page else _page_around()
    address = url_for("account.sign_in", next=wanted, again=again)
    if unsent.by_script():
        return current_app.make_response(("", 401, {"HX-Redirect": address}))
    if again or request.method != "GET":
        why = "You signed in a while ago." if again else "You are signed out."
        then = "to go on" if is_page else "and press it again: nothing was changed yet"
        flash(f"{why} Sign in {'again ' if again else ''}{then}.", "warn")
    return redirect(address, 303)


def _page_around() -> str | None:
    """The page of ours that a form or part stands on, as far as the browser says so. A form that
    was refused stands at its own address, which is no page: then the nearest page above it."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if came_from.netloc != request.host:
        return None
    ours, path = current_app.url_map.bind(""), came_from.path
    if ours.test(path, "GET"):
        return local_path(came_from._replace(scheme="", netloc="", fragment="").geturl())
    above = (path.rsplit("/", steps)[0] for steps in range(1, path.count("/")))
    return next((each for each in above if ours.test(each, "GET")), None)


def begin(token: str) -> None:
    """Let this browser hold the session. What it held before, a forged token included, goes."""
    if current_user.is_authenticated:
        sessions.sign_out(current_user.token, now=datetime.now(UTC))
    session.clear()
    session.permanent = True
    row = sessions.find(token, now=datetime.now(UTC))
    assert row is not None
    login_user(SignedIn(row, token))
    _remember_browser(row.staff_id)


def known_browser() -> str:
    """The mark of a browser that somebody signed in with before; blank where there is none."""
    return request.cookies.get(_mark_name(), "")


def keep(ceremony: str, token: str) -> None:
    """Let this browser hold the secret of something it began and may finish: that opens nothing."""
    session[ceremony] = token


def kept(ceremony: str) -> str:
    """The secret of what this browser began; blank when it began nothing."""
    found = session.get(ceremony)
    return found if isinstance(found, str) else ""


def local_path(address: str | None) -> str | None:
    """The address if it is a path of ours: no other host, scheme or trick of slashes."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    # A browser leaves tabs out: "/", a tab and "/elsewhere" would be another host to it.
    harmless = address.isprintable()
    return address if harmless and "\\" not in address else None


def _remember_browser(staff_id: str) -> None:
    mark = known_browsers.mark(staff_id, now=datetime.now(UTC))

    @after_this_request
    def keep_mark(response: Response) -> Response:
        response.set_cookie(
            _mark_name(),
            mark,
            max_age=known_browsers.KEPT,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
        return response


def _mark_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-known"


def _load(token: str) -> SignedIn | None:
    now = datetime.now(UTC)
    row = sessions.find(token, now=now)
    if row is None:
        return None
    sessions.seen(token, now=now)
    return SignedIn(row, token)


def _refuse_forgeries() -> None:
    """Staff forms carry a token, and come from our own pages."""
    part = (request.blueprint or "").partition("_")[0]
    if request.method not in _CHANGES or part in COOKIELESS or request.routing_exception:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    if request.headers.get("Origin") not in (None, _own_origin()):
        abort(403)
    unsent.unlock()
    csrf.protect()


def _own_origin() -> str:
    return request.host_url.rstrip("/")


def _expired_form(error: CSRFError) -> ResponseReturnValue:
    """What was typed into a form of ours is not lost, where the browser says that it is ours."""
    view = current_app.view_functions.get(request.endpoint or "")
    is_ours = request.headers.get("Origin") == _own_origin()
    if is_ours and hasattr(view, "roles"):
        if not current_user.is_authenticated:
            return to_sign_in()
        if unsent.holds_something():
            return unsent.page(again=False)
    return errors.problem(400, "The page was open for too long. Go back, reload it and try again.")
