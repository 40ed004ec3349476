"""The websites that show our flows: who may frame them, their colour, and the snippet to copy."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.call import CALL_SCRIPT
from webapp.core.values import clean
from webapp.services.flows import archived, drafts, releases
from webapp.services.flows import sites as service
from webapp.services.flows.sites import Refused
from webapp.services.prospects import identities
from webapp.store import releases as release_rows
from webapp.store import sites as rows
from webapp.store.sites import SiteRow
from webapp.web.shared.auth import allowed, proved_lately
from webapp.web.studio import EDITORS, bp, me

MODES = (
    ("inline", "In the page"),
    ("frame", "In the page, at once"),
    ("popup", "As a dialog"),
    ("slide", "Sliding in"),
    ("bubble", "As a chat bubble"),
)


@bp.get("/sites")
@allowed(*EDITORS)
def sites() -> ResponseReturnValue:
    found = rows.every()
    return render_template(
        "studio/sites.html",
        sites=[each for each in found if not each.archived_at],
        archived=[each for each in found if each.archived_at],
        steps=drafts.steps(),
    )


@bp.post("/sites")
@allowed(*EDITORS)
def create_site() -> ResponseReturnValue:
    name = clean(request.form.get("name", "")).strip()
    if not name:
        flash("Enter the site's name.", "bad")
        return redirect(url_for(".sites"), 303)
    row = service.create(name, by=me(), now=datetime.now(UTC))
    return redirect(url_for(".show_site", site=row.id), 303)


@bp.get("/sites/<site>")
@allowed(*EDITORS)
def show_site(site: str) -> ResponseReturnValue:
    return _page(_row(site))


@bp.post("/sites/<site>")
@allowed(*EDITORS)
def update_site(site: str) -> ResponseReturnValue:
    """Save a site's name, origins, colour, what it is told, and how its visitors reach somebody."""
    row = _row(site)
    origins = [line.strip() for line in request.form.get("origins", "").splitlines()]
    try:
        service.update(
            row,
            name=clean(request.form.get("name", "")).strip(),
            origins=[_origin(line) for line in origins if line],
            accent=request.form.get("accent", "").strip(),
            tell_ending="tell_ending" in request.form,
            no_meetings="no_meetings" in request.form,
            proof_of_work="proof_of_work" in request.form,
            phone=clean(request.form.get("phone", "")).strip(),
            email=clean(request.form.get("email", "")).strip(),
            by=me(),
            now=datetime.now(UTC),
        )
    except Refused as refusal:
        return _page(row, problems={refusal.field: str(refusal)}, status=422)
    flash("Saved.", "good")
    return redirect(url_for(".show_site", site=row.id), 303)


@bp.post("/sites/<site>/identity-secret")
@allowed(*EDITORS, lately=True)
def create_identity_secret(site: str) -> ResponseReturnValue:
    """Have the site's server sign with another secret from now on."""
    row = _row(site)
    service.change_identity_secret(row, by=me(), now=datetime.now(UTC))
    flash("The secret is changed. Put the new one on your server.", "good")
    return redirect(url_for(".show_site", site=row.id), 303)


@bp.post("/sites/<site>/archive")
@allowed(*EDITORS)
def archive_site(site: str) -> ResponseReturnValue:
    """Begin no new conversations there."""
    row = _row(site)
    archived.archive(row, by=me(), now=datetime.now(UTC))
    flash(f"{row.name} is archived. Whoever is in a conversation there can finish it.", "good")
    return redirect(url_for(".show_site", site=row.id), 303)


@bp.post("/sites/<site>/use")
@allowed(*EDITORS)
def bring_back_site(site: str) -> ResponseReturnValue:
    """Use an archived site again."""
    row = _row(site)
    archived.bring_back(row, by=me(), now=datetime.now(UTC))
    flash(f"{row.name} is in use again.", "good")
    return redirect(url_for(".show_site", site=row.id), 303)


def _page(
    row: SiteRow, *, problems: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    live = releases.live()[1].flows if release_rows.live() else {}
    titles = {id: str(flow.title) for id, flow in live.items() if flow.intent != CALL_SCRIPT}
    flows = sorted(titles.items(), key=lambda each: each[1].casefold())
    flow = request.args.get("flow", "")
    mode = request.args.get("mode", "inline")
    colour = request.form.get("accent") or str(row.settings.get("accent", ""))
    page = render_template(
        "studio/site.html",
        site=row,
        problems=problems or {},
        typed=request.form,
        flows=flows,
        flow=flow if flow in titles else flows[0][0] if flows else "",
        mode=mode if mode in dict(MODES) else "inline",
        modes=MODES,
        colour=colour,
        contrast=service.contrast(colour),
        base=request.host_url.rstrip("/"),
        secret=identities.secret(row) if proved_lately() else None,
        steps=drafts.steps(),
    )
    return page, status, {"Cache-Control": "no-store"}


def _row(id: str) -> SiteRow:
    row = rows.get(id)
    if row is None:
        abort(404)
    return row


def _origin(line: str) -> str:
    """The origin of whatever address was pasted; what is none stays as it is, to be refused."""
    try:
        parts = urlsplit(line if "://" in line else f"https://{line}")
    except ValueError:
        return line
    return f"{parts.scheme}://{parts.netloc}".lower()
