"""Every recipe of docs/embed.md, on a page as that tool would write it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import HostSite
from webapp.store.visitors import EventRow

DOCS = Path(__file__).parents[2] / "docs" / "embed.md"
STUB = (
    "<script>window.Baton=window.Baton||function(){(Baton.q=Baton.q||[]).push(arguments)}</script>"
)


def recipe(host: HostSite, heading: str, number: int = 0) -> str:
    """The code under a heading of the page, as somebody would paste it."""
    section = (
        ("\n" + DOCS.read_text()).split(f"\n{heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    )
    found: str = re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)[number]
    return found.replace("https://q.example.com", host.baton).replace("SITE_KEY", host.key)


def asks(page: Page) -> None:
    heading = page.frame_locator("iframe").get_by_role("heading", level=1)
    expect(heading).to_have_text("What would you most like to achieve?")


def test_the_stub_is_the_one_that_the_page_shows() -> None:
    assert STUB in DOCS.read_text()


def test_plain_html(page: Page, host: HostSite) -> None:
    page.goto(host.shows(recipe(host, "# Put a flow on a website"), head=""))
    asks(page)
    expect(page.get_by_role("link", name="Request a demo")).to_be_hidden()


def test_a_plain_frame(page: Page, host: HostSite) -> None:
    page.goto(host.shows(recipe(host, "### Plain HTML"), head=""))
    asks(page)


def test_wordpress_wraps_in_paragraphs_and_loads_late(page: Page, host: HostSite) -> None:
    body = f"<p>{host.link('inline')}</p>\n<p>{host.script().replace('defer', '')}</p>"
    page.goto(host.shows(body, head=""))
    asks(page)


def test_webflow_gives_any_link_the_attribute_and_puts_the_script_last(
    page: Page, host: HostSite
) -> None:
    link = host.link("popup", 'class="w-button"')
    page.goto(host.shows(f'<div class="w-embed">{link}</div>{host.script()}', head=""))
    page.get_by_role("link", name="Request a demo").click()
    asks(page)


@pytest.mark.parametrize("mode", ["bubble", "popup", "slide"])
def test_a_tag_manager_inserts_the_script_and_strips_its_attributes(
    page: Page, host: HostSite, mode: str
) -> None:
    tag = recipe(host, "### Tag managers").replace("mode=bubble", f"mode={mode}")
    address = re.search(r'src="([^"]+)"', tag)
    assert address
    plain = f'<a href="{host.baton}/f/demo-request">Request a demo</a>'
    insert = f"""<script>addEventListener("load", () => {{
      const tag = document.createElement("script");
      tag.src = "{address[1]}";
      document.head.append(tag);
    }})</script>"""
    page.goto(host.shows(plain, head=insert))
    page.wait_for_function("!!window.Baton?.add")
    if mode == "bubble":
        page.get_by_role("button", name="Chat with sales").click()
    else:
        page.get_by_role("link", name="Request a demo").click()
    asks(page)
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_react_mounts_and_unmounts_as_its_components_come_and_go(
    page: Page, host: HostSite, rows: Callable[[type[Any]], list[Any]]
) -> None:
    """A stand-in for useEffect: the component is mounted twice, as strict mode does."""
    body = """<div id="root"></div><script>
      const DemoRequest = (root) => {
        const link = Object.assign(document.createElement("a"),
          { href: "%s/f/demo-request", textContent: "Request a demo" });
        link.dataset.batonMode = "inline";
        root.replaceChildren(link);
        window.Baton("mount", link);
        return () => { window.Baton("unmount", link); root.replaceChildren(); };
      };
      const root = document.getElementById("root");
      DemoRequest(root)();
      window.leave = DemoRequest(root);
    </script>"""
    page.goto(host.shows(body % host.baton, head=STUB + host.script("&track=manual")))
    asks(page)
    expect(page.locator("iframe")).to_have_count(1)
    with page.expect_response("**/api/v1/events"):
        page.evaluate("Baton('track', 'page_view', { page: '/pricing', title: 'Pricing' })")
    page.evaluate("leave()")
    expect(page.locator("iframe")).to_have_count(0)
    assert [(row.event, row.page) for row in rows(EventRow)] == [("page_view", "/pricing")]
