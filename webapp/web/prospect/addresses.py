"""Where each of the prospect's pages is. A page keeps how it is shown (``theme``, ``embed``, for
which ``site``) from one to the next; what came with the first goes with it until it is kept."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlencode, urlsplit

from flask import request, url_for

from webapp.core.values import clean

_LOOK = ("theme", "embed", "site")
_ARRIVAL = (
    *_LOOK,
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


@dataclass(frozen=True)
class Addresses:
    """The pages of one flow in one skin (``f`` or ``c``), and of one conversation if begun."""

    skin: str
    flow: str
    token: str | None = None

    @property
    def first(self) -> str:
        return url_for("prospect.flow", skin=self.skin, flow=self.flow) + _arrival()

    @property
    def as_somebody_else(self) -> str:
        """The first page, for a browser that is not recognised."""
        return url_for("prospect.flow", skin=self.skin, flow=self.flow) + carried(_LOOK)

    @property
    def in_earnest(self) -> str:
        """The first page of a conversation that is no test."""
        there = url_for("prospect.flow", skin=self.skin, flow=self.flow)
        kept = came_from() | _held(tuple(each for each in _ARRIVAL if each != "test"))
        return there + _query(kept)

    @property
    def here(self) -> str:
        """The question being put, or the first page."""
        return self._conversation + self._look if self.token else self.first

    @property
    def answers(self) -> str:
        """Where answers are sent."""
        return self.here if self.token else self._begin("begin")

    @property
    def person(self) -> str:
        if self.token is None:
            return self._begin("begin_with_person")
        return f"{self._conversation}/person{self._look}"

    @property
    def messages(self) -> str:
        """Where to write to the person."""
        return f"{self._conversation}/person/messages{self._look}"

    @property
    def later(self) -> str:
        """Where to ask for a link to go on with."""
        return f"{self._conversation}/later{self._look}"

    @property
    def take_over(self) -> str:
        """Where to go on in one browser alone."""
        return f"{self._conversation}/here{self._look}"

    def question(self, id: str) -> str:
        return f"{self._conversation}/{quote(id, safe='')}{self._look}"

    def _begin(self, endpoint: str) -> str:
        there = url_for(f"prospect.{endpoint}", skin=self.skin, flow=self.flow)
        return there + _arrival()

    # Every page holds several of these addresses, and making one is dear.
    @cached_property
    def _conversation(self) -> str:
        return url_for("prospect.conversation", skin=self.skin, flow=self.flow, token=self.token)

    @cached_property
    def _look(self) -> str:
        return carried(_LOOK)


def framed() -> bool:
    """Whether our script on another site's page has put this page into a frame."""
    return request.args.get("embed") == "1"


def came_from() -> dict[str, str]:
    """The site that the browser says its visitor comes from: in a frame the ``page`` around it,
    otherwise the ``referrer``. No more than the site: the rest of such an address may be about the
    person, and ours are logged."""
    try:
        there = urlsplit(clean(request.referrer or ""))
    except ValueError:
        return {}
    site = there.netloc.rpartition("@")[2][:_LONGEST]
    if there.scheme not in ("http", "https") or not site:
        return {}
    if framed():
        return {"page": f"{there.scheme}://{site}/"}
    return {} if site == request.host else {"referrer": f"{there.scheme}://{site}/"}


def _arrival() -> str:
    return _query(came_from() | _held(_ARRIVAL))


def carried(names: tuple[str, ...]) -> str:
    """Those of the names that this page's own address holds, as another's query."""
    return _query(_held(names))


def _held(names: tuple[str, ...]) -> dict[str, str]:
    asked = request.args
    return {name: asked[name][:_LONGEST] for name in names if asked.get(name)} if asked else {}


def _query(said: dict[str, str]) -> str:
    return f"?{urlencode(said)}" if said else ""
