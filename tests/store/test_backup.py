"""A copy of the database holds what was committed, on either database."""

import shutil
import subprocess
from pathlib import Path

import pytest

from webapp.store.backup import CannotBackUp, backup
from webapp.store.database import db, sqlite_module


@pytest.mark.usefixtures("in_app", "postgresql_programs")
def test_a_copy_holds_what_was_committed(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert backup(copy) == copy.stat().st_size
    if db.engine.dialect.name == "sqlite":
        with sqlite_module().connect(copy) as connection:
            [found] = connection.execute("SELECT count(*) FROM releases").fetchone()
        connection.close()
        assert found == 1
    else:
        command = [shutil.which("pg_restore") or "", "-f", "-", "-a", "-t", "releases", copy]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "The flows it came with" in told.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


@pytest.mark.usefixtures("in_app")
def test_a_copy_that_cannot_be_made_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name == "sqlite":
        monkeypatch.setattr(Path, "rename", _full)
        with pytest.raises(OSError, match="full"):
            backup(tmp_path / "copy")
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(CannotBackUp, match="pg_dump"):
            backup(tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def _full(*_: object) -> None:
    raise OSError("the disk is full")
