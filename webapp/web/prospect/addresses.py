"""Where each of the prospect's pages is. A page keeps how it looks (``theme``) from one to the
next; what came with the first one (``site``, campaign, language) goes along until it is stored."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

_LOOK = ("theme",)
_ARRIVAL = (
    *_LOOK,
    "site",
    "lang",
    "visitor",
    "page",
    "referrer",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "test",
)
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Addresses:
    """The pages of one flow in one skin (``f`` or ``c``), and of one conversation if begun."""

    skin: str
    flow: str
    token: str | None = None

    @property
    def here(self) -> str:
        """The question being put, or the first page."""
        if self.token is None:
            return self.first
        return self._to("conversation", token=self.token)

    @property
    def answers(self) -> str:
        """Where answers are sent."""
        if self.token is None:
            return self._to("begin", _ARRIVAL)
        return self._to("conversation", token=self.token)

    @property
    def first(self) -> str:
        return self._to("flow", _ARRIVAL)

    @property
    def person(self) -> str:
        if self.token is None:
            return self._to("begin_with_person", _ARRIVAL)
        return self._to("ask_for_person", token=self.token)

    def question(self, id: str) -> str:
        return self._to("question", token=self.token, question=id)

    def _to(self, endpoint: str, names: tuple[str, ...] = _LOOK, **values: str | None) -> str:
        along: dict[str, Any] = {**carried(names), **values}
        return url_for(f"prospect.{endpoint}", skin=self.skin, flow=self.flow, **along)


def carried(names: tuple[str, ...]) -> dict[str, str]:
    """Those of the names that this page's own address holds."""
    return {name: request.args[name][:_LONGEST] for name in names if request.args.get(name)}
