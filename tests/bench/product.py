"""The product, prepared for measuring: a database with the starter flows live."""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from tests.bench.answers import (
    CONNECTIONS,
    MANY_CONNECTIONS,
    Contender,
    Midway,
    Prospect,
    ProspectsProgram,
    check_that_it_asks,
)
from tests.bench.servers import WORKERS, serving
from webapp import create_app
from webapp.config import ROOT, Config
from webapp.services.flows import releases, sites
from webapp.store import schema

FLOW = "demo-request"
LAST_QUESTION = "email"
SECRET_KEY = "a key that only the bench knows, 0123456789"


def prepare(folder: Path, database_url: str) -> Flask:
    """Migrate the database and make the starter flows live."""
    config = Config(secret_key=SECRET_KEY, database_url=database_url, data_dir=folder, test=True)
    app = create_app(config)
    app.config["FASTEST_ANSWER"] = timedelta(0)  # or it would take the bench for a program
    now = datetime.now(UTC)
    with app.app_context():
        schema.upgrade()
        releases.seed(ROOT / "question_flows", now=now)
        sites.seed(now=now)
    return app


def start(stack: ExitStack, folder: Path, database_url: str) -> Contender:
    """The product as ``baton serve`` runs it, with as many processes as the references."""
    environ = {
        "BATON_DATA_DIR": str(folder),
        "BATON_DATABASE_URL": database_url,
        "BATON_SECRET_KEY": SECRET_KEY,
        "BATON_TRUSTED_PROXIES": "1",
    }
    command = [sys.executable, "-m", "webapp.cli", "serve", "--no-worker", "--port", "0"]
    command.append(f"--workers={WORKERS}")
    server = stack.enter_context(serving(command, folder / "product.log", environ))
    check_that_it_asks(server, FLOW)
    return Contender("product", server, [Prospect(FLOW) for _ in range(CONNECTIONS)])


def midway(product: Contender) -> Contender:
    """The same server, given only answers as the references take them: no first page, no end."""
    callers = [Midway(FLOW, LAST_QUESTION) for _ in range(CONNECTIONS)]
    return Contender(f"{product.name}, midway", product.server, callers)


def crowded(product: Contender) -> Contender:
    """The same server with more people at once than it has threads: none may be turned away."""
    callers = [Prospect(FLOW) for _ in range(MANY_CONNECTIONS)]
    return Contender(f"{product.name}, at {MANY_CONNECTIONS}", product.server, callers)


def by_api(app: Flask, product: Contender) -> Contender:
    """The same server, asked by programs instead of pages."""
    with app.app_context():
        key = sites.seed(now=datetime.now(UTC)).key
    callers = [ProspectsProgram(FLOW, key) for _ in range(CONNECTIONS)]
    return Contender(f"{product.name}, by API", product.server, callers)
