"""A site with the starter flows live, and people who use it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.applications import FRIDAY
from webapp.services.prospects import conversations
from webapp.services.prospects.conversations import Arrival
from webapp.services.prospects.states import State
from webapp.store import sites
from webapp.store.sites import SiteRow


@pytest.fixture
def now() -> datetime:
    """A working day for every team of the starter playbook."""
    return FRIDAY


@pytest.fixture
def site(in_app: None, now: datetime) -> SiteRow:
    """The site on which the starter flows are live."""
    found = sites.first()
    assert found is not None
    return found


@dataclass
class Prospect:
    """Somebody who answers questions, a minute apart."""

    site: SiteRow
    now: datetime
    token: str = ""
    id: str = ""
    state: State = field(init=False)

    def begins(self, flow: str = "demo-request", **arrival: Any) -> State:
        started = conversations.start(flow, Arrival(site=self.site, **arrival), now=self.now)
        self.token, self.id, self.state = started.token, started.id, started.state
        return self.state

    def says(self, question: str, value: object = None, **more: Any) -> State:
        self.now += timedelta(minutes=1)
        self.state = conversations.answer(self.token, question, value=value, now=self.now, **more)
        return self.state

    def answers(self, **answers: object) -> State:
        for question, value in answers.items():
            self.says(question, value, skip=value is None)
        return self.state

    def finishes(self, **answers: object) -> State:
        """Answers with these where asked, and skips the rest."""
        while self.state.question:
            question = self.state.question.id
            self.says(question, answers.get(question), skip=question not in answers)
        return self.state


@pytest.fixture
def prospect(site: SiteRow, now: datetime) -> Prospect:
    return Prospect(site, now)


@pytest.fixture
def another_prospect(site: SiteRow, now: datetime) -> Callable[[], Prospect]:
    return lambda: Prospect(site, now)
