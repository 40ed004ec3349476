"""/embed.js as host sites get it, and what a page in a frame may tell them."""

import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.plain_browser import PlainBrowser
from webapp.services.operations import demo
from webapp.store import sites
from webapp.store.database import one_commit, writing

MOST = 6 * 1024
"""What a host page pays for us at most; the peers' loaders start at 15 kB."""

MOST_AT_FIRST = 10 * 1024
"""All that a first question needs. Without a touch of the page, htmx is not loaded yet."""


def allow(app: Flask, *origins: str) -> None:
    with app.app_context(), writing(), one_commit("tests.allow"):
        site = sites.first()
        assert site is not None
        site.origins = list(origins)


def framers(browser: FlaskClient, address: str) -> str:
    policy = browser.get(address).headers["Content-Security-Policy"]
    return policy.split("frame-ancestors ")[1].split(";")[0]


def test_the_loader_is_small(browser: FlaskClient) -> None:
    response = browser.get("/embed.js?site=x", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) <= MOST
    plain = browser.get("/embed.js?site=x")
    assert gzip.decompress(response.data) == plain.data
    assert plain.data.startswith(b"(() => {")


@pytest.mark.parametrize("first", ["/f/demo-request", "/c/demo-request?embed=1"])
def test_a_first_page_is_small_and_waits_for_no_style_sheet(
    app: Flask, browser: FlaskClient, first: str
) -> None:
    allow(app, "https://shop.example")
    page = browser.get(first)
    assert "stylesheet" not in page.text
    [painted_with] = re.findall('rel="expect" href="#([^"]+)" blocking="render"', page.text)
    assert f'<main id="{painted_with}"' in page.text
    nonce = re.search("'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce
    assert f'<style nonce="{nonce[1]}">' in page.text
    assert 'Segoe UI"' in page.text  # as it stands in the sheet, nothing of it escaped
    loaded = re.findall(r'<script defer src="([^"]+)"', page.text)
    assert len(loaded) >= 2
    parts = [page.data, *(browser.get(each).data for each in loaded)]
    assert sum(len(gzip.compress(each, 9)) for each in parts) <= MOST_AT_FIRST
    packed = browser.get(first, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert b'Segoe UI"' in gzip.decompress(packed.data)
    later = PlainBrowser(browser).open("/f/demo-request").choose("Something else")
    assert later.response.text.count('rel="stylesheet"') == 3


def test_a_window_is_parted_from_whoever_opened_it_once_it_holds_anything_of_its_visitor(
    browser: FlaskClient,
) -> None:
    """Parting takes time, and a first question holds nothing yet."""
    prospect = PlainBrowser(browser).open("/f/demo-request")
    assert prospect.response.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    prospect.choose("Something else")
    assert prospect.response.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_loader_is_kept_for_an_hour_and_asked_for_again_cheaply(browser: FlaskClient) -> None:
    first = browser.get("/embed.js")
    assert "max-age=3600" in first.headers["Cache-Control"]
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = browser.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_only_listed_sites_may_frame_a_flow(app: Flask, browser: FlaskClient) -> None:
    assert framers(browser, "/f/demo-request") == "'none'"
    allow(app, "https://shop.example", "https://www.shop.example")
    for address in ("/f/demo-request", "/c/demo-request", "/f/demo-request?embed=1"):
        assert framers(browser, address) == "https://shop.example https://www.shop.example"
    assert framers(browser, "/sign-in") == "'none'"


def test_the_demo_frames_itself(browser: FlaskClient) -> None:
    browser.get("/demo")
    assert framers(browser, f"/f/demo-request?site={demo.KEY}") == "'self'"


@pytest.mark.parametrize("skin", ["f", "c"])
def test_only_a_page_in_a_frame_carries_what_its_host_may_know(
    app: Flask, browser: FlaskClient, skin: str
) -> None:
    allow(app, "https://shop.example")
    plain = browser.get(f"/{skin}/demo-request").text
    assert "data-question" not in plain
    assert "framed.js" not in plain
    framed = browser.get(f"/{skin}/demo-request?embed=1").text
    assert 'data-question="goal"' in framed
    assert 'data-origins="https://shop.example"' in framed
    assert "data-conversation" not in framed


def test_a_page_stays_in_its_frame_without_script(app: Flask, browser: FlaskClient) -> None:
    allow(app, "https://shop.example")
    prospect = PlainBrowser(browser).open("/f/demo-request?embed=1").choose("Something else")
    assert "embed=1" in prospect.address
    assert "data-conversation=" in prospect.response.text
    assert 'data-answered="1"' in prospect.response.text
    prospect.press("Talk to a person").follow("Your talk with our team")
    prospect.press("Send", text="Hello?")
    assert prospect.heading == "Your talk with our team"
    assert "Hello?" in prospect.words
    assert framers(browser, prospect.address) == "https://shop.example"
    assert "data-question" in prospect.follow("Back to the questions").response.text


def test_whoever_is_recognised_can_say_that_it_is_somebody_else(
    app: Flask, browser: FlaskClient
) -> None:
    first = "/f/demo-request?visitor=shared"
    PlainBrowser(browser).open(first).choose("Something else")
    back = PlainBrowser(browser).open(first)
    assert back.heading != "What would you most like to achieve?"
    somebody_else = back.follow("Not you?")
    assert somebody_else.heading == "What would you most like to achieve?"
    assert "Not you?" not in somebody_else.words
