"""A program at the API, and somebody who answers through it."""

from typing import Any

from flask.testing import FlaskClient

from tests.fixtures.answers import DEMO


class Program:
    """A program at the API: holds the token of its conversation, or a key."""

    def __init__(self, client: FlaskClient, bearer: str = "") -> None:
        self.client, self.bearer = client, bearer

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)


def finish(program: Program, site_key: str, person: dict[str, Any] = DEMO) -> str:
    """Run the demo request to its end and return the conversation's id."""
    started = program.call("POST", "/conversations", {"flow": "demo-request", "site": site_key})
    assert started.status_code == 201, started.text
    program.bearer = started.json["token"]
    id, state = str(started.json["conversation"]), started.json["state"]
    while question := state.get("question"):
        answer = {"value": person[question["id"]]} if question["id"] in person else {"skip": True}
        answered = program.call(
            "POST", f"/conversations/{id}/answers", {"question": question["id"], **answer}
        )
        assert answered.status_code == 200, answered.text
        state = answered.json["state"]
    assert state["ending"]["text"]
    return id
