"""Settings, from the environment and nowhere else, checked all at once before anything starts."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
SECRETS = frozenset({"SECRET_KEY", "DATABASE_URL", "SMTP_URL", "OIDC_CLIENT_SECRET"})
KNOWN = SECRETS | {
    "ALLOWED_RECEIVERS",
    "BASE_URL",
    "DATA_DIR",
    "ENV",
    "LOG_FORMAT",
    "OIDC_CLIENT_ID",
    "OIDC_EMAIL_DOMAINS",
    "OIDC_ISSUER",
    "OIDC_ONLY",
    "TRUSTED_PROXIES",
    "TWO_STEP_ROLES",
}
ROLES = ("admin", "manager", "marketer", "rep")
"""What staff can be."""


class ConfigError(Exception):
    """Settings that cannot be used: every problem found, each with what, where and how to fix."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Provider:
    """Where staff sign in with their company's account (OpenID Connect). With ``email_domains``
    only addresses there count; with ``only`` no password and no passkey opens anything."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    email_domains: frozenset[str] = frozenset()
    only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that may differ between two installations.

    ``base_url`` is empty until the address is known: ``baton serve`` fills in its own.
    ``trusted_proxies`` is the number of proxies in front whose forwarded headers are believed.
    ``allowed_receivers`` are the ``host:port`` deliveries may reach although they are inside our
    own network, or speak plain http. ``two_step_roles`` may not sign in with a password alone.
    ``test`` makes passwords cheap; only the tests set it.
    """

    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    data_dir: Path
    base_url: str = ""
    smtp_url: str | None = field(default=None, repr=False)
    allowed_receivers: frozenset[str] = frozenset()
    trusted_proxies: int = 0
    two_step_roles: frozenset[str] = frozenset()
    provider: Provider | None = None
    log_format: str = "json"
    env: str = "development"
    demo: bool = False
    test: bool = False

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies may be bound to it."""
        return self.base_url.startswith("https://")


def from_environment(environ: Mapping[str, str] | None = None) -> Config:
    """Read ``BATON_*`` (``BATON_X_FILE`` names a file holding the value of ``BATON_X``).

    Makes the data folder, and a secret key in it when none is given.

    Raises: ConfigError naming every problem, with no secret in it.
    """
    given = os.environ if environ is None else environ
    problems: list[str] = []
    settings = _settings(given, problems)

    def read(name: str, default: T, check: Callable[[str], T]) -> T:
        if not settings.get(name):
            return default
        try:
            return check(settings[name])
        except ValueError as problem:
            problems.append(f"BATON_{name} {problem}")
            return default

    env = read("ENV", "development", _one_of("development", "production"))
    data_dir = read("DATA_DIR", ROOT / "data", lambda text: Path(text).expanduser().resolve())
    database_url = read("DATABASE_URL", "", _database_url)
    base_url = read("BASE_URL", "", _base_url)
    if env == "production" and not base_url.startswith("https://"):
        found = "is http://" if base_url else "is not set"
        problems.append(
            f"BATON_BASE_URL {found} but BATON_ENV=production. "
            "Set it to the https://… address people use, or embeds will not load on https sites."
        )
    smtp_url = read("SMTP_URL", None, _smtp_url)
    none: frozenset[str] = frozenset()
    allowed_receivers = read("ALLOWED_RECEIVERS", none, _receivers)
    trusted_proxies = read("TRUSTED_PROXIES", 0, _whole_number)
    two_step_roles = read("TWO_STEP_ROLES", none, _roles)
    provider = None
    if _wants_provider(settings, problems):
        provider = Provider(
            issuer=read("OIDC_ISSUER", "", _issuer),
            client_id=settings.get("OIDC_CLIENT_ID", ""),
            client_secret=settings.get("OIDC_CLIENT_SECRET", ""),
            email_domains=read("OIDC_EMAIL_DOMAINS", none, _domains),
            only=read("OIDC_ONLY", "no", _one_of("yes", "no")) == "yes",
        )
    log_format = read(
        "LOG_FORMAT", "json" if env == "production" else "text", _one_of("json", "text")
    )
    secret_key = read("SECRET_KEY", "", _secret_key)
    if not problems:
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            secret_key = secret_key or _kept_secret_key(data_dir / "secret_key")
        except OSError as error:
            problems.append(
                f"{error.filename or data_dir} cannot be used ({error.strerror}). Let the account "
                "that runs Baton read and write it, or name another folder as BATON_DATA_DIR."
            )
    if problems:
        raise ConfigError(problems)
    return Config(
        secret_key=secret_key,
        database_url=database_url or f"sqlite:///{data_dir / 'baton.db'}",
        data_dir=data_dir,
        base_url=base_url,
        smtp_url=smtp_url,
        allowed_receivers=allowed_receivers,
        trusted_proxies=trusted_proxies,
        two_step_roles=two_step_roles,
        provider=provider,
        log_format=log_format,
        env=env,
    )


def unread(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What begins like a setting and is none, each with the setting that was meant, if any: a slip
    of the hand would leave the setting out without a word."""
    given = os.environ if environ is None else environ
    known = KNOWN | {f"{name}_FILE" for name in SECRETS}
    names = {name.removeprefix("BATON_") for name in given if name.startswith("BATON_")}
    meant = {name: get_close_matches(name, known, 1) for name in sorted(names - known)}
    return {f"BATON_{name}": f"BATON_{near[0]}" if near else "" for name, near in meant.items()}


