"""The API's own pages: the OpenAPI document, and the same for people to read."""

from copy import deepcopy
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.core.handoff_schema import SCHEMA
from webapp.services.api_keys import SCOPES
from webapp.web.api.document import completed

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


@bp.get("/docs")
def docs() -> ResponseReturnValue:
    spec = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            groups.setdefault(operation["tags"][0], []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "does": operation.get("summary", ""),
                    "scope": operation.get("x-scope", ""),
                    "takes": _fields(spec, operation.get("requestBody", {})),
                    "asks": operation.get("parameters", []),
                    "gives": _fields(spec, _success(operation)),
                }
            )
    return render_template("api/docs.html", groups=groups, scopes=SCOPES, info=spec["info"])


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
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}))}"
    kind = about.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
