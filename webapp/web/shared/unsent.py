"""A staff form that cannot be taken yet, because whoever sent it is signed out: what they typed
stays on a page of its own, locked, and is sent again from there."""

import json
import zlib

from cryptography.fernet import Fernet, InvalidToken
from flask import abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict

from webapp.config import Config
from webapp.delivery.vault import lock_for

_FIELD = "kept"
_OURS = frozenset({"csrf_token", _FIELD})


def by_script() -> bool:
    """Whether the page that asks is still there with all that was typed."""
    return "HX-Request" in request.headers or "X-Autosave" in request.headers


def holds_something() -> bool:
    """Whether the request is a form that its sender would have to fill in once more. A file is
    still where it came from."""
    return bool(request.form.keys() - {"csrf_token"}) and not request.files and not by_script()


def page(*, again: bool) -> ResponseReturnValue:
    """What they sent, to be sent again once they are in (``again``: once they showed anew who they
    are). It may hold secrets: so nobody can read it there, and it opens for the address it was
    meant for and no other."""
    sent = [(name, each) for name, each in request.form.items(multi=True) if name not in _OURS]
    text = json.dumps([request.path, sent], ensure_ascii=False).encode()
    signed_in = current_user.is_authenticated
    shown = render_template(
        "account/kept.html",
        kept=_lock().encrypt(zlib.compress(text)).decode(),
        address=request.full_path.rstrip("?"),
        signed_in=signed_in,
        again=again,
    )
    return make_response(shown, 401 if again or not signed_in else 400)


def unlock() -> None:
    """Let the view find what was kept, as if it had just been typed."""
    kept = request.form.get(_FIELD)
    if kept is None:
        return
    try:
        path, sent = json.loads(zlib.decompress(_lock().decrypt(kept.encode())))
    except InvalidToken:
        abort(400)
    if path != request.path:
        abort(400)
    token = request.form.get("csrf_token", "")
    request.form = ImmutableMultiDict([*map(tuple, sent), ("csrf_token", token)])


def _lock() -> Fernet:
    config: Config = current_app.extensions["baton"]
    return lock_for(config.secret_key, "baton kept forms")