def _settings(given: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for variable, value in given.items():
        if not variable.startswith("BATON_"):
            continue
        name = variable.removeprefix("BATON_")
        if name in KNOWN:
            found[name] = value.strip()
        elif name.removesuffix("_FILE") in SECRETS:
            _read_secret(variable, Path(value), name.removesuffix("_FILE"), found, problems)
    problems.extend(
        f"BATON_{name} and BATON_{name}_FILE are both set. Keep one of the two."
        for name in sorted(SECRETS)
        if f"BATON_{name}" in given and f"BATON_{name}_FILE" in given
    )
    return found


def _read_secret(
    variable: str, path: Path, name: str, found: dict[str, str], problems: list[str]
) -> None:
    try:
        found[name] = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(f"{variable} names {path}, which cannot be read ({why}). Check the path.")


def _kept_secret_key(path: Path) -> str:
    """The key of this installation, made once. Two processes starting together keep one key."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    kept = path.read_text(encoding="utf-8").strip()
    if len(kept) < 32:
        raise OSError(0, f"{path.name} is cut short: remove it and start again")
    return kept


def _wants_provider(settings: Mapping[str, str], problems: list[str]) -> bool:
    """Whether a sign-in provider is set; half a one is a problem."""
    given = sorted(name for name in settings if name.startswith("OIDC_") and settings[name])
    missing = {"OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"} - {*given} if given else set()
    problems.extend(
        f"BATON_{name} is not set but BATON_{given[0]} is. "
        "Set it as the sign-in provider tells you, or leave all of BATON_OIDC_… out."
        for name in sorted(missing)
    )
    return bool(given)


def _one_of(*choices: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is {text!r}. Set it to {' or '.join(choices)}.")
        return text

    return check


def _whole_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 10:
        raise ValueError(f"is {text!r}. Set it to the number of proxies in front, 0 to 10.")
    return int(text)


def _secret_key(text: str) -> str:
    if len(text) < 32 or len(set(text)) < 8:
        raise ValueError(
            "is too easy to guess. Set at least 32 random characters, "
            "or leave it out and one is made and kept in the data folder."
        )
    return text


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"is {text!r}. Set the address people use, like https://q.example.com.")
    if parts.username or parts.password or parts.path not in ("", "/"):
        raise ValueError("holds more than scheme and host. Set it like https://q.example.com.")
    return f"{parts.scheme}://{parts.netloc}"


def _database_url(text: str) -> str:
    """SQLite or PostgreSQL. A bare ``postgresql://`` would mean another driver in each SQLAlchemy
    release, so the driver is always spelled out."""
    try:
        url: URL = make_url(text)
    except ArgumentError:
        raise ValueError(
            "is not a database address. Set sqlite:////path/to/baton.db "
            "or postgresql://user:password@host/name."
        ) from None
    match url.drivername:
        case "sqlite":
            return text
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    raise ValueError(
        f"starts with {url.drivername}://. Baton keeps its data in SQLite (sqlite:///…) "
        "or PostgreSQL (postgresql://…)."
    )


def _smtp_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError(
            "is not a mail server's address. Set smtp://user:password@host:587 or smtps://…:465."
        )
    return text


def _issuer(text: str) -> str:
    """Kept to the letter: a provider's tokens name it so, with or without a stroke at the end."""
    parts = urlsplit(text)
    odd = parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in ("http", "https") or not parts.hostname or odd:
        raise ValueError(f"is {text!r}. Set the provider's address, like https://login.example.com")
    return text


def _domains(text: str) -> frozenset[str]:
    found = _listed(text)
    if odd := {each for each in found if "@" in each or "." not in each.strip(".")}:
        raise ValueError(f"holds {min(odd)!r}. List domains, like example.com,example.org.")
    return found


def _roles(text: str) -> frozenset[str]:
    found = _listed(text)
    if odd := found - set(ROLES):
        raise ValueError(f"holds {min(odd)!r}. List roles, of {', '.join(ROLES)}.")
    return found


def _receivers(text: str) -> frozenset[str]:
    found = _listed(text)
    for each in found:
        host, _, port = each.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or "/" in each:
            raise ValueError(f"holds {each!r}. List host:port, like crm.internal:443,127.0.0.1:80.")
    return found


def _listed(text: str) -> frozenset[str]:
    return frozenset(each.strip().lower() for each in text.split(",") if each.strip())
