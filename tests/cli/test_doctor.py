"""``baton doctor`` says what is wrong with an installation, where, and what to do about it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Operator
from tests.fixtures.mailbox import Mailbox
from tests.fixtures.provider import CLIENT_ID, CLIENT_SECRET, SignInProvider
from webapp.config import ROOT
from webapp.delivery.vault import Vault
from webapp.store.database import sqlite_module


@pytest.fixture
def written(installation: Path) -> Callable[..., None]:
    """Writes into the installation's database behind its back."""

    def write(statement: str, *values: object) -> None:
        with sqlite_module().connect(installation / "data" / "baton.db") as connection:
            connection.execute(statement, values)
        connection.close()

    return write


def test_doctor_says_what_to_do(operator: Operator) -> None:
    before = operator("doctor")
    assert before.exit_code == 1
    assert "The database is empty. Run baton db upgrade." in before.stdout


def test_a_fix_is_named_once_and_only_for_what_is_wrong(upgraded: Operator) -> None:
    checks = [json.loads(line) for line in upgraded("doctor", "--json").stdout.splitlines()]
    assert [bool(each["fix"]) for each in checks] == [not each["ok"] for each in checks]
    [flows] = [each for each in checks if each["name"] == "flows"]
    assert flows["what"] == "No flows are published."


def test_doctor_says_who_else_on_the_machine_can_read_the_database(
    upgraded: Operator, installation: Path
) -> None:
    closed = upgraded("doctor").stdout
    assert "privacy: ours alone" in closed
    assert "Run baton db upgrade." not in closed
    data = installation / "data"
    for made_open in (data, data / "baton.db"):
        made_open.chmod(0o755)
    assert f"can read {data / 'baton.db'}. Run chmod o-rwx" in upgraded("doctor").stdout


def test_doctor_says_whether_the_sign_in_provider_answers(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SignInProvider() as there:
        for name, value in {
            "BASE_URL": "https://q.example.com",
            "ALLOWED_RECEIVERS": min(there.listed),
            "OIDC_ISSUER": there.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }.items():
            monkeypatch.setenv(f"BATON_{name}", value)
        assert "ok    sign-in provider: answers" in operator("doctor").stdout
        there.configuration["issuer"] = "https://other.example"
        told = operator("doctor").stdout
    assert "wrong sign-in provider: It calls itself 'https://other.example'." in told


def test_doctor_names_the_database_that_it_cannot_use(
    operator: Operator, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = installation / "data" / "baton.db"
    file.parent.mkdir()
    file.write_text("Something else altogether.", encoding="utf-8")
    told = operator("doctor").stdout
    assert f"wrong database: file is not a database. See that {file} is Baton's" in told
    monkeypatch.setenv("BATON_DATABASE_URL", "postgresql://ana:hunter2@127.0.0.1:1/leads")
    told = operator("doctor").stdout
    assert "Connection refused. See that postgresql+psycopg://ana:***@127.0.0.1:1/leads" in told
    elsewhere = "postgresql://ana@127.0.0.1:1/leads?password=hunter2&sslpassword=hunter3"
    monkeypatch.setenv("BATON_DATABASE_URL", elsewhere)
    told = operator("doctor").stdout
    assert "See that postgresql+psycopg://ana@127.0.0.1:1/leads (" in told
    assert "hunter" not in told


def test_doctor_sees_a_slip_of_the_hand_in_a_setting(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_SMTP_ULR", "smtp://mail.example.com")
    monkeypatch.setenv("BATON_XYZZY", "1")
    told = operator("doctor").stdout
    assert "wrong settings: Nothing reads BATON_SMTP_ULR (BATON_SMTP_URL?), BATON_XYZZY." in told


def test_doctor_sees_that_the_secret_key_is_another(
    upgraded: Operator, installation: Path, written: Callable[..., None]
) -> None:
    key = installation / "data" / "secret_key"
    locked = Vault(key.read_text(encoding="utf-8")).lock({"keys": ["hush"]})
    insert = "INSERT INTO connections (id, kind, name, config, secret, events, created_at)"
    written(f"{insert} VALUES ('1', 'webhook', 'CRM', '{{}}', ?, '[]', '2026-11-20')", locked)
    told = upgraded("doctor").stdout
    assert "ok    secret key: opens what is kept" in told
    assert "ok    clock: " in told
    key.unlink()
    assert "wrong secret key: 1 of the 1 secrets" in upgraded("doctor").stdout


def test_doctor_sees_that_the_clock_was_set_back(
    upgraded: Operator, written: Callable[..., None]
) -> None:
    beat = "INSERT INTO heartbeats (name, kind, at, detail) VALUES ('one', 'worker', ?, '{}')"
    written(beat, "2199-01-01 00:00:00.000000")
    told = upgraded("doctor").stdout
    assert "but a worker ran at 2199-01-01 00:00:00. Have the clocks of all machines set" in told


def test_doctor_sees_that_leads_would_go_to_strangers(upgraded: Operator) -> None:
    upgraded("flows", "publish", ROOT / "question_flows", "--why", "Begin")
    upgraded("staff", "add", "ana@example.com", "--role", "rep")
    told = upgraded("doctor").stdout
    assert (
        "wrong teams: Leads go to people who have no open account here: ben@example.com, " in told
    )


def test_doctor_tries_the_mail_server_as_a_mail_would(
    operator: Operator, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_SMTP_URL", mailbox.url)
    assert "ok    mail: 127.0.0.1:" in operator("doctor").stdout
    monkeypatch.setenv("BATON_SMTP_URL", mailbox.url.replace("//", "//ana:wrong@"))
    assert "wrong mail: The mail server 127.0.0.1:" in operator("doctor").stdout
    assert not mailbox.messages
