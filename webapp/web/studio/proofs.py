"""What is proved of the draft: sentences with a place, a visitor to walk as, and quick remedies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core.proof.early import places_down
from webapp.core.proof.told import POINTS, TIME_IS_UP, Remedy
from webapp.flow_files.case_text import case_text
from webapp.flow_files.merging import Change, Edit
from webapp.flow_files.rendering import Plain
from webapp.services.flows import drafts, proving
from webapp.services.flows.drafts import Draft
from webapp.services.flows.proving import Found
from webapp.web.shared.auth import allowed, local_path
from webapp.web.shared.render import render
from webapp.web.studio import EDITORS, bp, places, saving
from webapp.web.studio.loaded import release_of, studied
from webapp.web.studio.located import Located, label_in, located
from webapp.web.studio.naming import in_words, labels_of

SECONDS = 60.0
"""Longer than ``baton flows check`` gives itself: it runs beside everything else, and gives way."""

PATIENCE = 8.0
"""For the proof when somebody publishes: htmx gives up after 15 seconds."""

REMEDIES: Mapping[Remedy, str] = {
    "remove": "Delete it",
    "always": "Take its condition away",
    "require": "Let nobody skip it",
    "below": "Move below",
}


@dataclass(frozen=True)
class Said:
    """A finding as the studio shows it. ``visitor`` is the text of a case."""

    kind: str
    says: Markup
    place: Located | None
    file: str
    line: int
    flow: str | None
    visitor: str | None
    remedy: Remedy | None
    label: str


@dataclass(frozen=True)
class Verdict:
    """What is said about the draft, or about one flow of it; with ``alone``, about this flow's
    draft in what is live. ``running`` until it is known."""

    flow: str | None
    alone: str | None = None
    refuted: Sequence[Said] = ()
    unproved: Sequence[Said] = ()
    notes: Sequence[Said] = ()
    open: Sequence[str] = ()
    running: bool = False
    broken: bool = False
    in_time: bool = True


@bp.get("/proof")
@allowed(*EDITORS)
def show_proof() -> ResponseReturnValue:
    """What is proved so far of the draft, or with ``?flow=`` of what concerns one flow; with
    ``?alone=`` of what is live with the draft of one flow."""
    draft = drafts.now_drafted()
    flow, alone = (request.args.get(name) or None for name in ("flow", "alone"))
    if any(each is not None and f"{each}.yaml" not in draft.texts for each in (flow, alone)):
        abort(404)
    return render(
        "studio/proof.html",
        part="studio/_proof.html",
        verdict=verdict(draft, flow, alone=alone),
        revision=draft.revision,
        steps=drafts.steps(),
        remedies=REMEDIES,
    )


@bp.post("/remedies")
@allowed(*EDITORS)
def create_remedy() -> ResponseReturnValue:
    """Do what a finding asks for."""
    place = Located(*(request.form.get(name, "") for name in ("file", "section", "item")))
    remedy = request.form.get("remedy", "")
    locate = place.locate
    draft = drafts.now_drafted()
    if remedy not in REMEDIES or locate is None or draft.text(place.file) is None:
        abort(400)
    edits: dict[str, Edit] = {
        "remove": places.deleted(locate),
        "always": Change(locate, _without("when")),
        "require": Change(locate, _without("required")),
        "below": places.moved(locate, _places_down(draft, place)),
    }
    what = f"{place.label}: {REMEDIES[remedy].lower()}"  # type: ignore[index]  # looked up above
    back = local_path(request.form.get("back"))
    return saving.attempt_and_return(
        [(place.file, edits[remedy])], what, back or url_for(".review")
    )


def against(draft: Draft, ticked: Collection[str]) -> str | None:
    """What the proof has against publishing a draft, unless somebody ticked that it is meant."""
    proved = proving.proof(draft.texts, seconds=_seconds(), patience=PATIENCE)
    if proved is None and "unproved" not in ticked:
        return "The proof is still being worked out. Wait for it, or say that you publish without."
    refuted = len(proved.of("refuted")) if proved else 0
    if refuted and "refuted" not in ticked:
        return f"The proof refutes {refuted} of what must hold. Mend it, or say that this is meant."
    return None


def verdict(draft: Draft, flow: str | None = None, *, alone: str | None = None) -> Verdict:
    """What is known by now. Asking for it sets the proof off."""
    if alone is not None:
        draft = draft.alone(f"{alone}.yaml")
    if release_of(draft) is None:
        return Verdict(flow, alone, broken=True)
    proved = proving.proof(draft.texts, seconds=_seconds())
    if proved is None:
        return Verdict(flow, alone, running=True)

    def said(kind: str) -> list[Said]:
        return [_said(draft, each) for each in proved.of(kind) if _concerns(each, flow)]

    return Verdict(
        flow=flow,
        alone=alone,
        refuted=said("refuted"),
        unproved=said("not proved"),
        notes=said("note"),
        open=[POINTS[point] for point in proved.open],
        in_time=proved.in_time and all(each.says != TIME_IS_UP for each in proved.found),
    )


def _seconds() -> float:
    return float(current_app.config.get("PROOF_SECONDS", SECONDS))


def _concerns(found: Found, flow: str | None) -> bool:
    """Time that ran out is said once, of the points that are open."""
    return found.says != TIME_IS_UP and (flow is None or found.flow in (None, flow))


def _said(draft: Draft, found: Found) -> Said:
    text = draft.texts.get(found.file, "")
    place = located(found.file, text, found.line, found.column) if found.file else None
    return Said(
        kind=found.kind,
        says=in_words(found.says, labels_of(draft)),
        place=place,
        file=found.file,
        line=found.line,
        flow=found.visitor["flow"] if found.visitor else None,
        visitor=case_text(found.visitor) if found.visitor else None,
        remedy=found.remedy if place and place.locate else None,
        label=label_in(draft, place) if place else f"{found.file}, line {found.line}",
    )


def _places_down(draft: Draft, place: Located) -> int:
    """How far below a question stands what its condition reads, as the draft is now."""
    found = studied(draft, place.file)
    asks = found.flow is not None and found.flow.question(place.item) is not None
    return places_down(found.playbook, found.flow, place.item) if found.flow and asks else 0


def _without(key: str) -> Any:
    def change(seen: Plain) -> Plain:
        assert isinstance(seen, dict)
        return {name: value for name, value in seen.items() if name != key}

    return change
