"""Somebody else's website: pages on another loopback address, with a policy of their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.fixtures.browser import LiveServer, _Quiet
from webapp.store import sites
from webapp.store.database import one_commit, writing

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style{nonce}>body {{ margin: 0; padding: 16px; font: 16px/1.5 sans-serif }}
.tall {{ height: 3000px }} .room {{ min-height: 420px }}</style>{head}</head>
<body><main><h1>A shop</h1>{body}</main></body></html>"""
NONCE = "shop"


@dataclass
class HostSite:
    """A website that uses Baton at ``baton``, as the site with this ``key``."""

    url: str
    baton: str
    key: str
    pages: dict[str, Response] = field(default_factory=dict)

    @property
    def strict(self) -> str:
        """The tightest policy that docs/embed.md promises to work under."""
        ours = f"script-src {self.baton} 'nonce-{NONCE}'; frame-src {self.baton}"
        return f"default-src 'none'; style-src 'nonce-{NONCE}'; {ours}"

    def script(self, query: str = "", attributes: str = "") -> str:
        address = f"{self.baton}/embed.js?site={self.key}{query}"
        return f'<script defer src="{address}" {attributes}></script>'

    def link(self, mode: str, more: str = "", *, flow: str = "f/demo-request") -> str:
        address = f"{self.baton}/{flow}"
        return f'<a href="{address}" data-baton-mode="{mode}" {more}>Request a demo</a>'

    def shows(self, body: str, *, head: str | None = None, policy: str | None = None) -> str:
        """Put a page on the site, our script in its head unless ``head`` says else; its address."""
        head = self.script() if head is None else head
        html = PAGE.format(head=head, body=body, nonce=f' nonce="{NONCE}"' if policy else "")
        path = f"/{len(self.pages)}"
        self.pages[path] = Response(html, mimetype="text/html")
        if policy:
            self.pages[path].headers["Content-Security-Policy"] = policy
        return self.url + path

    def settle(self, app: Flask, *, origins: list[str] | None = None, **settings: object) -> None:
        """Change what is set up for the site."""
        with app.app_context(), writing(), one_commit("tests.settle"):
            site = sites.by_key(self.key)
            assert site is not None
            site.origins = site.origins if origins is None else origins
            site.settings = {**site.settings, **settings}

    def answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        missing = Response("", 204 if Request(environ).path == "/favicon.ico" else 404)
        return self.pages.get(Request(environ).path, missing)(environ, start_response)


@pytest.fixture
def host(app: Flask, live_server: LiveServer) -> Iterator[HostSite]:
    """A site that may frame our pages, on another host than ours and so cross-site: Chromium keeps
    its frames from any storage."""
    with _listening("127.0.0.2", app, live_server) as one:
        yield one


@pytest.fixture
def sister(app: Flask, live_server: LiveServer) -> Iterator[HostSite]:
    """The same on another origin of our own site, as www.acme.example is beside q.acme.example."""
    with _listening("127.0.0.1", app, live_server) as one:
        yield one


@contextmanager
def _listening(address: str, app: Flask, live_server: LiveServer) -> Iterator[HostSite]:
    with app.app_context(), writing(), one_commit("tests.host"):
        site = sites.first()
        assert site is not None
        one = HostSite("", live_server.url, site.key)
        server = make_server(address, 0, one.answer, threaded=True, request_handler=_Quiet)
        one.url = f"http://{address}:{server.port}"
        site.origins = [one.url]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield one
    server.shutdown()
    server.server_close()
