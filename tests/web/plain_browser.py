"""A browser as plain as they come: no script, no cookies, links and forms only. It takes no page
whose labels lead nowhere."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.web.markup import faults_of

_VOID = {"input", "meta", "link", "br", "hr", "img"}


@dataclass
class Button:
    """``action`` is where it sends its form, if not where the form itself goes."""

    words: str
    name: str | None
    value: str
    action: str | None


@dataclass
class Form:
    """``fields`` are (name, value) pairs as they stand; ``offered`` maps a label to the pair it
    chooses; ``writable`` names the fields one can type into."""

    action: str
    id: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    offered: dict[str, tuple[str, str]] = field(default_factory=dict)
    writable: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.headings: list[str] = []
        self.title = ""
        self.text: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._collecting: list[list[str]] = []
        self._input: tuple[str, str] | None = None
        self._select: str | None = None
        self._owned: list[tuple[str, Button]] = []

    def close(self) -> None:
        super().close()
        for id, button in self._owned:
            next(form for form in self.forms if form.id == id).buttons.append(button)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, found))
            self._collecting.append([])
        if tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("id")))
        elif tag == "input" and self.forms:
            self._take_input(found)
        elif tag == "textarea":
            self.forms[-1].writable.append(found["name"])
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and "selected" in found and self._select:
            self.forms[-1].fields.append((self._select, found["value"]))

    def _take_input(self, found: dict[str, str]) -> None:
        form, pair = self.forms[-1], (found["name"], found.get("value", ""))
        match found.get("type", "text"):
            case "hidden":
                form.fields.append(pair)
            case "radio" | "checkbox":
                self._input = pair
                if "checked" in found:
                    form.fields.append(pair)
            case _:
                form.fields.append(pair)
                form.writable.append(found["name"])

    def handle_data(self, data: str) -> None:
        for each in self._collecting:
            each.append(data)
        self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, found = self._open.pop()
            words = " ".join("".join(self._collecting.pop()).split())
            self._close(name, found, words)
            if name == tag:
                return

    def _close(self, tag: str, found: dict[str, str], words: str) -> None:
        if tag == "h1":
            self.headings.append(words)
        elif tag == "title":
            self.title = words
        elif tag == "a":
            self.links[words] = found.get("href", "")
        elif tag == "label" and self._input:
            self.forms[-1].offered[words] = self._input
            self._input = None
        elif tag == "option" and self._select:
            self.forms[-1].offered[words] = (self._select, found["value"])
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self.forms[-1].fields.append((found["name"], words))
        elif tag == "button" and found.get("type") != "button":
            button = Button(
                words, found.get("name"), found.get("value", ""), found.get("formaction")
            )
            if "form" in found:
                self._owned.append((found["form"], button))
            else:
                self.forms[-1].buttons.append(button)


class PlainBrowser:
    """Opens pages, follows links and redirects, fills forms and presses their buttons."""

    def __init__(self, client: FlaskClient, **headers: str) -> None:
        self.client = client
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.address = ""
        self.history: list[str] = []
        self.bodies: list[str] = []

    def open(self, address: str) -> "PlainBrowser":
        self._read(self.client.get(address, headers=self.headers), address)
        return self

    def follow(self, words: str) -> "PlainBrowser":
        link = next(href for text, href in self.page.links.items() if text.startswith(words))
        return self.open(urljoin(self.address, link))

    def press(self, words: str, **typed: str | list[str]) -> "PlainBrowser":
        """Press a button, with these fields filled in its form first."""
        return self._send(*self._button(words), typed)

    def _send(
        self, form: Form, button: Button, typed: dict[str, str | list[str]]
    ) -> "PlainBrowser":
        sent: MultiDict[str, str] = MultiDict(form.fields)
        for name, value in typed.items():
            sent.setlist(name, value if isinstance(value, list) else [value])
        if button.name:
            sent.add(button.name, button.value)
        address = button.action or form.action
        response = self.client.post(address, data=sent, headers=self.headers)
        while response.status_code == 307:  # the same once more, elsewhere
            address = urljoin(address, response.headers["Location"])
            response = self.client.post(address, data=sent, headers=self.headers)
        self._read(response, address)
        return self

    def choose(self, *labels: str, then: str = "Continue") -> "PlainBrowser":
        """Choose by label and press a button."""
        form = next(form for form in self.page.forms if labels[0] in form.offered)
        pairs = [form.offered[label] for label in labels]
        button = next(button for button in form.buttons if button.words == then)
        return self._send(form, button, {pairs[0][0]: [value for _, value in pairs]})

    def write(self, text: str, then: str = "Continue") -> "PlainBrowser":
        form, button, name = next(
            (form, button, name)
            for form in self.page.forms
            for name in form.writable
            for button in form.buttons
            if button.words == then and name in ("answer", "said")
        )
        return self._send(form, button, {name: text})

    @property
    def heading(self) -> str:
        assert self.page.headings, f"no heading on {self.address}"
        return self.page.headings[0]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.page.text).split())

    def _button(self, words: str) -> tuple[Form, Button]:
        return next(
            (form, button)
            for form in self.page.forms
            for button in form.buttons
            if button.words == words
        )

    def _read(self, response: TestResponse, address: str) -> None:
        while response.status_code in (302, 303):
            address = urljoin(address, response.headers["Location"])
            response = self.client.get(address, headers=self.headers)
        self.status = response.status_code
        self.address = address
        self.history.append(address)
        self.bodies.append(response.text)
        self.response = response
        self.page = _Reader()
        self.page.feed(response.text)
        self.page.close()
        if response.mimetype == "text/html":
            assert faults_of(response.text) == [], address
