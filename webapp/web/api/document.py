"""The OpenAPI document: what the schemas say of each operation, and what all have in common."""

from typing import Any

from webapp.core.handoff_schema import SCHEMA
from webapp.services.accounts.api_keys import SCOPES
from webapp.web.api.callers import ACTS_FOR
from webapp.web.api.flows import FILE, MOST_FILES
from webapp.web.api.idempotency import LONGEST
from webapp.web.api.problems import CONTENT_TYPE

Json = dict[str, Any]

ABOUT = (
    "Qualify leads in conversation. JSON in and out; errors are problem details (RFC 9457). "
    "Within v1 fields and operations are added, and none changes or goes."
)
SECURITY: Json = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of one conversation, as its start answered it.",
    },
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key for programs (Settings, API keys, or `baton keys add`), with scopes: "
        + "; ".join(f"`{scope}`: {words.lower()}" for scope, words in SCOPES.items())
        + ".",
    },
}
PROBLEMS = {
    400: "The body or the Idempotency-Key cannot be read.",
    401: "No key or token, or one that opens nothing.",
    403: "The key, or whoever it acts for, may not do that.",
    404: "There is nothing at this address.",
    409: "Somebody was first, it has moved on, or the same call is still under way.",
    412: "It is another version than If-Match names.",
    413: "The body is too large.",
    415: "The body is not application/json, or is compressed.",
    422: "Fields are not right; errors names each.",
    429: "Too fast.",
    503: "Busy for a moment; nothing was stored.",
}
_LATER: Json = {
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer"},
    }
}
_PERHAPS: Json = {"Retry-After": {**_LATER["Retry-After"], "required": False}}
_CHALLENGE: Json = {
    "WWW-Authenticate": {
        "description": "Bearer: send a key or token so.",
        "required": True,
        "schema": {"type": "string"},
    }
}
_HEADERS = {401: _CHALLENGE, 409: _PERHAPS, 429: _LATER, 503: _LATER}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body again get the first answer again, and do nothing. "
    "Without a bearer, keys of fewer than 16 characters count for one address and browser.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[ -~]+$"},
}
IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "An ETag: change it only if it is still this version.",
    "schema": {"type": "string"},
}
AS: Json = {
    "name": ACTS_FOR,
    "in": "query",
    "required": False,
    "description": "E-mail address of whom to act for: keys of administrators and managers may.",
    "schema": {"type": "string"},
}
_METHODS = frozenset({"get", "post", "patch", "delete"})


def completed(document: Json) -> Json:
    """The document with what no single view says: refusals, repeats, versions, who may call."""
    document["info"]["description"] = ABOUT
    document["servers"] = [{"url": "/"}]
    components = document["components"]
    components["securitySchemes"] = SECURITY
    components["responses"] = {_name(status): _refusal(status) for status in PROBLEMS}
    schemas = components["schemas"]
    for unused in ("Error", "PaginationMetadata"):
        schemas.pop(unused, None)
    schemas["HandoffRecord"] = {k: v for k, v in SCHEMA.items() if k not in ("$id", "$schema")}
    _say_what_marshmallow_cannot(schemas)
    for path, item in document["paths"].items():
        for method in _METHODS & item.keys():
            _complete(path, method, item[method])
    return document


def _complete(path: str, method: str, operation: Json) -> None:
    parameters = operation.setdefault("parameters", [])
    conditional = operation.pop("x-conditional", False)
    if operation.pop("x-for-others", False):
        parameters.append(AS)
    if method == "post":
        parameters.append(IDEMPOTENCY_KEY)
    if conditional:
        parameters.append(IF_MATCH)
    operation["summary"] = operation.get("summary", "").replace("``", "`")
    operation["operationId"] = _operation_id(path, method)
    operation["tags"] = [tag.removeprefix("api_") for tag in operation["tags"]]
    operation["responses"] = _responses(path, method, operation, conditional=conditional)


def _responses(path: str, method: str, operation: Json, *, conditional: bool) -> Json:
    own = {
        status: told
        for status, told in operation["responses"].items()
        if status != "default" and "$ref" not in told
    }
    # NUL in an address is never one of ours, even in a query.
    may = {404, 429, 503}
    if method in ("post", "patch"):
        may |= {400, 413, 415, 422}
    if any(each["in"] == "query" for each in operation["parameters"]):
        may |= {422}
    if "security" in operation:
        may |= {401}
    if operation.get("x-scope"):
        may |= {403, 409} if method == "post" else {403}
    if conditional:
        may |= {412}
    refusals = {str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in may}
    return dict(sorted((refusals | own).items()))


def _refusal(status: int) -> Json:
    refusal: Json = {
        "description": PROBLEMS[status],
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _HEADERS:
        refusal["headers"] = _HEADERS[status]
    return refusal


def _say_what_marshmallow_cannot(schemas: Json) -> None:
    answer = schemas["Answer"]
    answer["anyOf"] = [
        {"required": ["value"]},
        {"required": ["text"]},
        {"required": ["skip"], "properties": {"skip": {"const": True}}},
    ]
    for name in ("Texts", "Publish"):
        files = schemas[name]["properties"]["files"]
        files.pop("minLength", None), files.pop("maxLength", None)
        files |= {
            "minProperties": 1,
            "maxProperties": MOST_FILES,
            "propertyNames": {"pattern": FILE},
        }


def _operation_id(path: str, method: str) -> str:
    words = [part.strip("{}") for part in path.removeprefix("/api/v1/").split("/")]
    return "_".join([method, *words]).replace(".", "_").replace("{", "").replace("}", "")


def _name(status: int) -> str:
    return f"Problem{status}"
