"""Saving a form of the studio: what was typed goes into the draft, and where somebody else changed
the same thing meanwhile, the form says whose version is which."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue

from webapp.core.errors import FlowError
from webapp.flow_files.document import EditRefused
from webapp.flow_files.merging import ALL, Change, Clash, Difference, Side
from webapp.flow_files.rendering import Plain, flow
from webapp.services.flows import drafts
from webapp.services.flows.releases import PLAYBOOK
from webapp.store import drafts as draft_rows
from webapp.store import staff
from webapp.web.studio import me
from webapp.web.studio.loaded import Studied, studied
from webapp.web.studio.question_edits import Edits

CALLED = {
    "ask": "Question",
    "when": "Condition",
    "confirm": "Asked instead",
    "required": "Skipping",
}

KEPT = "keep:"
"""Begins the names of the fields that say whose version of something counts."""


def attempt(edits: Edits, what: str) -> Clash | str | None:
    """Save edits made to what the form showed: None if it worked, else why not."""
    seen, kept, before = _seen(), _kept(), draft_rows.revision()
    try:
        revision = drafts.change(
            [(file, replace(e, kept=kept) if isinstance(e, Change) else e) for file, e in edits],
            what=what,
            by=me(),
            seen=before if seen is None else seen,
            now=datetime.now(UTC),
        )
    except Clash as clash:
        return clash
    except (EditRefused, FlowError) as refused:
        return str(refused)
    made = drafts.steps().undo
    if revision == before and made:  # the form had saved itself already
        what = made[-1].what
    if not saves_itself():
        flash(f"Saved: {what}.", "good")
    g.merged = seen is not None and seen < before
    return None


def saves_itself() -> bool:
    """Whether the form was sent by the page, while somebody still types."""
    return "X-Autosave" in request.headers


def saved(address: str) -> ResponseReturnValue:
    """Where to go after a save; for a form that saves itself, what it is based on from now on, and
    whether the draft holds something else by now that somebody else saved."""
    if not saves_itself():
        return redirect(address, 303)
    last = next(iter(drafts.steps().undo[::-1]), None)
    return {
        "revision": draft_rows.revision(),
        "undo": last.what if last else "",
        "step": last.id if last else None,
        "merged": g.get("merged", False),
    }


def attempt_and_return(edits: Edits, what: str, back: str) -> ResponseReturnValue:
    """Save what no form shows, and go back; a refusal is told there."""
    refused = attempt(edits, what)
    if refused is not None:
        flash(str(refused), "bad")
    return redirect(back, 303)


def refusal(found: Studied, refused: Clash | str | None) -> dict[str, Any]:
    """What a form is told of the save that was refused, if one was, and what it is based on."""
    return {
        "revision": _revision(found, refused),
        "clash": _told(refused) if isinstance(refused, Clash) else None,
        "refused": refused if isinstance(refused, str) else None,
    }


def as_seen(found: Studied) -> Studied:
    """The file and the playbook as they were when the form that was sent was shown."""
    seen, draft = _seen(), found.draft
    if seen is None or seen >= draft.revision:
        return found
    before = {file: drafts.seen_at(file, seen) for file in (found.file, PLAYBOOK)}
    texts = {**draft.texts, **{file: text for file, text in before.items() if text}}
    return studied(replace(draft, texts=texts), found.file)


def status_of(refused: Clash | str) -> int:
    return 409 if isinstance(refused, Clash) else 422


def named(id: str) -> str:
    """A colleague's name for an id of the history."""
    row = staff.by_id(id) if len(id) == 26 else None
    return (row.name or row.email) if row else id


def _seen() -> int | None:
    return request.form.get("base_rev", type=int)


def _kept() -> dict[str, Side]:
    """Whose version was chosen of each field that two people changed."""
    said = {key: value for key, value in request.form.items() if key.startswith(KEPT)}
    return {
        key.removeprefix(KEPT): "theirs" if value == "theirs" else "mine"
        for key, value in said.items()
    }


def _revision(found: Studied, refused: Clash | str | None) -> int:
    """What the form is said to be based on. After a clash still what its editor saw first, so that
    what others changed meanwhile is neither lost nor decided unseen."""
    seen = _seen()
    return seen if isinstance(refused, Clash) and seen is not None else found.draft.revision


def _called(field: str) -> str:
    """A field of the files as the forms call it: ``ask de`` is “Question (de)”."""
    first, *rest = field.split(" ")
    return " ".join([CALLED.get(first, first.capitalize()), *(f"({each})" for each in rest)])


def _told(clash: Clash) -> dict[str, Any]:
    """Who changed it meanwhile, and each field that two people changed, three versions beside each
    other."""
    last = next(iter(draft_rows.newest(1)), None)

    def said(value: Plain | None) -> str:
        return "nothing" if value is None else (value if isinstance(value, str) else flow(value))

    def row(each: Difference) -> dict[str, Any]:
        sides = {side: said(getattr(each, side)) for side in ("before", "theirs", "mine")}
        return {
            "field": each.field,
            "label": _called(each.field),
            **sides,
            "choose": each.field != ALL,
        }

    return {
        "who": named(last.by) if last else "Somebody",
        "at": last.at if last else None,
        "rows": [row(each) for each in clash.differences],
    }
