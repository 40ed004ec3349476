"""Publishing flows, and finding the release a conversation is held to."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from webapp.core.errors import BatonError
from webapp.core.flow import Release
from webapp.flow_files import load_texts
from webapp.services import audit
from webapp.store import conversations, trials
from webapp.store import releases as rows
from webapp.store.database import db, one_commit
from webapp.store.locks import exclusive
from webapp.store.releases import ReleaseRow, VersionRow

PLAYBOOK = "playbook.yaml"


class NothingPublished(LookupError):
    def __init__(self) -> None:
        super().__init__("No flows are published. Run baton flows publish --why TEXT.")


_LIVE = "the live release"


class AnotherIsLive(BatonError):
    def __init__(self, number: int) -> None:
        super().__init__(f"Release {number} is live by now. Read the flows again.")


def publish(
    texts: Mapping[str, str],
    *,
    by: str,
    why: str,
    now: datetime,
    replaces: int | None = None,
    move_on: bool = False,
    onto: int | None = None,
) -> ReleaseRow:
    """Make these texts, by file name, what every new conversation runs.

    Conversations that have begun stay with their release or, with ``move_on``, go on with this one
    from their next answer: until then the question they look at is the right one to answer.
    An A/B test that is running ends: what its challenger was tried against is live no more.
    Publishing what is live already changes nothing and returns the live release. ``replaces`` names
    the release whose texts are restored; ``onto``, the one these texts were made from, which must
    still be live.

    Raises: FlowError, with every problem of every text; AnotherIsLive. Then nothing is published.
    """
    texts = {file: text.removeprefix("\ufeff") for file, text in texts.items()}
    release = load_texts(texts)
    manifest = _manifest(release)
    with one_commit("releases.publish"):
        exclusive("releases.publish")
        live_now = rows.live()
        if live_now is not None and live_now.manifest == manifest:
            return live_now
        if onto is not None and live_now is not None and live_now.id != onto:
            raise AnotherIsLive(live_now.id)
        row = _add(manifest, texts, by=by, why=why, now=now)
        row.replaces_id = replaces
        _end_trials(row)
        detail = {"moving_on": conversations.move_on(row.id, now=now)} if move_on else None
        audit.append("flows.published", str(row.id), actor=by, now=now, detail=detail)
    return row


def challenge(
    base: ReleaseRow, texts: Mapping[str, str], *, by: str, why: str, now: datetime
) -> ReleaseRow:
    """Keep texts that are to be tried against what is live. Commits nothing.

    Raises: FlowError.
    """
    row = _add(_manifest(load_texts(texts)), texts, by=by, why=why, now=now)
    row.challenges_id = base.id
    db.session.flush()
    return row


def live() -> tuple[int, Release]:
    """The release that new conversations run, with its number; looked up once in a transaction, as
    a page asks for it time and again.

    Raises: NothingPublished.
    """
    session = db.session()
    looked_in, id, hash = session.info.get(_LIVE, (None, 0, ""))
    if looked_in is None or looked_in is not session.get_transaction():
        row = rows.live()
        if row is None:
            raise NothingPublished
        id, hash = row.id, row.hash
        session.info[_LIVE] = session.get_transaction(), id, hash
    return id, of_hash(hash)


def live_manifest() -> dict[str, Any]:
    """The hashes of the live texts. Raises: NothingPublished."""
    row = rows.live()
    if row is None:
        raise NothingPublished
    return row.manifest


def get(id: int) -> Release:
    """The release of this number. Raises: LookupError."""
    row = rows.get(id)
    if row is None:
        raise LookupError(f"There is no release {id}.")
    return of_hash(row.hash)


@lru_cache(maxsize=32)
def of_hash(hash: str) -> Release:
    """The release with these texts. Kept in the process: what a hash names never changes."""
    manifest = db.session.scalar(
        db.select(ReleaseRow.manifest).where(ReleaseRow.hash == hash).limit(1)
    )
    if manifest is None:
        raise LookupError(f"There is no release {hash}.")
    return load_texts(texts_of(manifest))


def texts_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a release by file name, as they were published."""
    files = {PLAYBOOK: manifest["playbook"]}
    files |= {f"{flow_id}.yaml": hash for flow_id, hash in manifest["flows"].items()}
    kept = rows.texts(list(files.values()))
    return {file: kept[hash].text for file, hash in files.items()}


def seed(folder: Path, *, now: datetime) -> ReleaseRow:
    """Publish the flows of a folder if nothing was ever published.

    Raises: FlowError.
    """
    row = rows.live()
    return row or publish(texts_in(folder), by="baton", why="The flows it came with", now=now)


def texts_in(folder: Path) -> dict[str, str]:
    """The playbook and flows of a folder, by file name."""
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*.yaml"))
        if path.name[0] not in "._"
    }


def _add(
    manifest: dict[str, Any], texts: Mapping[str, str], *, by: str, why: str, now: datetime
) -> ReleaseRow:
    _keep_texts(manifest, texts.values(), now)
    row = ReleaseRow(
        hash=_hash_of(json.dumps(manifest, sort_keys=True)),
        manifest=manifest,
        published_at=now,
        by=by,
        why=why,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _end_trials(by_this: ReleaseRow) -> None:
    by, why, now = by_this.by, by_this.why, by_this.published_at
    for trial in trials.running():
        challenger = db.session.get_one(ReleaseRow, trial.challenger_id)
        outcome = "published" if challenger.hash == by_this.hash else "overtaken"
        trials.end(trial, outcome, why=why, by=by, now=now)
        audit.append("trials.ended", trial.id, actor=by, now=now, detail={"outcome": outcome})


def _manifest(release: Release) -> dict[str, Any]:
    flows = {name: hash for name, hash in sorted(release.hashes.items()) if name != "playbook"}
    return {"playbook": release.hashes["playbook"], "flows": flows}


def _keep_texts(manifest: Mapping[str, Any], texts: Iterable[str], now: datetime) -> None:
    by_hash = {_hash_of(text): text for text in texts}
    names = {manifest["playbook"]: ("playbook", "playbook")}
    names |= {hash: ("flow", flow_id) for flow_id, hash in manifest["flows"].items()}
    known = rows.texts(list(names))
    db.session.add_all(
        VersionRow(hash=hash, kind=kind, name=name, text=by_hash[hash], created_at=now)
        for hash, (kind, name) in names.items()
        if hash not in known
    )


def _hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
