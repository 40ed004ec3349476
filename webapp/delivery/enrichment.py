"""Asking a data provider about a company over HTTP. What it answers is put into the parcel's
progress; what that means is for others to say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from webapp.core.enrichment import Mapped, pick
from webapp.delivery.errors import DeliveryDelayed
from webapp.delivery.guard import Guard, Response
from webapp.delivery.transport import Parcel, check, wait_asked_for

METHODS = ("GET", "POST")
KNOWS_NOTHING = frozenset({204, 404})


@dataclass(frozen=True)
class Provider:
    """``header`` is the whole one that proves who asks."""

    guard: Guard
    method: str
    url: str
    header: tuple[str, str]
    mapping: tuple[Mapped, ...]

    def send(self, parcel: Parcel) -> None:
        if "answer" in parcel.progress:  # asked already, for this lead or for a colleague
            return
        asked = {**parcel.payload, "domain": _ascii(parcel.payload["domain"])}
        response = self._ask(asked)
        if response.status == 202:
            raise DeliveryDelayed(
                "The provider is still looking (202).",
                after=wait_asked_for(response.headers.get("retry-after"), parcel.at),
            )
        if response.status in KNOWS_NOTHING:
            answer: Mapping[str, Any] = {}
            notes = [f"The provider knows nothing of {asked['domain']} ({response.status})."]
        else:
            check(response, "The provider", parcel.at)
            answer, notes = pick(_document(response), self.mapping)
        parcel.progress.update(answer=answer, notes=notes)

    def _ask(self, asked: Mapping[str, str]) -> Response:
        name, key = self.header
        headers = {"Accept": "application/json", name: key}
        body = b""
        if self.method == "POST":
            headers["Content-Type"] = "application/json"
            body = json.dumps(asked).encode()
        return self.guard.request(self.method, self._address(asked), body=body, headers=headers)

    def _address(self, asked: Mapping[str, str]) -> str:
        """The address with what is asked about in its place: never in the host, which would send
        the key to whomever a visitor names."""
        parts = urlsplit(self.url)
        path, query = parts.path, parts.query
        for name, value in asked.items():
            place, written = f"{{{name}}}", quote(value, safe="")
            path, query = path.replace(place, written), query.replace(place, written)
        if self.method == "GET" and (path, query) == (parts.path, parts.query):
            query = "&".join(part for part in (query, urlencode(asked)) if part)
        return urlunsplit(parts._replace(path=path, query=query))


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _document(response: Response) -> object:
    """The answer's JSON. Numbers stay as they are written: they are read as what a property wants,
    and 1e999 is nobody's business before."""
    try:
        return json.loads(
            response.body, parse_int=str, parse_float=str, parse_constant=lambda _: None
        )
    except ValueError:
        raise DeliveryDelayed("The provider answered something that is not JSON.") from None
    except RecursionError:
        raise DeliveryDelayed("The provider's answer is nested too deeply to be read.") from None


def header_of(name: str, key: str) -> tuple[str, str]:
    """``Authorization`` takes a scheme: Bearer, unless the key names another."""
    bearer = name.casefold() == "authorization" and " " not in key
    return name, f"Bearer {key}" if bearer else key
