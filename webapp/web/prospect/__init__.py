"""The prospect's pages: one flow as a form or a chat, without cookies and without script."""

from webapp.web.prospect import talk
from webapp.web.prospect.pages import bp

__all__ = ["bp", "talk"]
