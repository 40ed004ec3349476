"""Prospects with plain browsers, and what is known of their conversations."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.plain_browser import PlainBrowser
from webapp.store.conversations import AnswerRow, ConversationRow

Kept = Callable[[], list[tuple[str, object]]]
Conversations = Callable[[], list[ConversationRow]]


@pytest.fixture
def prospect(browser: FlaskClient) -> PlainBrowser:
    return PlainBrowser(browser)


@pytest.fixture
def another(browser: FlaskClient) -> PlainBrowser:
    return PlainBrowser(browser)


@pytest.fixture
def conversations(rows: Callable[[type], list[ConversationRow]]) -> Conversations:
    return lambda: rows(ConversationRow)


@pytest.fixture
def kept(rows: Callable[[type], list[AnswerRow]]) -> Kept:
    """Every answer ever kept, as (question, value), oldest first."""
    return lambda: [(row.question, row.value) for row in rows(AnswerRow)]
