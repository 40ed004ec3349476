"""What an e-mail address and a name tell without asking: domain, kind of mailbox, first name."""

import re
from collections.abc import Container

from webapp.core.mailboxes import DISPOSABLE, FREE, ROLES

_FIRST_LAST = re.compile(r"([^\W\d_]{2,}(?:[-'’][^\W\d_]+)*)\.[^\W\d_]+(?:[-.'’][^\W\d_]+)*")


def email_domain(email: str) -> str | None:
    """What follows the last @, in small letters."""
    _, at, domain = email.strip().rpartition("@")
    return domain.casefold().rstrip(".") or None if at else None


def email_kind(email: str, *, disposable: Container[str] = DISPOSABLE) -> str | None:
    """Judge a mailbox: ``disposable``, else ``free``, else ``role``, else ``business``.

    ``disposable`` holds domains; their subdomains count too (``a@sub.mailinator.com``).
    """
    domain = email_domain(email)
    if domain is None:
        return None
    parts = domain.split(".")
    if any(".".join(parts[start:]) in disposable for start in range(len(parts) - 1)):
        return "disposable"
    if domain in FREE:
        return "free"
    return "role" if _mailbox(email) in ROLES else "business"


def first_name(name: str | None, email: str | None) -> str | None:
    """The first word of the name, else of an address written ``first.last@``."""
    words = (name or "").split()
    if words:
        return words[0].rstrip(",") or None
    found = _FIRST_LAST.fullmatch(_mailbox(email or ""))
    if found is None or found[1] in ROLES:
        return None
    return "-".join(part[:1].upper() + part[1:] for part in found[1].split("-"))


def _mailbox(email: str) -> str:
    """The part before the @ without a ``+tag``, in small letters."""
    return email.strip().rpartition("@")[0].partition("+")[0].casefold()
