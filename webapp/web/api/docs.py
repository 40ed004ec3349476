"""The API's own pages: the OpenAPI document, and the same for people to read."""

from copy import deepcopy
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    render_template,
    request,
    send_from_directory,
)
from flask.typing import ResponseReturnValue

from webapp.config import ROOT
from webapp.core.handoff_schema import SCHEMA
from webapp.services.accounts.api_keys import SCOPES
from webapp.web.api.document import PROBLEMS, completed

_MADE = "baton openapi"

bp = Blueprint("api_docs", __name__, url_prefix="/api")


@bp.get("/openapi.json")
def openapi() -> Response:
    return jsonify(document())


@bp.get("/schema/handoff-1.json")
def handoff_schema() -> Response:
    response = jsonify(SCHEMA)
    response.content_type = "application/schema+json"
    return response


@bp.get("/examples/headless.py")
@bp.get("/examples/headless.mjs")
def example() -> Response:
    """A client to begin with, as plain text to read."""
    name = request.path.rpartition("/")[2]
    return send_from_directory(ROOT / "docs" / "examples", name, mimetype="text/plain")


@bp.get("/docs")
def docs() -> ResponseReturnValue:
    spec = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                told = _told(spec, path, method, operation)
                groups.setdefault(operation["tags"][0], []).append(told)
    return render_template(
        "api/docs.html", groups=groups, scopes=SCOPES, info=spec["info"], refusals=PROBLEMS
    )


def _told(spec: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Any:
    """One operation as the page shows it."""
    return {
        "method": method.upper(),
        "path": path,
        "does": operation["summary"],
        "scope": operation.get("x-scope", ""),
        "by_token": "token" in str(operation.get("security", "")),
        "takes": _fields(spec, operation.get("requestBody", {})),
        "asks": [
            (each["name"], each["in"], each.get("description", ""))
            for each in spec["paths"][path].get("parameters", []) + operation["parameters"]
        ],
        "gives": _fields(spec, _success(operation)),
        "refuses": [status for status in operation["responses"] if status >= "400"],
    }


def document() -> dict[str, Any]:
    """The OpenAPI document, made once for each application."""
    if _MADE not in current_app.extensions:
        api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
        current_app.extensions[_MADE] = completed(deepcopy(api.spec.to_dict()))
    made: dict[str, Any] = current_app.extensions[_MADE]
    return made


def _success(operation: dict[str, Any]) -> dict[str, Any]:
    responses = operation.get("responses", {})
    found: dict[str, Any] = next(
        (each for code, each in responses.items() if str(code).startswith("2")), {}
    )
    return found


def _fields(spec: dict[str, Any], body: dict[str, Any]) -> list[tuple[str, str, bool]]:
    schema = body.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    found = spec.get("components", {}).get("schemas", {}).get(name, schema)
    required = set(found.get("required", ()))
    return [
        (field, _type(about), field in required)
        for field, about in found.get("properties", {}).items()
    ]


def _type(about: dict[str, Any]) -> str:
    if "enum" in about:
        return " | ".join(str(each) for each in about["enum"])
    if "$ref" in about:
        return str(about["$ref"].rpartition("/")[2])
    if "allOf" in about:
        return _type(about["allOf"][0])
    if about.get("type") == "object" and isinstance(about.get("additionalProperties"), dict):
        return f"{_type(about['additionalProperties'])} by name"
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}))}"
    kind = about.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
