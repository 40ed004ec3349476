"""What marketers edit before it is live, while visitors answer and colleagues save."""

import pytest
from sqlalchemy import text

from tests.fixtures.applications import FRIDAY
from webapp.services.flows import drafts
from webapp.store.database import db

FLOW = "demo-request.yaml"


@pytest.mark.usefixtures("in_app")
def test_nobody_who_answers_waits_for_an_edit_and_nothing_saved_meanwhile_is_lost() -> None:
    seen: list[str] = []

    def slow(now: str, _: str) -> str:
        seen.append(now)
        if len(seen) == 1:
            with db.engine.begin() as an_answer:
                an_answer.execute(text("UPDATE sites SET name = name"))
            drafts.put({FLOW: f"{now}# theirs\n"}, what="Theirs", by="ana", now=FRIDAY)
        return f"{now}# mine\n"

    drafts.change([(FLOW, slow)], what="Mine", by="mo", seen=0, now=FRIDAY)

    draft = drafts.now_drafted()
    assert draft.text(FLOW) == f"{draft.live[FLOW]}# theirs\n# mine\n"
    assert [each.what for each in drafts.steps().undo] == ["Theirs", "Mine"]
