"""What a prospect waits for: the first question on a slow phone beside a blank page, and its size.

A phone four times slower than this machine, on a connection that takes 150 ms to answer and brings
200 kB a second. Long tasks block who wants to scroll or type: what each takes beyond 50 ms counts.
"""

import gzip
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Frame, Page, Response, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.bench import goals, product
from tests.fixtures.browser import launch_options
from webapp.store import sites
from webapp.store.database import one_commit, writing

ROUNDS = 7
SLOWER = 4
AFTERWARDS = 1_000
"""Milliseconds in which what was put off until the page is there has its turn."""
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 90_000,
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body><main><h1>A shop</h1>{body}</main></body></html>"""
_BLOCKED = """() => {
  const watch = new PerformanceObserver(() => {});
  watch.observe({ type: "longtask", buffered: true });
  return watch.takeRecords().reduce((all, each) => all + Math.max(0, each.duration - 50), 0);
}"""
"""Asked when all is over: a script put into each document beforehand would be work for each. The
page knows of its frames' tasks as well."""
_PAINTED = """() => {
  const [first] = performance.getEntriesByName("first-contentful-paint");
  return first && performance.timeOrigin + first.startTime;
}"""

Seen = dict[str, list[float]]
Openings = dict[str, tuple[str, Callable[[Page], Frame]]]


def report(folder: Path, database_url: str) -> Iterator[str]:
    app = product.prepare(folder, database_url)
    with ExitStack() as stack:
        port = product.start(stack, folder, database_url).server.port
        baton = f"http://127.0.0.1:{port}"
        host = stack.enter_context(_host_site(app, baton))
        playwright = stack.enter_context(sync_playwright())
        options = launch_options()
        # A frame in a process of its own would be throttled by nobody.
        options["args"] = [*options["args"], "--disable-site-isolation-trials"]
        browser = stack.enter_context(closing(playwright.chromium.launch(**options)))
        openings: Openings = {
            "blank page": (f"{host}/blank", lambda page: page.main_frame),
            "hosted": (f"{baton}/f/{product.FLOW}", lambda page: page.main_frame),
            "embedded": (f"{host}/embedded", _the_frame),
            "as a frame": (f"{host}/framed", _the_frame),
        }
        _in_turns(browser, openings, 1)  # before anything counts, every process is warm
        took = _in_turns(browser, openings, ROUNDS)
        yield f"The first question on a slow phone ({ROUNDS} each, in turns)"
        yield f"{'':14}{'median ms':>11}{'ratio':>9}{'fastest ms':>12}{'ratio':>9}{'blocked':>12}"
        blank = took["blank page"]["ms"]
        for name, seen in took.items():
            cells = f"{median(seen['ms']):>11.0f}{median(seen['ms']) / median(blank):>9.2f}"
            # On a busy machine the fastest is the one that had it nearly to itself.
            cells += f"{min(seen['ms']):>12.0f}{min(seen['ms']) / min(blank):>9.2f}"
            yield f"{name:14}{cells}{median(seen['blocked']):>12.0f}"
        goals.note("hosted", median(took["hosted"]["ms"]) / median(blank))
        goals.note("embedded", median(took["embedded"]["ms"]) / median(blank))
        longest = max(median(took[name]["blocked"]) for name in ("hosted", "embedded"))
        goals.note("blocked", longest - median(took["blank page"]["blocked"]))
        yield ""
        yield "What it loads (bytes, each gzipped)"
        yield from _sizes(browser, f"{baton}/f/{product.FLOW}")
        loader = median(took["embedded"]["loader"])
        yield f"{'loader, on the host page':50}{loader:>8.0f}"
        goals.note("loader", loader / 1e3)
        yield ""


def _in_turns(browser: Browser, openings: Openings, rounds: int) -> dict[str, Seen]:
    took: dict[str, Seen] = {name: defaultdict(list) for name in openings}
    for _ in range(rounds):
        for name, (address, where) in openings.items():
            _open(browser, address, where, took[name])
    return took


def _open(browser: Browser, address: str, where: Callable[[Page], Frame], seen: Seen) -> None:
    """Open it with nothing in any cache, and note what it took."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="en-GB")
    page = context.new_page()
    page.on("response", lambda each: _note_loader(each, seen))
    phone = context.new_cdp_session(page)
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", NETWORK)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address)
    frame = where(page)
    painted = frame.wait_for_function(_PAINTED).json_value()
    seen["ms"].append(painted - page.evaluate("performance.timeOrigin"))
    page.wait_for_load_state("load")
    page.wait_for_timeout(AFTERWARDS)
    seen["blocked"].append(page.evaluate(_BLOCKED))
    context.close()


def _the_frame(page: Page) -> Frame:
    page.wait_for_selector("iframe", state="attached")
    frame = page.frames[-1]
    frame.wait_for_selector("h1")
    return frame


def _note_loader(response: Response, seen: Seen) -> None:
    if "/embed.js" in response.url and not seen["loader"]:
        seen["loader"].append(_packed(response))


def _sizes(browser: Browser, address: str) -> Iterator[str]:
    """Everything until the first touch, and what comes with it."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    came: list[Response] = []
    page.on("response", lambda each: came.append(each))
    page.goto(address, wait_until="load")
    page.wait_for_timeout(AFTERWARDS)
    before = len(came)
    page.mouse.click(5, 5)
    page.wait_for_function("!!window.htmx")
    sizes = [(each.url.partition("?")[0].split("/", 3)[3], _packed(each)) for each in came]
    for path, size in sizes:
        yield f"  {path:48}{size:>8}"
    first = sum(size for _, size in sizes[:before])
    goals.note("page", first / 1e3)
    yield f"{'first page, all told':50}{first:>8}"
    yield f"{'and with the first touch':50}{sum(size for _, size in sizes):>8}"
    context.close()


def _packed(response: Response) -> int:
    return len(gzip.compress(response.body(), 9, mtime=0))


@contextmanager
def _host_site(app: Flask, baton: str) -> Iterator[str]:
    """Somebody's website on another address: a blank page, and two with our form in them."""
    with app.app_context(), writing():
        site = sites.first()
        assert site is not None
        key = site.key
    script = f'<script defer src="{baton}/embed.js?site={key}"></script>'
    link = f'<p><a href="{baton}/f/{product.FLOW}" data-baton-mode="inline">Ask us</a></p>'
    frame = (
        f'<iframe src="{baton}/f/{product.FLOW}?embed=1&amp;site={key}" data-baton-mode="inline"'
    )
    frame += ' title="Ask us" style="width:100%;height:420px;border:0"></iframe>'
    pages = {
        "/blank": PAGE.format(head="", body=""),
        "/embedded": PAGE.format(head=script, body=link),
        "/framed": PAGE.format(head="", body=frame + script),
    }

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = pages.get(environ["PATH_INFO"], "").encode()
        start_response(
            "200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]
        )
        return [body]

    server = make_server("127.0.0.2", 0, answer, threaded=True, request_handler=_Quiet)
    with app.app_context(), writing(), one_commit("bench.site"):
        site = sites.first()
        assert site is not None
        site.origins = [f"http://127.0.0.2:{server.port}"]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.2:{server.port}"
    server.shutdown()
    server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing between the lines of the report."""
