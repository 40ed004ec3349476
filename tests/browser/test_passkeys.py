"""A real browser with a security key plugged in, which presses its own button."""

from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.fixtures.applications import FRIDAY
from tests.fixtures.browser import LiveServer, barriers
from webapp.services.accounts import staff


def test_a_rep_adds_a_passkey_and_signs_in_with_it(
    page: Page, app: Flask, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = live_server.other_host  # passkeys are bound to a name
    monkeypatch.setitem(app.extensions, "baton", replace(app.extensions["baton"], base_url=here))
    with app.app_context():
        _, password = staff.add("rita@acme.example", role="rep", by="the tests", now=FRIDAY)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{here}/sign-in?next=/account")
    page.fill("[name=email]", "rita@acme.example")
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")

    page.fill("[name=passkey-name]", "Rita's laptop")
    page.fill("[name=passkey-password]", password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.click("text=I have kept them")
    page.click('summary:has-text("Rita\'s laptop")')
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{here}/sign-in?next=/account")
    assert barriers(page) == []
    page.click("text=Sign in with a passkey")
    expect(page.locator("main")).to_contain_text("rita@acme.example")
