"""The prospect's pages: one flow as a form or a chat, without cookies and without script."""

from flask import Blueprint

bp = Blueprint("prospect", __name__)
