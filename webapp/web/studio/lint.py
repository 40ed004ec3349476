"""What is wrong with the draft, as the studio tells it: a sentence, its place, and quick mends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core.errors import Problem
from webapp.flow_files.mending import mended, possible
from webapp.services.flows import drafts
from webapp.services.flows.drafts import Draft
from webapp.web.shared.auth import allowed, local_path
from webapp.web.studio import EDITORS, bp, saving
from webapp.web.studio.loaded import problems_of
from webapp.web.studio.located import Located, label_in, located
from webapp.web.studio.naming import in_words, labels_of


@dataclass(frozen=True)
class Told:
    """A problem with the place where it is mended by hand, if a form knows it, and what a button
    can do, each with the number it is asked for by. Both in words, and as the file has it."""

    problem: Problem
    says: Markup
    as_written: Markup
    place: Located | None
    label: str
    buttons: Sequence[tuple[int, str, str]]

    @property
    def key(self) -> str:
        return _key(self.problem)


def told(draft: Draft, problems: Iterable[Problem]) -> list[Told]:
    return [_told(draft, problem) for problem in problems]


def here(draft: Draft, problems: Iterable[Problem], place: Located) -> list[Told]:
    """What is wrong with one question or item."""
    return [each for each in told(draft, problems) if each.place == place]


@bp.post("/mends")
@allowed(*EDITORS)
def create_mend() -> ResponseReturnValue:
    """Mend a problem as its button says."""
    draft = drafts.now_drafted()
    key, number = request.form.get("problem", ""), request.form.get("mend", -1, int)
    found = next((each for each in problems_of(draft) if _key(each) == key), None)
    back = local_path(request.form.get("back"))
    if not back:
        abort(400)
    if found is None:
        flash("This is mended already, or the place has changed. Look again.", "warn")
        return redirect(back, 303)
    if not 0 <= number < len(found.mends):
        abort(400)
    mend, file = found.mends[number], found.where.file
    place = located(file, draft.texts[file], found.where.line, found.where.column)
    words = _words(labels_of(draft).get(mend.text, mend.text))
    what = f"{label_in(draft, place) if place else file}: {words.lower()}"
    edits = [(file, lambda text, _: mended(text, found, mend))]
    return saving.attempt_and_return(edits, what, back)


def _told(draft: Draft, problem: Problem) -> Told:
    where = problem.where
    text = draft.texts.get(where.file, "")
    place = located(where.file, text, where.line, where.column)
    sentence, labels = f"{problem.what} {problem.fix}", labels_of(draft)
    can = possible(text, problem)
    return Told(
        problem=problem,
        says=in_words(sentence, labels),
        as_written=in_words(sentence),
        place=place,
        label=label_in(draft, place) if place else f"{where.file}, line {where.line}",
        buttons=[
            (n, _words(labels.get(mend.text, mend.text)), _words(mend.text))
            for n, mend in enumerate(problem.mends)
            if mend in can
        ],
    )


def _words(instead: str) -> str:
    return f"Change it to {instead}" if instead else "Take it out"


def _key(problem: Problem) -> str:
    return f"{problem.where} {problem.what}"
