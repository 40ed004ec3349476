"""The prospect's pages: one flow as a form or a chat, without cookies and without script."""

from webapp.web.prospect import later, meeting, talk
from webapp.web.prospect.pages import bp

__all__ = ["bp", "later", "meeting", "talk"]
