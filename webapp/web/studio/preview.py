"""The preview's route: another answer, a step back, somebody else."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.services.flows import drafts
from webapp.web.shared.auth import allowed
from webapp.web.studio import EDITORS, bp
from webapp.web.studio.asking import preview
from webapp.web.studio.loaded import studied
from webapp.web.studio.pages import flow_page


@bp.post("/flows/<flow>/preview")
@allowed(*EDITORS)
def show_preview(flow: str) -> ResponseReturnValue:
    """The preview after an answer, a step back, or as somebody else."""
    draft = drafts.now_drafted()
    if f"{flow}.yaml" not in draft.texts:
        abort(404)
    found = studied(draft, f"{flow}.yaml")
    shown = preview(found, request.form)
    if request.headers.get("HX-Target") == "preview":
        return render_template("studio/_preview.html", preview=shown, flow=flow)
    page, status = flow_page(found, preview=shown)
    return page, status, {"HX-Push-Url": url_for(".show_flow", flow=flow)}
