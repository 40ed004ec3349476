"""Settings are checked all at once, in words, before anything starts."""

from pathlib import Path

import pytest

from tests.cli.conftest import Operator
from webapp.config import ConfigError, from_environment


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    config = from_environment({"BATON_DATA_DIR": str(tmp_path)})
    assert config.database_url == f"sqlite:///{tmp_path}/baton.db"
    assert len(config.secret_key) >= 32


def test_the_secret_key_is_made_once_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    first = from_environment({"BATON_DATA_DIR": str(tmp_path)})
    again = from_environment({"BATON_DATA_DIR": str(tmp_path)})
    assert first.secret_key == again.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_every_problem_is_told_at_once_and_no_secret_with_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        from_environment(
            {
                "BATON_DATA_DIR": str(tmp_path),
                "BATON_ENV": "production",
                "BATON_BASE_URL": "http://q.example.com",
                "BATON_DATABASE_URL": "mysql://root:hunter2@db/baton",
                "BATON_SECRET_KEY": "hunter2",
                "BATON_SMTP_URL": "mail.example.com",
                "BATON_TRUSTED_PROXIES": "yes",
                "BATON_TWO_STEP_ROLES": "admin, boss",
                "BATON_LOG_FORMAT": "xml",
            }
        )
    problems = refusal.value.problems
    assert len(problems) == 7
    assert all(problem.startswith("BATON_") for problem in problems)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://q.example.com",
        "q.example.com",
        "https://q.example.com/baton",
        "https://me:pw@q.example.com",
        "https://",
    ],
)
def test_an_address_that_nobody_could_use_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="BATON_BASE_URL"):
        from_environment({"BATON_DATA_DIR": str(tmp_path), "BATON_BASE_URL": address})


def test_a_secret_may_be_read_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://baton:pw@db/baton\n", encoding="utf-8")
    config = from_environment(
        {"BATON_DATA_DIR": str(tmp_path), "BATON_DATABASE_URL_FILE": str(secret)}
    )
    assert config.database_url == "postgresql+psycopg://baton:pw@db/baton"
    assert "pw" not in repr(config)


def test_a_sign_in_provider_is_set_whole_or_not_at_all(tmp_path: Path) -> None:
    given = {
        "BATON_DATA_DIR": str(tmp_path),
        "BATON_OIDC_ISSUER": "https://login.example.com/",
        "BATON_OIDC_CLIENT_ID": "baton",
        "BATON_OIDC_CLIENT_SECRET": "hunter2",
        "BATON_OIDC_EMAIL_DOMAINS": "acme.example, Nordwind.example",
    }
    provider = from_environment(given).provider
    assert provider is not None
    assert provider.issuer == "https://login.example.com/"
    assert provider.email_domains == {"acme.example", "nordwind.example"}
    assert "hunter2" not in repr(provider)
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):
        with pytest.raises(ConfigError, match=f"BATON_OIDC_{name} is not set"):
            from_environment({k: v for k, v in given.items() if k != f"BATON_OIDC_{name}"})
    for name, odd in (("ISSUER", "login"), ("EMAIL_DOMAINS", "@acme"), ("ONLY", "maybe")):
        with pytest.raises(ConfigError, match=f"BATON_OIDC_{name}"):
            from_environment({**given, f"BATON_OIDC_{name}": odd})


def test_a_secret_given_twice_or_in_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        from_environment(
            {
                "BATON_DATA_DIR": str(tmp_path),
                "BATON_SMTP_URL": "smtp://mail.example.com",
                "BATON_SMTP_URL_FILE": str(tmp_path / "gone"),
            }
        )
    assert len(refusal.value.problems) == 2


def test_a_command_with_unusable_settings_ends_with_code_2(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_TRUSTED_PROXIES", "-1")
    result = operator("db", "upgrade")
    assert result.exit_code == 2
    assert "BATON_TRUSTED_PROXIES" in result.stderr
    assert result.stdout == ""
