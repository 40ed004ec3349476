"""Reads a prospect's page as a browser without JavaScript does: the form, ready to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

ANSWERS = ("answer", "said")
"""What an answer's field is called: chosen in a form or by a button, typed in a chat."""

SOMETHING = {
    "email": "ada{who}@engines{who}.example",
    "tel": "+44 20 7946 0018",
    "number": "40",
    "date": "2027-01-15",
    "url": "https://lovelace-engines.example",
}
"""What may be said to a question by the type of its input; other inputs take any words."""


@dataclass
class Form:
    """The form of one question: where it goes, what it carries unseen, what may be chosen."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    control: str = ""
    name: str = ""
    options: list[str] = field(default_factory=list)

    @property
    def question(self) -> str:
        return self.hidden["question"]

    def something(self, who: int = 1) -> str:
        """An answer that this question should take, from visitor number ``who``."""
        if self.options:
            return next(option for option in self.options if option)
        return SOMETHING.get(self.control, "Ada Lovelace").format(who=who)

    def body(self, answer: str | list[str] | None) -> bytes:
        """The post that gives this answer; None presses the button that skips."""
        said: Mapping[str, str | list[str]] = (
            {"skip": "yes"} if answer is None else {self.name: answer}
        )
        return urlencode({**self.hidden, **said}, doseq=True).encode()


def question_form(html: str) -> Form | None:
    """The form that asks a question; None on a page that asks nothing more."""
    reader = _Reader()
    reader.feed(html)
    return next((form for form in reader.forms if form.control), None)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._in_form = False
        self._in_answer_select = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
            self._in_form = True
        if not self._in_form:
            return
        form = self.forms[-1]
        asks = given.get("name") in ANSWERS
        match tag, given.get("type", "text"):
            case "input", "hidden":
                form.hidden[given["name"]] = given.get("value", "")
            case "input", "radio" | "checkbox" as kind if asks:
                form.control, form.name = kind, given["name"]
                form.options.append(given.get("value", "on"))
            case "button", _ if asks:
                form.control, form.name = "button", given["name"]
                form.options.append(given["value"])
            case "input" | "textarea", kind if asks:
                form.control, form.name = kind, given["name"]
            case "select", _ if asks:
                form.control, form.name = "select", given["name"]
                self._in_answer_select = True
            case "option", _ if self._in_answer_select:
                form.options.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "select":
            self._in_answer_select = False
