"""What is wrong with a page's markup, for who hears it read out and who clicks on a label."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

FIELDS = {"input", "select", "textarea"}
VOID = {"input", "meta", "link", "br", "hr", "img", "base", "source"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
POINTING = ("aria-labelledby", "aria-describedby", "aria-controls", "form", "list")
NAMED_BY = ("aria-label", "aria-labelledby", "title")


@dataclass
class _Field:
    tag: str
    has: dict[str, str]
    in_label: bool


@dataclass
class Markup(HTMLParser):
    """One page, or a part of one."""

    ids: Counter[str] = field(default_factory=Counter)
    labelled: set[str] = field(default_factory=set)
    pointed_at: set[tuple[str, str]] = field(default_factory=set)
    fields: list[_Field] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    whole: bool = False
    _labels: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.whole |= tag == "html"
        if "id" in has:
            self.ids[has["id"]] += 1
        if tag == "label":
            self._labels += 1
            self.labelled |= {has["for"]} if "for" in has else set()
        for name in POINTING:
            self.pointed_at |= {(name, id) for id in has.get(name, "").split()}
        if tag in HEADINGS:
            self.headings.append(HEADINGS[tag])
        if tag in FIELDS and has.get("type") != "hidden" and has.get("aria-hidden") != "true":
            self.fields.append(_Field(tag, has, in_label=self._labels > 0))

    def handle_endtag(self, tag: str) -> None:
        self._labels -= tag == "label"

    def faults(self) -> Iterator[str]:
        yield from (f"{n} things have the id {id}" for id, n in self.ids.items() if n > 1)
        yield from (
            f"a label leads to {id}, which is not there" for id in self.labelled - {*self.ids}
        )
        for name, id in self.pointed_at:
            if id not in self.ids:
                yield f"{name} names {id}, which is not there"
        for each in self.fields:
            what = f"{each.tag} {each.has.get('name') or each.has.get('id') or each.has}"
            named = each.in_label or each.has.get("id") in self.labelled
            if not named and not any(name in each.has for name in NAMED_BY):
                yield f"{what} has no label"
            if not each.has.get("name") and "readonly" not in each.has:
                yield f"{what} has no name"
        if self.whole and self.headings.count(1) != 1:
            yield f"{self.headings.count(1)} first headings"
        for before, after in pairwise(self.headings):
            if self.whole and after > before + 1:
                yield f"a heading of level {after} below one of level {before}"


def faults_of(page: str) -> list[str]:
    """Sentences about what is wrong with it."""
    markup = Markup()
    markup.feed(page)
    return sorted(markup.faults())
