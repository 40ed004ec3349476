"""A prospect who goes on answering whatever happens, and sends again what was not taken."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.cli.drill.pages import Form, question_form

FORM = "application/x-www-form-urlencoded"


@dataclass
class Walker:
    app: Flask
    flow: str = "demo-request"
    who: int = 1
    taken: list[tuple[str, str]] = field(default_factory=list)

    def first(self) -> Form:
        form = question_form(self._client.get(f"/f/{self.flow}").text)
        assert form is not None
        return form

    def send(self, form: Form) -> TestResponse:
        """The same form again is the same answer again: it carries its turn's stamp."""
        return self._client.post(
            form.action,
            data=form.body(form.something(self.who)),
            content_type=FORM,
            headers={"HX-Request": "true", "Sec-Fetch-Site": "same-origin"},
        )

    def answers(self) -> Iterator[Form]:
        """Each question in turn; what the caller sends in between is taken to be repeats."""
        form: Form | None = self.first()
        while form is not None:
            yield form
            response = self.send(form)
            assert response.status_code == 200, response.text
            form = question_form(response.text)

    @property
    def _client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)
