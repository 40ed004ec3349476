"""CRMs that keep what they are told in memory and answer in the shapes of the real ones."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.delivery.receivers import LOST, Answer, HttpReceiver, Received

Json = Any


def said(status: int, body: Json, **headers: str) -> Answer:
    return Answer(
        status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )


class Crm:
    """``faults`` holds what to answer instead of the n-th call; ``LOST`` does what was asked and
    keeps the answer to itself."""

    kind: str
    token = "secret-token"
    too_many = Answer(429, b"{}", {"Retry-After": "1"})

    def __init__(self) -> None:
        self.companies: list[Json] = []
        self.contacts: list[Json] = []
        self.notes: list[Json] = []
        self.owners = {"carla@example.com": "71", "deniz@example.com": "72"}
        self.faults: dict[int, Answer] = {}
        self.calls = 0
        self.receiver = HttpReceiver(self._take)

    def __enter__(self) -> "Crm":
        return self

    def __exit__(self, *_: object) -> None:
        self.receiver.close()

    def _take(self, request: Received) -> Answer:
        fault = self.faults.get(self.calls)
        self.calls += 1
        if fault is not None and fault is not LOST:
            return fault
        parts = urlsplit(request.path)
        query = {name: found[0] for name, found in parse_qs(parts.query).items()}
        is_json = request.headers.get("content-type", "").startswith("application/json")
        body = json.loads(request.body) if is_json else {}
        answer = self.answer(request, f"{request.method} {unquote(parts.path)}", query, body)
        return LOST if fault is LOST else answer

    def answer(self, request: Received, call: str, query: dict[str, str], body: Json) -> Answer:
        raise NotImplementedError

    def next_id(self) -> str:
        return str(1000 + len(self.companies) + len(self.contacts) + len(self.notes))


class FakeHubSpot(Crm):
    kind = "hubspot"
    known_properties = frozenset(
        "email firstname lastname phone jobtitle company country name domain hubspot_owner_id "
        "hs_note_body hs_timestamp hs_lead_status".split()
    )

    def answer(self, request: Received, call: str, query: dict[str, str], body: Json) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return said(
                401, {"status": "error", "message": "Authentication credentials not found."}
            )
        objects = {"companies": self.companies, "contacts": self.contacts}
        if found := re.fullmatch(r"POST /crm/v3/objects/(companies|contacts)/search", call):
            [group] = body["filterGroups"]
            [filter] = group["filters"]
            results = [
                each
                for each in objects[found[1]]
                if each["properties"].get(filter["propertyName"]) == filter["value"]
            ][: body["limit"]]
            return said(200, {"total": len(results), "results": results})
        if found := re.fullmatch(r"GET /crm/v3/objects/contacts/(.+@.+)", call):
            assert query["idProperty"] == "email"
            matching = [
                c for c in self.contacts if c["properties"]["email"].lower() == found[1].lower()
            ]
            missing = {"status": "error", "category": "OBJECT_NOT_FOUND"}
            return said(200, matching[0]) if matching else said(404, missing)
        if call == "GET /crm/v3/owners":
            id = self.owners.get(query["email"])
            return said(200, {"results": [{"id": id, "email": query["email"]}] if id else []})
        if found := re.fullmatch(r"POST /crm/v3/objects/(companies|contacts)", call):
            return self._create(objects[found[1]], body["properties"])
        if found := re.fullmatch(r"PATCH /crm/v3/objects/(companies|contacts)/(\d+)", call):
            [one] = [each for each in objects[found[1]] if each["id"] == found[2]]
            one["properties"].update(body["properties"])
            return said(200, one)
        if found := re.fullmatch(
            r"PUT /crm/v4/objects/contacts/(\d+)/associations/default/companies/(\d+)", call
        ):
            [contact] = [each for each in self.contacts if each["id"] == found[1]]
            contact["company"] = found[2]
            return said(200, {"status": "COMPLETE", "results": []})
        if found := re.fullmatch(r"GET /crm/v4/objects/contacts/(\d+)/associations/notes", call):
            results = [
                {"toObjectId": int(note["id"])} for note in self.notes if note["to"] == found[1]
            ]
            return said(200, {"results": results})
        if call == "POST /crm/v3/objects/notes/batch/read":
            wanted = {each["id"] for each in body["inputs"]}
            results = [note for note in self.notes if note["id"] in wanted]
            return said(200, {"status": "COMPLETE", "results": results})
        if call == "POST /crm/v3/objects/notes":
            types = {each["types"][0]["associationTypeId"] for each in body["associations"]}
            assert types <= {202, 190}
            note = {
                "id": self.next_id(),
                "properties": body["properties"],
                "to": body["associations"][0]["to"]["id"],
            }
            self.notes.append(note)
            return said(201, note)
        return said(404, {"status": "error", "message": f"no such call: {call}"})

    def _create(self, rows: list[Json], properties: Json) -> Answer:
        if unknown := set(properties) - self.known_properties:
            complaint = [
                {
                    "isValid": False,
                    "message": f'Property "{name}" does not exist',
                    "error": "PROPERTY_DOESNT_EXIST",
                    "name": name,
                }
                for name in sorted(unknown)
            ]
            message = f"Property values were not valid: {json.dumps(complaint)}"
            return said(
                400, {"status": "error", "message": message, "category": "VALIDATION_ERROR"}
            )
        email = properties.get("email")
        if email and (same := [r for r in rows if r["properties"].get("email") == email]):
            message = f"Contact already exists. Existing ID: {same[0]['id']}"
            return said(409, {"status": "error", "message": message, "category": "CONFLICT"})
        row = {"id": self.next_id(), "properties": dict(properties)}
        rows.append(row)
        return said(201, row)


class FakeSalesforce(Crm):
    kind = "salesforce"
    duplicate_rule = False

    def answer(self, request: Received, call: str, query: dict[str, str], body: Json) -> Answer:
        if call == "POST /services/oauth2/token":
            form = {k: v[0] for k, v in parse_qs(request.body.decode()).items()}
            if (form["client_id"], form["client_secret"]) != ("app", self.token):
                return said(400, {"error": "invalid_client", "error_description": "bad"})
            return said(
                200,
                {
                    "access_token": "00D!abc",
                    "instance_url": self.receiver.url,
                    "token_type": "Bearer",
                },
            )
        if request.headers.get("authorization") != "Bearer 00D!abc":
            return said(401, [{"message": "Session expired", "errorCode": "INVALID_SESSION_ID"}])
        call = call.replace("/services/data/v62.0", "")
        if call == "GET /query":
            return said(200, self._query(query["q"]))
        tables = {"Account": self.companies, "Contact": self.contacts, "Note": self.notes}
        if found := re.fullmatch(r"POST /sobjects/(\w+)", call):
            return self._create(found[1], tables[found[1]], body)
        if found := re.fullmatch(r"PATCH /sobjects/(\w+)/(\w+)", call):
            [one] = [each for each in tables[found[1]] if each["Id"] == found[2]]
            one.update(body)
            return Answer(204)
        return said(404, [{"errorCode": "NOT_FOUND", "message": call}])

    def _create(self, object: str, rows: list[Json], fields: Json) -> Answer:
        required = {"Account": "Name", "Contact": "LastName", "Note": "Title"}[object]
        if not fields.get(required):
            message = f"Required fields are missing: [{required}]"
            return said(400, [{"message": message, "errorCode": "REQUIRED_FIELD_MISSING"}])
        if odd := [name for name in fields if name.endswith("__c")]:
            message = f"No such column '{odd[0]}' on sobject of type {object}"
            return said(400, [{"message": message, "errorCode": "INVALID_FIELD"}])
        if self.duplicate_rule and object == "Contact" and rows:
            record = {"attributes": {"type": "Contact"}, "Id": rows[0]["Id"]}
            result = {"matchResults": [{"matchRecords": [{"record": record}]}]}
            return said(
                400,
                [
                    {
                        "errorCode": "DUPLICATES_DETECTED",
                        "message": "Use one of these records?",
                        "duplicateResult": result,
                    }
                ],
            )
        row = {"Id": f"003{self.next_id()}", "Website": None, "AccountId": None, **fields}
        rows.append(row)
        return said(201, {"id": row["Id"], "success": True, "errors": []})

    def _query(self, query: str) -> Json:
        found = re.fullmatch(
            r"SELECT (.+) FROM (\w+) WHERE (.+) ORDER BY CreatedDate LIMIT (\d+)", query, re.S
        )
        assert found, query
        users = [{"Id": id, "Email": email, "IsActive": True} for email, id in self.owners.items()]
        tables = {
            "Account": self.companies, "Contact": self.contacts, "Note": self.notes, "User": users
        }  # fmt: skip
        rows = [r for r in tables[found[2]] if _holds(r, found[3])]
        return {"totalSize": len(rows), "done": True, "records": rows[: int(found[4])]}


def _holds(row: Json, where: str) -> bool:
    """The little of SOQL that is asked: equality and LIKE, joined by AND, values quoted."""
    part = r"(\w+) (=|LIKE) ('(?:[^'\\]|\\.)*'|true|false)"
    assert re.fullmatch(rf"{part}(?: AND {part})*", where), where
    for field, test, quoted in re.findall(part, where):
        value = {"true": True, "false": False}.get(quoted)
        if value is None:
            value = re.sub(r"\\(.)", r"\1", quoted[1:-1])
        if test == "LIKE":
            if str(value).strip("%").lower() not in (row.get(field) or "").lower():
                return False
        elif str(row.get(field)).lower() != str(value).lower():
            return False
    return True


class FakePipedrive(Crm):
    kind = "pipedrive"

    def answer(self, request: Received, call: str, query: dict[str, str], body: Json) -> Answer:
        if request.headers.get("x-api-token") != self.token:
            return said(401, {"success": False, "error": "unauthorized access", "errorCode": 401})
        tables = {"organizations": self.companies, "persons": self.contacts}
        if found := re.fullmatch(r"GET /api/v2/(organizations|persons)/search", call):
            assert query["exact_match"] == "true"
            assert query["term"].strip()
            rows = [r for r in tables[found[1]] if _is(r, query["fields"], query["term"])]
            items = [{"result_score": 1.0, "item": {"id": row["id"]}} for row in rows[:1]]
            return ok({"items": items})
        if found := re.fullmatch(r"POST /api/v2/(organizations|persons)", call):
            if not body.get("name"):
                return said(400, {"success": False, "error": "name: must not be blank"})
            row = {"id": int(self.next_id()), "org_id": None, **body}
            tables[found[1]].append(row)
            return ok(row, 201)
        if found := re.fullmatch(r"(GET|PATCH) /api/v2/(organizations|persons)/(\d+)", call):
            [row] = [each for each in tables[found[2]] if each["id"] == int(found[3])]
            row.update(body)
            return ok(row)
        if call == "GET /api/v1/users/find":
            id = self.owners.get(query["term"])
            user = {"id": int(id or 0), "email": query["term"], "active_flag": True}
            return ok([user] if id else None)
        if call == "GET /api/v1/notes":
            rows = [n for n in self.notes if n["person_id"] == int(query["person_id"])]
            start, limit = int(query["start"]), int(query["limit"])
            more = len(rows) > start + limit
            pages: Json = {"start": start, "limit": limit, "more_items_in_collection": more}
            if more:
                pages["next_start"] = start + limit
            return said(
                200,
                {
                    "success": True,
                    "data": rows[start : start + limit] or None,
                    "additional_data": {"pagination": pages},
                },
            )
        if call == "POST /api/v1/notes":
            self.notes.append({"id": int(self.next_id()), **body})
            return ok(self.notes[-1], 201)
        return said(404, {"success": False, "error": call})


def ok(data: Json, status: int = 200) -> Answer:
    return said(status, {"success": True, "data": data})


def _is(row: Json, field: str, term: str) -> bool:
    if field == "name":
        return bool(row["name"].lower() == term.lower())
    return any(each["value"].lower() == term.lower() for each in row.get(f"{field}s", ()))


Make = Callable[[], Crm]
CRMS: dict[str, Make] = {each.kind: each for each in (FakeHubSpot, FakeSalesforce, FakePipedrive)}
