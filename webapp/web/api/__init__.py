"""The JSON API below /api/v1."""

from webapp.web.api.events import bp

__all__ = ["bp"]
