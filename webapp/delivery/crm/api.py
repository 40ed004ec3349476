"""JSON over the guarded client, for APIs that take several calls for one delivery."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from webapp.delivery.errors import DeliveryDelayed
from webapp.delivery.guard import Guard, Response
from webapp.delivery.transport import check

LONGEST_FILING_S = 80.0
"""For all calls of one delivery: well below the worker's lease."""


@dataclass
class Api:
    """One CRM's API during one delivery. ``name`` is the CRM's, for sentences."""

    guard: Guard
    name: str
    base: str
    headers: dict[str, str]
    at: datetime
    ends: float = field(default_factory=lambda: monotonic() + LONGEST_FILING_S)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | int] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Make one call and return whatever was answered.

        Raises: DeliveryRefused, DeliveryDelayed where nothing was.
        """
        left = self.ends - monotonic()
        if left <= 0:
            raise DeliveryDelayed(f"{self.name} is slow today. The rest follows next time.")
        content, type = b"", ""
        if form is not None:
            content, type = urlencode(form).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            content, type = json.dumps(body, ensure_ascii=False).encode(), "application/json"
        sent = {"Accept": "application/json", **self.headers, **(headers or {})}
        if type:
            sent["Content-Type"] = type
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        guard = replace(self.guard, deadline_s=min(self.guard.deadline_s, left))
        return guard.request(method, url, body=content, headers=sent)

    def json(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """Make one call that must succeed, and read the JSON it answers.

        Raises: DeliveryRefused, DeliveryDelayed.
        """
        response = self.call(method, path, body, **more)
        check(response, self.name, self.at)
        return self.read(response)

    def read(self, response: Response) -> Any:
        """The answer's JSON. What is none comes from something in between, and may be gone soon."""
        if not response.body.strip():
            return {}
        try:
            return json.loads(response.body)
        except ValueError:
            raise DeliveryDelayed(f"{self.name} answered something that is not JSON.") from None
