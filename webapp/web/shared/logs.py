"""What a process logs: to stderr, one line each, without what a log must not hold."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

from flask import g, has_request_context

# A token of ours anywhere, an e-mail address, a phone number: none has a place in a log.
_PRIVATE = re.compile(r"[A-Za-z0-9_-]{40,}|[\w.+'-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d ()/-]{6,}\d")


def scrubbed(text: str) -> str:
    """The text without what could open a conversation or name a person."""
    return _PRIVATE.sub("…", text)


def to_stderr(*, as_json: bool) -> None:
    """Send everything this process logs to stderr, scrubbed, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if as_json else _Lines("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "")
        for name in ("route", "status", "ms"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["exception"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
