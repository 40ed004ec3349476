"""Salesforce: REST API with the client credentials of a connected or external client app."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from webapp.delivery.crm.api import Api
from webapp.delivery.crm.filing import Fields, Kind
from webapp.delivery.errors import DeliveryDelayed, DeliveryRefused
from webapp.delivery.guard import Guard, Response
from webapp.delivery.transport import check

VERSION = "/services/data/v62.0"
MAPPING = {
    "company": {"Name": "lead.company", "Website": "company.domain"},
    "contact": {
        "Email": "lead.email",
        "FirstName": "lead.first_name",
        "LastName": "lead.last_name",
        "Phone": "lead.phone",
        "Title": "lead.title",
        "MailingCountry": "lead.country",
    },
}
OBJECTS = {"company": "Account", "contact": "Contact"}
LONGEST_NOTE = 32_000
LONGEST_TITLE = 80
TRY_LATER = frozenset(
    {"REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"}
)


@dataclass(frozen=True)
class Salesforce:
    api: Api

    @classmethod
    def signed_in(
        cls, guard: Guard, login: Api, client_id: str, client_secret: str
    ) -> "Salesforce":
        """Trade the app's credentials for a token. The token lives as long as one delivery.

        Raises: DeliveryRefused, DeliveryDelayed.
        """
        credentials = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        response = login.call("POST", "/services/oauth2/token", form=credentials)
        if response.status in (400, 401):
            said = login.read(response)
            raise DeliveryRefused(
                f"Salesforce does not accept the app's credentials ({said.get('error', '?')})."
            )
        check(response, "Salesforce", login.at)
        token = login.read(response)
        base = str(token.get("instance_url") or login.base).rstrip("/")
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        return cls(Api(guard, login.name, base, headers, login.at, login.ends))

    def find_company(self, domain: str, name: str) -> str | None:
        if not domain:
            return self._first("Account", Name=name)
        like = re.sub(r"([%_])", r"\\\1", _quoted(domain)[1:-1])
        rows = self._query("Id, Website", "Account", f"Website LIKE '%{like}%'", most=50)
        # LIKE also finds notnordwind.example: the host must be the very one.
        return next((r["Id"] for r in rows if _host(r["Website"]) == domain.lower()), None)

    def find_contact(self, email: str, phone: str) -> str | None:
        return self._first("Contact", Email=email) if email else self._first("Contact", Phone=phone)

    def find_owner(self, email: str) -> str | None:
        return self._first("User", Email=email, IsActive=True)

    def create(self, kind: Kind, fields: Fields, *, company: str | None) -> str:
        if company:
            fields = {**fields, "AccountId": company}
        response = self.api.call("POST", f"{VERSION}/sobjects/{OBJECTS[kind]}", fields)
        if response.status == 400 and (there := self._duplicate(response, OBJECTS[kind])):
            return there
        return str(self._read(response)["id"])

    def update(self, kind: Kind, id: str, fields: Fields) -> None:
        rest = {name: value for name, value in fields.items() if name != "Email"}
        if rest:
            path = f"{VERSION}/sobjects/{OBJECTS[kind]}/{quote(id)}"
            self._read(self.api.call("PATCH", path, rest))

    def link(self, contact: str, company: str) -> None:
        """A contact has one account; one that has another stays there."""
        has = self._query("AccountId", "Contact", f"Id = {_quoted(contact)}")
        if not any(each.get("AccountId") for each in has):
            self.update("contact", contact, {"AccountId": company})

    def owner_field(self, owner: str) -> Fields:
        return {"OwnerId": owner}

    def has_note(self, contact: str, marker: str) -> bool:
        return self._first("Note", ParentId=contact, Title=_title(marker)) is not None

    def add_note(
        self, text: str, marker: str, *, contact: str, company: str | None, owner: str | None
    ) -> None:
        note: dict[str, Any] = {
            "ParentId": contact,
            "Title": _title(marker),
            "Body": text if len(text) <= LONGEST_NOTE else text[: LONGEST_NOTE - 1] + "…",
        }
        if owner:
            note["OwnerId"] = owner
        self._read(self.api.call("POST", f"{VERSION}/sobjects/Note", note))

    def _first(self, object: str, **equal: str | bool) -> str | None:
        """The oldest record with these values."""
        where = " AND ".join(f"{field} = {_quoted(value)}" for field, value in equal.items())
        return next((str(each["Id"]) for each in self._query("Id", object, where)), None)

    def _query(self, fields: str, object: str, where: str, most: int = 1) -> list[dict[str, Any]]:
        order = f"ORDER BY CreatedDate LIMIT {most}"
        query = " ".join(("SELECT", fields, "FROM", object, "WHERE", where, order))
        response = self.api.call("GET", f"{VERSION}/query", query={"q": query})
        records: list[dict[str, Any]] = self._read(response)["records"]
        return records

    def _duplicate(self, response: Response, object: str) -> str | None:
        """The record a duplicate rule says is already there."""
        for problem in self._problems(response):
            if problem.get("errorCode") != "DUPLICATES_DETECTED":
                continue
            results = problem.get("duplicateResult") or problem.get("duplicateResut") or {}
            for match in results.get("matchResults", ()):
                for each in match.get("matchRecords", ()):
                    record = each.get("record", {})
                    if record.get("attributes", {}).get("type") == object and record.get("Id"):
                        return str(record["Id"])
        return None

    def _read(self, response: Response) -> Any:
        if response.status >= 400:
            problems = self._problems(response)
            codes = {str(each.get("errorCode")) for each in problems}
            said = "; ".join(str(each.get("message")) for each in problems)[:300]
            if codes & TRY_LATER:
                raise DeliveryDelayed(f"Salesforce asks to wait ({', '.join(sorted(codes))}).")
            if codes & {"INVALID_FIELD", "REQUIRED_FIELD_MISSING", "STRING_TOO_LONG"}:
                raise DeliveryRefused(f"Salesforce refused a field: {said}. Correct the mapping.")
            if response.status < 500 and problems:
                raise DeliveryRefused(f"Salesforce answered {response.status}: {said}")
        check(response, "Salesforce", self.api.at)
        return self.api.read(response)

    def _problems(self, response: Response) -> list[dict[str, Any]]:
        try:
            found = self.api.read(response)
        except DeliveryDelayed:
            return []
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _title(marker: str) -> str:
    return marker[:LONGEST_TITLE]


def _quoted(value: str | bool) -> str:
    """A value in a query. What SOQL gives a meaning inside quotes gets a backslash."""
    if isinstance(value, bool):
        return str(value).lower()
    text = re.sub(r"""(["'\\])""", r"\\\1", " ".join(value.split()))
    return f"'{text}'"


def _host(website: str | None) -> str:
    text = (website or "").strip().lower()
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    return host.removeprefix("www.")
