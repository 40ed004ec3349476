"""``baton staff``, as whoever runs the machine types it."""

from tests.cli.conftest import Operator


def test_an_operator_lets_back_in_whoever_lost_their_phone(upgraded: Operator) -> None:
    upgraded("staff", "add", "ana@acme.example", "--role", "rep")
    let_in = upgraded("staff", "reset-second-step", "ana@acme.example")
    assert let_in.exit_code == 0
    assert "ana@acme.example signs in with the password alone." in let_in.stderr
    unknown = upgraded("staff", "reset-second-step", "bo@acme.example")
    assert unknown.exit_code == 1
    assert "Nobody here has the address" in unknown.stderr


def test_somebody_comes_back_and_somebody_is_promoted(upgraded: Operator) -> None:
    upgraded("staff", "add", "ana@acme.example", "--role", "rep")
    assert "is open" in upgraded("staff", "reopen", "ana@acme.example").stderr
    upgraded("staff", "disable", "ana@acme.example")
    refused = upgraded("staff", "add", "ana@acme.example", "--role", "rep")
    assert "has an account already. It is closed: reopen it." in refused.stderr
    assert len(upgraded("staff", "reopen", "ana@acme.example").stdout.strip()) == 19
    upgraded("staff", "change-role", "ana@acme.example", "--role", "manager")
    assert upgraded("staff", "list").stdout.split() == ["ana@acme.example", "manager"]
