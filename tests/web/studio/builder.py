"""A marketer who rebuilds a flow from an empty page: with nothing but the links, fields and buttons
that the studio's pages show."""

from collections.abc import Mapping
from typing import Any

from tests.web.plain_browser import PlainBrowser
from webapp.web.studio.conditions import SECTIONS, taken_apart

ADD = {"all": "+ Condition", "any": "+ One of several", "none": "+ None of these"}
LOCALES = ("en", "de")


class Builder:
    """``wanted`` is the flow as its file says it; only what it means is rebuilt."""

    def __init__(self, browser: PlainBrowser, wanted: Mapping[str, Any]) -> None:
        self.browser, self.wanted = browser, wanted

    def builds(self, name: str) -> str:
        """The address of the finished flow."""
        self.browser.open("/studio").follow("Choose from the gallery")
        self._presses("Begin", id=name)
        outline = self.browser.address
        self.browser.follow("Settings")
        self._fills_the_settings()
        for rule in self.wanted.get("finish_when", ()):
            self.browser.follow("+ Add to Ends early")
            self._adds_an_early_end(rule)
        for question in self.wanted["questions"]:
            self.browser.open(outline)
            if question["property"] == "email":
                self.browser.follow(f"{len(self.wanted['questions'])} Work e-mail")
                self._presses("Save", **texts(question, "ask", "help"))
            else:
                self.browser.follow("+ Question")
                self._adds_a_question(question)
        return outline

    def _fills_the_settings(self) -> None:
        self._presses("Save", language="de", title_there=self.wanted["title"]["de"])
        endings = {f"ending-{kind}": said for kind, said in self.wanted.get("endings", {}).items()}
        self._presses(
            "Save",
            **texts({**self.wanted, **endings}, "title", "greeting", *endings),
            intent=self.wanted["intent"],
            ask_at_most=self.wanted.get("ask_at_most", ""),
        )

    def _adds_an_early_end(self, rule: Mapping[str, Any]) -> None:
        self._picks(rule["when"])
        own = {"because-en": rule.get("because", ""), "to": rule.get("to", "")}
        self._presses("Save", id=rule["id"], **own)

    def _adds_a_question(self, question: Mapping[str, Any]) -> None:
        self._presses("Update the pickers", property=question["property"])
        self._picks(question.get("when"))
        ticks = {"skippable": question.get("required"), "always": question.get("always")}
        self._presses(
            "Add question",
            **texts(question, "ask", "help", "confirm"),
            **{name: "on" for name, said in ticks.items() if said is not None},
            **self._not_offered(question.get("choices")),
        )

    def _picks(self, when: Any) -> None:
        rows = taken_apart(when)
        assert rows is not None
        for section in SECTIONS:
            for place, row in enumerate(rows.section(section)):
                at = f"w-{section}-{place}"
                self._presses(ADD[section])
                self._presses("Update the pickers", **{f"{at}-subject": row.subject})
                if row.op != "is":
                    self._presses("Update the pickers", **{f"{at}-op": row.op})
                self._presses("Update the pickers", **{f"{at}-value": list(row.values)})

    def _not_offered(self, choices: Any) -> dict[str, list[str]]:
        """Without their ticks: the choices that this question leaves out."""
        form = next(form for form in self.browser.page.forms if form.action.endswith("/questions"))
        rows = [(name, id) for name, id in form.fields if name.startswith("c-")]
        return {
            name.removesuffix("id") + "on": []
            for name, id in rows
            if name.endswith("-id") and choices and id not in choices
        }

    def _presses(self, button: str, **typed: Any) -> None:
        self.browser.press(button, **typed)
        assert self.browser.status == 200, self.browser.words


def texts(item: Mapping[str, Any], *names: str) -> dict[str, str]:
    """What is said of an item in each language, by the fields' names."""
    return {
        f"{name}-{each}": item[name].get(each, "")
        for name in names
        for each in LOCALES
        if name in item
    }
