"""The audit log, for whoever must know who did what."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp.core.values import clean
from webapp.services import audit
from webapp.store import audit as rows
from webapp.store import staff
from webapp.web.settings import bp
from webapp.web.shared import auth

A_PAGE = 50


@bp.get("/audit")
@auth.allowed("admin")
def audit_log() -> ResponseReturnValue:
    """Newest first, all of it or what one person did, or what was done to one thing."""
    people = staff.everyone()
    given = {name: clean(request.args.get(name, "")) for name in ("actor", "subject", "action")}
    before = request.args.get("before", type=int)
    found = rows.page(**given, before=before or None, limit=A_PAGE + 1)
    checked = request.args.get("check") == "yes"
    return render_template(
        "settings/audit.html",
        lines=found[:A_PAGE],
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        wanted={name: said for name, said in given.items() if said},
        people=[(each.id, f"{each.name}, {each.email}") for each in people],
        names={each.id: each.name for each in people} | {each.email: each.name for each in people},
        checked=checked,
        broken_at=audit.broken_at() if checked else None,
    )
