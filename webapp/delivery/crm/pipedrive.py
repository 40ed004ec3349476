"""Pipedrive: API v2 for persons and organizations, v1 for notes and users, with an API token."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from webapp.delivery.crm.api import Api
from webapp.delivery.crm.filing import Fields, Kind
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.guard import Response
from webapp.delivery.transport import check

MAPPING = {
    "company": {"name": "lead.company"},
    "contact": {"name": "lead.name", "email": "lead.email", "phone": "lead.phone"},
}
PLURALS = {"company": "organizations", "contact": "persons"}
LONGEST_NOTE = 90_000
OWN_FIELDS = frozenset(
    {"name", "owner_id", "org_id", "label_ids", "visible_to", "emails", "phones"}
)


@dataclass(frozen=True)
class Pipedrive:
    api: Api

    def find_company(self, domain: str, name: str) -> str | None:
        """By name: an organization has no domain. One we made is called by it for want of one."""
        return self._search("organizations", "name", name or domain)

    def find_contact(self, email: str, phone: str) -> str | None:
        field, value = ("email", email) if email else ("phone", phone)
        return self._search("persons", field, value)

    def find_owner(self, email: str) -> str | None:
        query = {"term": email, "search_by_email": 1}
        found = self._json("GET", "/api/v1/users/find", query=query).get("data") or ()
        active = (
            each
            for each in found
            if each.get("active_flag") and str(each.get("email", "")).lower() == email.lower()
        )
        return next((str(each["id"]) for each in active), None)

    def create(self, kind: Kind, fields: Fields, *, company: str | None) -> str:
        body = _body(fields)
        if kind == "contact":
            body.setdefault("name", str(fields.get("email") or fields.get("phone")))
            if company:
                body["org_id"] = int(company)
        return str(self._json("POST", f"/api/v2/{PLURALS[kind]}", body)["data"]["id"])

    def update(self, kind: Kind, id: str, fields: Fields) -> None:
        # Sent lists replace those that are there: other addresses of theirs would be gone.
        body = _body({n: v for n, v in fields.items() if n not in ("name", "email", "phone")})
        if body:
            self._json("PATCH", f"/api/v2/{PLURALS[kind]}/{int(id)}", body)

    def link(self, contact: str, company: str) -> None:
        person = self._json("GET", f"/api/v2/persons/{int(contact)}")["data"]
        if not person.get("org_id"):
            self._json("PATCH", f"/api/v2/persons/{int(contact)}", {"org_id": int(company)})

    def owner_field(self, owner: str) -> Fields:
        return {"owner_id": int(owner)}

    def has_note(self, contact: str, marker: str) -> bool:
        start = 0
        while True:
            query = {"person_id": int(contact), "start": start, "limit": 100}
            page = self._json("GET", "/api/v1/notes", query=query)
            if any(marker in (each.get("content") or "") for each in page.get("data") or ()):
                return True
            pages = (page.get("additional_data") or {}).get("pagination") or {}
            if not pages.get("more_items_in_collection"):
                return False
            start = int(pages["next_start"])

    def add_note(
        self, text: str, marker: str, *, contact: str, company: str | None, owner: str | None
    ) -> None:
        content = escape(text).replace("\n", "<br>")
        if len(content) > LONGEST_NOTE:
            content = content[: LONGEST_NOTE - 200].rsplit("<br>", 1)[0]
            content += f"<br>…<br>{escape(marker)}"
        note: dict[str, Any] = {"content": content, "person_id": int(contact)}
        if company:
            note["org_id"] = int(company)
        self._json("POST", "/api/v1/notes", note)

    def _search(self, objects: str, field: str, term: str) -> str | None:
        query = {"term": term, "fields": field, "exact_match": "true", "limit": 1}
        # A term of one letter is refused unless the match is exact, and a blank one always.
        found = self._json("GET", f"/api/v2/{objects}/search", query=query)["data"]["items"]
        return next((str(each["item"]["id"]) for each in found), None)

    def _json(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, Any] | None = None
    ) -> Any:
        response = self.api.call(method, path, body, query=query)
        if response.status == 401:
            raise DeliveryRefused("Pipedrive does not accept the token (401). Enter a new one.")
        check(response, "Pipedrive", self.api.at)
        found = self.api.read(response)
        if not found.get("success", True):
            raise DeliveryRefused(_complaint(response, found))
        return found


def _complaint(response: Response, found: Mapping[str, Any]) -> str:
    return f"Pipedrive answered {response.status} without success: {found.get('error', '?')}"


def _body(fields: Fields) -> dict[str, Any]:
    """Addresses and numbers are lists there; what is not a field of every Pipedrive is a custom
    one, named by its 40-letter key."""
    body: dict[str, Any] = {}
    for name, value in fields.items():
        if name in ("email", "phone"):
            body[f"{name}s"] = [{"value": str(value), "primary": True, "label": "work"}]
        elif name in OWN_FIELDS:
            body[name] = value
        else:
            body.setdefault("custom_fields", {})[name] = value
    return body
