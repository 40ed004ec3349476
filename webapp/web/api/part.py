"""A part of the API: the operations on one kind of thing, which read, refuse and repeat alike."""

import json
from collections import Counter
from typing import Any, NoReturn

from flask import Request, Response, abort, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from webapp.web.api import cors, idempotency, problems
from webapp.web.api.callers import ACTS_FOR

USUAL_BODY = 64 * 1024


class Reader(FlaskParser):
    """Reads JSON that says it is JSON, and queries of which no word is unknown: a filter that is
    misspelt must not find everything."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        sent = [pair for pair in req.args.items(multi=True) if pair[0] != ACTS_FOR]
        return self._makeproxy(MultiDict(sent), schema)

    def load_json(self, req: Request, schema: Schema) -> Any:
        sent = _whole(req)
        if not sent:
            return {}
        return read(sent) if req.is_json else abort(415)


def _whole(req: Request) -> bytes:
    """The body. One that comes in pieces is read as far as it may go, and refused if it goes on."""
    sent = req.get_data(cache=True)
    if req.max_content_length is not None and len(sent) >= req.max_content_length:
        req.stream.read(1)
    return sent


class AnyType(Reader):
    """Reads JSON whatever its content type says: a beacon can only send plain text."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read(_whole(req))


class Part(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """``for_pages`` lets the pages of our sites call it; ``most`` is how much a body may hold."""

    def __init__(
        self,
        name: str,
        path: str,
        description: str,
        *,
        most: int = USUAL_BODY,
        for_pages: bool = False,
        reader: FlaskParser | None = None,
    ) -> None:
        super().__init__(
            f"api_{name}", __name__, url_prefix=f"/api/v1{path}", description=description
        )
        self.ARGUMENTS_PARSER = reader or Reader()
        self._most = most
        problems.register(self)
        self.before_request(self._limit)
        if for_pages:
            cors.open_to_sites(self)
        self.before_request(idempotency.replay)
        if not for_pages:
            self.before_request(idempotency.reserve)
        self.after_request(idempotency.remember)

    def arguments(self, schema: type[Schema], **more: Any) -> Any:
        """As usual, but with one schema for all calls: making it anew costs as much as reading."""
        return super().arguments(schema(), **more)

    def _limit(self) -> Response | None:
        request.max_content_length = self._most
        if (packed := request.headers.get("Content-Encoding", "identity")) == "identity":
            return None
        told = f"Send the body as it is: {packed[:50]} is not unpacked here."
        return problems.problem(415, told, [("Content-Encoding", told)])


def read(sent: bytes) -> Any:
    """The JSON of a body, or an end with 400: also for what Python's reader chokes on, or takes
    although it is no JSON. Numbers of thousands of digits, NaN, brackets nested thousands deep. A
    field named twice is refused too: whoever reads along may take the other one."""
    try:
        return json.loads(sent, parse_constant=_no_number, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        abort(400)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0][:100]
        told = [(twice, "Send each field once.")]
        abort(problems.problem(400, f"The body names a field twice: {twice}.", told))
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
