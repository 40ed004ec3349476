"""What marketers edit before it is live: saved at every step, undone step by step, published whole.

There is one draft of everything, shared by all who edit. It holds only files that differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from webapp.core.errors import BatonError
from webapp.flow_files.document import EditRefused
from webapp.flow_files.merging import Edit, without
from webapp.services.flows import releases
from webapp.services.flows.releases import PLAYBOOK
from webapp.store import drafts as rows
from webapp.store import releases as release_rows
from webapp.store.database import db, new_id, one_commit, reading
from webapp.store.drafts import DraftChangeRow, DraftRow
from webapp.store.locks import exclusive
from webapp.store.releases import ReleaseRow

CASES = "cases/"
OUT = ""
"""The text of a flow that is to be taken out."""


class Moved(BatonError):
    """The draft is not the one that was looked at."""

    def __init__(self) -> None:
        super().__init__("Somebody saved another change in the meantime. Look again, then publish.")


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything as it would be published now.

    ``texts`` and ``live`` hold playbook and flows by file name, ``cases`` the personas. ``stale``
    are drafted files that somebody published another text of since, unless it is the draft's.
    """

    texts: Mapping[str, str]
    live: Mapping[str, str]
    cases: Mapping[str, str]
    revision: int
    release: int | None
    stale: tuple[str, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that publishing would change, the playbook first."""
        names = sorted({*self.texts, *self.live}, key=lambda name: (name != PLAYBOOK, name))
        return tuple(name for name in names if self.texts.get(name) != self.live.get(name))

    def alone(self, file: str) -> "Draft":
        """What is live, but for this one file as it is drafted."""
        return replace(self, texts={**self.live, file: self.texts[file]})

    def text(self, file: str) -> str | None:
        return self.cases.get(file) if file.startswith(CASES) else self.texts.get(file)


@dataclass(frozen=True, slots=True)
class Steps:
    """What can be undone and what made again, the next one last."""

    undo: tuple[DraftChangeRow, ...]
    redo: tuple[DraftChangeRow, ...]


def now_drafted() -> Draft:
    """The draft as it stands."""
    live_row = release_rows.live()
    live = releases.texts_of(live_row.manifest) if live_row else {}
    texts, cases = dict(live), dict[str, str]()
    stale = []
    for row in rows.every():
        file = _file(row)
        if row.kind == "case":
            if row.text:
                cases[file] = row.text
            continue
        if row.text == OUT:
            texts.pop(file, None)
        else:
            texts[file] = row.text
        differs = texts.get(file) != live.get(file)
        if differs and live_row and row.based_on != live_row.id and _other_text(row, live_row):
            stale.append(file)
    release = live_row.id if live_row else None
    return Draft(texts, live, cases, rows.revision(), release, tuple(stale))


def seen_at(file: str, revision: int) -> str | None:
    """The text of a file as of an earlier revision; None where it was not there."""
    for change in rows.changes_after(revision):
        if file in change.files:
            before: str | None = change.files[file]["before"]
            return _live_text(file) if before is None else before
    return now_drafted().text(file)


def change(
    edits: Iterable[tuple[str, Edit]], *, what: str, by: str, seen: int, now: datetime
) -> int:
    """Apply edits to files of the draft, all or none, and give the new revision.

    ``seen`` is the revision the editor was looking at: what others changed since is kept. Edits
    that change nothing are no revision.

    Raises: Clash, EditRefused, FlowError, LookupError for a file that is not there.
    """
    edits = list(edits)
    while True:
        with reading():
            draft = now_drafted()
            alone = seen == draft.revision
            before = {} if alone else {file: seen_at(file, seen) for file, _ in edits}
        # Outside of any transaction: a long file takes a second, in which SQLite kept no answer.
        texts = _edited(draft, edits, before)
        if not texts:
            return draft.revision
        with one_commit("drafts.change"):
            exclusive("drafts")
            if (rows.revision(), release_rows.live_id()) == (draft.revision, draft.release):
                return _write(texts, "edit", what, by, now)


def _edited(
    draft: Draft, edits: Iterable[tuple[str, Edit]], before: Mapping[str, str | None]
) -> dict[str, str]:
    """The files that the edits change, as they leave them; ``before`` is what the editor saw."""
    made: dict[str, str] = {}
    for file, edit in edits:
        text = made.get(file, draft.text(file))
        if text is None:
            raise LookupError(f"There is no {file}.")
        was = text if file in made else before.get(file)
        made[file] = edit(text, text if was is None else was)
    return {file: text for file, text in made.items() if text != draft.text(file)}


def put(texts: Mapping[str, str], *, what: str, by: str, now: datetime) -> int:
    """Make files of the draft say exactly this; an empty text takes a file out."""
    with one_commit("drafts.put"):
        exclusive("drafts")
        return _write(texts, "edit", what, by, now)


def steps() -> Steps:
    """The changes since the last publication that can be undone, and those undone."""
    done: list[DraftChangeRow] = []
    undone: list[DraftChangeRow] = []
    for row in rows.changes_after(rows.last_settled()):
        match row.kind:
            case "undo":
                undone.append(done.pop())
            case "redo":
                done.append(undone.pop())
            case _:
                done.append(row)
                undone.clear()
    return Steps(tuple(done), tuple(undone))


def undo(*, by: str, now: datetime, step: int | None = None) -> str | None:
    """Take back a change, by default the newest, whoever made it: its name, or None if it cannot
    be taken back any more. What was changed after it stays.

    Raises: EditRefused where a later change rests on it.
    """
    with one_commit("drafts.undo"):
        exclusive("drafts")
        done = steps().undo
        row = next((row for row in done[::-1] if step in (None, row.id)), None)
        if row is None:
            return None
        if row is done[-1]:
            _write(_side(row, "before"), "undo", row.what, by, now, of=row.id)
        else:
            texts = {file: _taken_back(file, sides) for file, sides in row.files.items()}
            _write(texts, "edit", f"Undone: {row.what}", by, now, of=row.id)
        return row.what


def redo(*, by: str, now: datetime) -> str | None:
    """Make the change taken back last again: its name, or None if there is none."""
    with one_commit("drafts.redo"):
        exclusive("drafts")
        undone = steps().redo
        if not undone:
            return None
        row = undone[-1]
        _write(_side(row, "after"), "redo", row.what, by, now, of=row.id)
        return row.what


def discard(*, by: str, now: datetime) -> None:
    """Go back to what is live. Personas stay; the changes stay readable in the history."""
    with one_commit("drafts.discard"):
        exclusive("drafts")
        _clear("discard", "Went back to what is live", by, now)


def publish(*, why: str, by: str, seen: int, now: datetime, move_on: bool = False) -> ReleaseRow:
    """Make the draft live for every conversation that begins from now on and, with ``move_on``,
    for those under way from their next answer.

    Raises: FlowError, with every problem; Moved, if the draft is not the one of ``seen``.
    """
    draft = now_drafted()
    if draft.revision != seen:
        raise Moved
    row = releases.publish(draft.texts, by=by, why=why, now=now, move_on=move_on)
    # A draft that is left behind here says what is live already, and so changes nothing.
    with one_commit("drafts.publish"):
        exclusive("drafts")
        if rows.revision() == seen:
            _clear("publish", f"Published as version {row.id}: {why}", by, now)
    return row


def _side(change: DraftChangeRow, side: str) -> dict[str, str | None]:
    return {file: sides[side] for file, sides in change.files.items()}


def _taken_back(file: str, sides: Mapping[str, str | None]) -> str | None:
    """A file without one change of those made to it. None: no draft any more."""
    row = rows.one(*_kind_and_name(file))
    text, after = row.text if row else None, sides["after"]
    if text == after:
        return sides["before"]
    before = _live_text(file) if sides["before"] is None else sides["before"]
    if not (text and before and after):
        raise EditRefused("The file came or went with this change. Undo what was done since first.")
    return without(text, before, after)


def _clear(kind: str, what: str, by: str, now: datetime) -> None:
    drafted = [row for row in rows.every() if row.kind != "case"]
    _write({_file(row): None for row in drafted}, kind, what, by, now)


def _write(
    texts: Mapping[str, str | None],
    kind: str,
    what: str,
    by: str,
    now: datetime,
    of: int | None = None,
) -> int:
    """Write texts (None: no draft any more) and the change that says so."""
    found = {file: rows.one(*_kind_and_name(file)) for file in texts}
    files = {
        file: {"before": row.text if (row := found[file]) else None, "after": text}
        for file, text in texts.items()
    }
    change = DraftChangeRow(kind=kind, of=of, what=what, files=files, by=by, at=now)
    db.session.add(change)
    db.session.flush()
    for file, text in texts.items():
        row = found[file]
        if text is None:
            if row is not None:
                db.session.delete(row)
            continue
        if row is None:
            of_kind, name = _kind_and_name(file)
            live = release_rows.live_id()
            row = DraftRow(id=new_id(now), kind=of_kind, name=name, based_on=live)
            db.session.add(row)
        row.text, row.revision, row.by, row.updated_at = text, change.id, by, now
    return change.id


def _file(row: DraftRow) -> str:
    match row.kind:
        case "playbook":
            return PLAYBOOK
        case "case":
            return f"{CASES}{row.name}.yaml"
    return f"{row.name}.yaml"


def _kind_and_name(file: str) -> tuple[str, str]:
    if file == PLAYBOOK:
        return "playbook", "playbook"
    kind = "case" if file.startswith(CASES) else "flow"
    return kind, file.removeprefix(CASES).removesuffix(".yaml")


def _live_text(file: str) -> str | None:
    live = release_rows.live()
    return releases.texts_of(live.manifest).get(file) if live else None


def _other_text(row: DraftRow, live: ReleaseRow) -> bool:
    """Whether what is live now is another text than the one the draft began from."""
    began = release_rows.get(row.based_on) if row.based_on else None
    if began is None:
        return False
    manifests = (began.manifest, live.manifest)
    if row.kind == "playbook":
        first, second = (manifest["playbook"] for manifest in manifests)
    else:
        first, second = (manifest["flows"].get(row.name) for manifest in manifests)
    return bool(first != second)
