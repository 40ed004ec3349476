"""The studio: marketers edit questions, points and routes, see what they do, and publish them."""

from flask import Blueprint, Response, request
from flask_login import current_user

bp = Blueprint("studio", __name__, url_prefix="/studio")

EDITORS = ("marketer", "manager", "admin")
"""Reps read the outcome on their desk."""

LARGEST = 1024 * 1024
MOST_FIELDS = 2000


def me() -> str:
    """The id of whoever is signed in."""
    return str(current_user.id)


@bp.url_value_preprocessor
def _allow_whole_files(endpoint: str | None, values: dict[str, str] | None) -> None:
    # Here, not in a before_request: the check against forged forms reads the body before that.
    request.max_content_length = request.max_form_memory_size = LARGEST
    request.max_form_parts = MOST_FIELDS


@bp.after_request
def _keep_address(response: Response) -> Response:
    # A form shown anew has an address that only takes forms: it cannot be loaded again.
    if request.method == "POST" and response.status_code != 303:
        response.headers.setdefault("HX-Push-Url", "false")
    return response


from webapp.web.studio import (  # noqa: E402, F401 - they add their routes to bp
    beginnings,
    files,
    lint,
    pages,
    people,
    preview,
    proofs,
    publishing,
    rules,
    settings,
    sites,
    trials,
)
