"""Upgrading, copying and verifying the database of an installation."""

import json
import stat
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.cli.conftest import Operator
from webapp.services.prospects import receipts
from webapp.store.database import sqlite_module


def test_a_new_database_is_made_and_left_alone_the_second_time(operator: Operator) -> None:
    assert "was empty" in operator("db", "upgrade").stderr
    assert "is up to date" in operator("db", "upgrade").stderr


def test_a_copy_holds_what_was_committed_and_can_be_used(
    upgraded: Operator, installation: Path
) -> None:
    upgraded("staff", "add", "ana@example.com", "--role", "admin")
    copy = installation / "copy.db"
    assert upgraded("db", "backup", copy).exit_code == 0
    with sqlite_module().connect(copy) as connection:
        assert connection.execute("SELECT email FROM staff").fetchall() == [("ana@example.com",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_nobody_else_on_the_machine_reads_the_database_or_a_copy(
    operator: Operator, installation: Path
) -> None:
    operator("db", "upgrade")
    operator("db", "backup", installation / "copy.db")
    data = installation / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for file in (installation / "copy.db", *data.iterdir()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_a_copy_never_overwrites_and_half_a_copy_is_none(
    upgraded: Operator, installation: Path
) -> None:
    there = installation / "precious"
    there.write_text("keep me", encoding="utf-8")
    refused = upgraded("db", "backup", there)
    assert refused.exit_code == 1
    assert there.read_text(encoding="utf-8") == "keep me"
    assert upgraded("db", "backup", installation / "no" / "such").exit_code == 1
    assert {path.name for path in installation.iterdir()} == {"data", "precious"}


def test_an_empty_database_has_nothing_wrong(upgraded: Operator) -> None:
    result = upgraded("db", "verify", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["ok"] is True


def test_where_the_audit_log_ends_is_printed_and_taken_back(upgraded: Operator) -> None:
    upgraded("staff", "add", "ana@example.com", "--role", "rep")
    end = upgraded("db", "verify").stdout.split()[-1]
    assert json.loads(upgraded("db", "verify", "--json").stdout)["audit_end"] == end
    assert upgraded("db", "verify", "--audit-end", end).exit_code == 0
    assert upgraded("db", "verify", "--audit-end", f"7{end}").exit_code == 1
    for odd in ("1", f"-{end}", f"{end}\n", f"９:{end[2:]}"):
        assert upgraded("db", "verify", "--audit-end", odd).exit_code == 2


def test_receipts_are_read_from_a_file_or_the_standard_input(
    upgraded: Operator, installation: Path
) -> None:
    secret = (installation / "data" / "secret_key").read_text(encoding="utf-8")
    at = "2026-11-20T10:00:00+00:00"
    lost = receipts.sign(secret, "01abc", 1, "goal", "goal", "grow", None, at)
    given = installation / "receipts"
    given.write_text(f"{lost}\n\nmade.1.up\n", encoding="utf-8")

    found = upgraded("db", "verify", "--receipts", given)
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        f"{lost}: missing: nothing is kept of it, and nobody erased it",
        "made.1.up: not ours, or given out under another BATON_SECRET_KEY",
    ]
    assert found.stderr == "2 receipts: 1 missing, 1 not ours.\n"
    told = json.loads(upgraded("db", "verify", "--json", "--receipts", given).stdout)
    assert told["ok"] is False
    assert told["counts"] == {"missing": 1, "not ours": 1}
    assert told["receipts"][0] == {"receipt": lost, "verdict": "missing"}
    assert upgraded("db", "verify", "--receipts", "-").exit_code == 0
    assert upgraded("db", "verify", "--receipts", installation / "no-such").exit_code == 2


def test_no_made_up_receipt_shows_another_verdict_on_the_terminal(
    upgraded: Operator, installation: Path
) -> None:
    given = installation / "receipts"
    given.write_text("01abc.1.ff: stored\x1b[8m\u202e\n", encoding="utf-8")
    found = upgraded("db", "verify", "--receipts", given)
    assert found.stdout == (
        "01abc.1.ff: stored\\x1b[8m\\u202e: not ours, or given out under another BATON_SECRET_KEY\n"
    )


def test_a_database_that_was_never_made_is_a_sentence_and_no_traceback(
    operator: Operator,
) -> None:
    for words in (("db", "verify"), ("staff", "list"), ("worker",)):
        result = operator(*words)
        assert result.exit_code == 1
        assert "The database is empty. If sqlite:///" in result.stderr
        assert "run baton db upgrade." in result.stderr


def test_a_database_whose_letters_are_not_ours_is_refused_with_what_to_do(
    operator: Operator, empty_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(empty_postgresql_url)
    server = url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{url.database}"')
        admin.execute(
            f"CREATE DATABASE \"{url.database}\" ENCODING 'SQL_ASCII' TEMPLATE template0"
            " LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    monkeypatch.setenv("BATON_DATABASE_URL", empty_postgresql_url)
    for words in (("db", "upgrade"), ("db", "verify"), ("serve", "--port", "0")):
        result = operator(*words)
        assert result.exit_code == 1
        assert "its letters are SQL_ASCII and must be UTF8" in result.stderr
        assert "CREATE DATABASE baton ENCODING 'UTF8' TEMPLATE template0" in result.stderr


def test_where_newer_code_has_upgraded_older_code_does_nothing(
    upgraded: Operator, installation: Path
) -> None:
    with sqlite_module().connect(installation / "data" / "baton.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = upgraded("db", "upgrade")
    assert result.exit_code == 0
    assert "at 9999, newer than this code" in result.stderr


def test_a_copy_of_nothing_is_none(operator: Operator, installation: Path) -> None:
    refused = operator("db", "backup", installation / "copy.db")
    assert refused.exit_code == 1
    assert f"{installation / 'data' / 'baton.db'} is empty" in refused.stderr
    assert not (installation / "copy.db").exists()


@pytest.mark.parametrize("words", [["--role", "boss"], [], ["--role", "rep", "extra"]])
def test_a_wrong_use_ends_with_code_2(operator: Operator, words: list[str]) -> None:
    assert operator("staff", "add", "ana@example.com", *words).exit_code == 2


def test_an_account_is_made_listed_and_closed(upgraded: Operator) -> None:
    made = upgraded("staff", "add", "Ana@Example.com", "--role", "rep", "--name", "Ana Ruiz")
    assert len(made.stdout.strip()) == 19
    assert upgraded("staff", "add", "ana@example.com", "--role", "rep").exit_code == 1
    assert upgraded("staff", "disable", "ana@example.com").exit_code == 0
    [row] = [json.loads(line) for line in upgraded("staff", "list", "--json").stdout.splitlines()]
    assert (row["email"], row["disabled"]) == ("ana@example.com", True)
    assert upgraded("staff", "disable", "nobody@example.com").exit_code == 1
