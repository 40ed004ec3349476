"""``baton keys``, as whoever runs the machine types it."""

import json

from tests.cli.conftest import Operator


def test_an_operator_makes_a_key_for_one_site_and_revokes_it(upgraded: Operator) -> None:
    upgraded("staff", "add", "ana@acme.example", "--role", "admin")
    made = upgraded("keys", "add", "CRM", "--for", "ana@acme.example", "--scope", "leads:read")
    assert made.stdout.startswith("baton_")
    assert "It may do leads:read, as far as ana@acme.example may.\n" in made.stderr
    listed = upgraded("keys", "list").stdout
    assert "CRM  all sites  leads:read  never used" in listed
    assert made.stdout.strip() not in listed
    told = json.loads(upgraded("keys", "list", "--json").stdout)
    assert (told["id"], told["scopes"]) == (listed.split()[0], ["leads:read"])
    assert (told["site"], told["used"], told["revoked"]) == (None, None, False)

    assert upgraded("keys", "revoke", listed.split()[0]).exit_code == 0
    assert "revoked" in upgraded("keys", "list").stdout


def test_a_key_that_cannot_be_made_is_refused_with_the_reason(upgraded: Operator) -> None:
    nobody = upgraded("keys", "add", "CRM", "--for", "bo@acme.example")
    assert nobody.exit_code == 1
    assert "Nobody on the staff has the address bo@acme.example." in nobody.stderr
    upgraded("staff", "add", "ana@acme.example", "--role", "admin")
    nowhere = upgraded("keys", "add", "CRM", "--for", "ana@acme.example", "--site", "made-up")
    assert "There is no such site." in nowhere.stderr
    unknown = upgraded("keys", "add", "CRM", "--for", "ana@acme.example", "--scope", "leads:rd")
    assert "There is no scope 'leads:rd'." in unknown.stderr
    assert upgraded("keys", "list").stdout == ""
