"""What a browser would send if a form's button were pressed right away."""

from html.parser import HTMLParser
from typing import Any


def form_on(page: str, id: str = "question-form") -> dict[str, Any]:
    """The fields of the form of this id, as filled in on the page."""
    reader = _Reader(id)
    reader.feed(page)
    assert reader.found, page
    return {key: each[0] if len(each) == 1 else each for key, each in reader.fields.items()}


class _Reader(HTMLParser):
    def __init__(self, id: str) -> None:
        super().__init__()
        self.id = id
        self.inside = self.found = False
        self.fields: dict[str, list[str]] = {}
        self.select: str | None = None
        self.options: list[tuple[str, bool]] = []
        self.text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "form":
            self.inside = given.get("id") == self.id
            self.found = self.found or self.inside
        if not self.inside:
            return
        if tag == "option" and self.select:
            self.options.append((given.get("value") or "", "selected" in given))
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "textarea" and name:
            self.text = name
            self.fields.setdefault(name, []).append("")
        elif tag == "input" and name:
            boxed = given.get("type") in ("checkbox", "radio")
            if not boxed or "checked" in given:
                self.fields.setdefault(name, []).append(
                    given.get("value") or ("on" if boxed else "")
                )

    def handle_data(self, data: str) -> None:
        if self.inside and self.text:
            self.fields[self.text][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.text:
            self.fields[self.text][-1] = self.fields[self.text][-1].removeprefix("\n")
            self.text = None
        elif tag == "select" and self.select:
            chosen = [value for value, selected in self.options if selected]
            value = chosen[0] if chosen else self.options[0][0]
            self.fields.setdefault(self.select, []).append(value)
            self.select = None
