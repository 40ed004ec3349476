"""HubSpot: CRM API v3, with a private app's token."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from webapp.delivery.crm.api import Api
from webapp.delivery.crm.filing import Fields, Kind
from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.guard import Response
from webapp.delivery.transport import check

BASE = "https://api.hubapi.com"
MAPPING = {
    "company": {"name": "lead.company", "domain": "company.domain"},
    "contact": {
        "email": "lead.email",
        "firstname": "lead.first_name",
        "lastname": "lead.last_name",
        "phone": "lead.phone",
        "jobtitle": "lead.title",
        "company": "lead.company",
        "country": "lead.country",
    },
}
PLURALS = {"company": "companies", "contact": "contacts"}
NOTE_TO_CONTACT, NOTE_TO_COMPANY = 202, 190
LONGEST_NOTE = 65_536


@dataclass(frozen=True)
class HubSpot:
    api: Api

    def find_company(self, domain: str, name: str) -> str | None:
        property, value = ("domain", domain) if domain else ("name", name)
        return self._search("companies", property, value)

    def find_contact(self, email: str, phone: str) -> str | None:
        if not email:
            return self._search("contacts", "phone", phone)
        # By address, not by search: the search index is minutes behind.
        path = f"/crm/v3/objects/contacts/{quote(email, safe='')}"
        response = self.api.call("GET", path, query={"idProperty": "email"})
        if response.status == 404:
            return None
        return str(self._read(response)["id"])

    def find_owner(self, email: str) -> str | None:
        found = self._json("GET", "/crm/v3/owners", query={"email": email, "limit": 1})
        return next((str(each["id"]) for each in found.get("results", ())), None)

    def create(self, kind: Kind, fields: Fields, *, company: str | None) -> str:
        response = self.api.call(
            "POST", f"/crm/v3/objects/{PLURALS[kind]}", {"properties": _texts(fields)}
        )
        if response.status == 409:
            there = re.search(rb"Existing ID: *(\d+)", response.body)
            if there:
                return there[1].decode()
        return str(self._read(response)["id"])

    def update(self, kind: Kind, id: str, fields: Fields) -> None:
        # The address found them; writing it again could only collide with another contact's.
        rest = {name: value for name, value in _texts(fields).items() if name != "email"}
        if rest:
            path = f"/crm/v3/objects/{PLURALS[kind]}/{quote(id)}"
            self._read(self.api.call("PATCH", path, {"properties": rest}))

    def link(self, contact: str, company: str) -> None:
        self._json(
            "PUT",
            f"/crm/v4/objects/contacts/{quote(contact)}"
            f"/associations/default/companies/{quote(company)}",
        )

    def owner_field(self, owner: str) -> Fields:
        return {"hubspot_owner_id": owner}

    def has_note(self, contact: str, marker: str) -> bool:
        listed = self._json(
            "GET", f"/crm/v4/objects/contacts/{quote(contact)}/associations/notes?limit=500"
        )
        ids = [{"id": str(each["toObjectId"])} for each in listed.get("results", ())]
        for start in range(0, len(ids), 100):
            some = {"properties": ["hs_note_body"], "inputs": ids[start : start + 100]}
            notes = self._json("POST", "/crm/v3/objects/notes/batch/read", some)
            bodies = (each["properties"].get("hs_note_body") for each in notes["results"])
            if any(marker in (body or "") for body in bodies):
                return True
        return False

    def add_note(
        self, text: str, marker: str, *, contact: str, company: str | None, owner: str | None
    ) -> None:
        to = [(contact, NOTE_TO_CONTACT)] + ([(company, NOTE_TO_COMPANY)] if company else [])
        body = escape(text).replace("\n", "<br>")
        if len(body) > LONGEST_NOTE:
            body = body[: LONGEST_NOTE - 200].rsplit("<br>", 1)[0] + f"<br>…<br>{escape(marker)}"
        properties: dict[str, Any] = {
            "hs_timestamp": self.api.at.isoformat(),
            "hs_note_body": body,
        }
        if owner:
            properties["hubspot_owner_id"] = owner
        associations = [
            {
                "to": {"id": id},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type}],
            }
            for id, type in to
        ]
        note = {"properties": properties, "associations": associations}
        self._json("POST", "/crm/v3/objects/notes", note)

    def _search(self, objects: str, property: str, value: str) -> str | None:
        filters = [{"propertyName": property, "operator": "EQ", "value": value}]
        query = {"filterGroups": [{"filters": filters}], "properties": [property], "limit": 1}
        found = self._json("POST", f"/crm/v3/objects/{objects}/search", query)
        return next((str(each["id"]) for each in found.get("results", ())), None)

    def _json(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        return self._read(self.api.call(method, path, body, **more))

    def _read(self, response: Response) -> Any:
        if response.status == 401:
            raise DeliveryRefused("HubSpot does not accept the token (401). Enter a new one.")
        if response.status == 403:
            raise DeliveryRefused(
                "HubSpot's private app lacks a scope (403): it needs crm.objects.contacts, "
                "crm.objects.companies and crm.objects.owners.read."
            )
        if response.status == 400 and b"PROPERTY_DOESNT_EXIST" in response.body:
            names = re.findall(rb'name\\*": *\\*"([^"\\]+)', response.body)
            which = ", ".join(sorted({name.decode("utf-8", "replace") for name in names}))
            raise DeliveryRefused(
                f"HubSpot has no property {which or 'of a name we use'}. Correct the mapping."
            )
        check(response, "HubSpot", self.api.at)
        return self.api.read(response)


def _texts(fields: Fields) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items()}
