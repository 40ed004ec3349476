"""An installation in a folder of its own, and somebody who types commands there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.cli import main

Operator = Callable[..., Result]
NOT_SET = ("BATON_DATABASE_URL", "BATON_ENV", "BATON_BASE_URL", "BATON_SMTP_URL")


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, named in the environment."""
    monkeypatch.setenv("BATON_DATA_DIR", str(tmp_path / "data"))
    for name in NOT_SET:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def typed(*words: str | Path, data_dir: Path | None = None) -> Result:
    """What comes of ``baton`` with these words, in the environment's installation or another."""
    elsewhere: dict[str, str | None] = dict.fromkeys(NOT_SET)
    environment = {**elsewhere, "BATON_DATA_DIR": str(data_dir)} if data_dir else None
    result = CliRunner().invoke(main, [str(word) for word in words], env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def operator(installation: Path) -> Operator:
    """Runs ``baton`` with these words."""
    return typed


@pytest.fixture(scope="session")
def upgraded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to copy, as ``baton db upgrade`` left it."""
    folder = tmp_path_factory.mktemp("upgraded") / "data"
    assert typed("db", "upgrade", data_dir=folder).exit_code == 0
    return folder


@pytest.fixture
def upgraded(operator: Operator, installation: Path, upgraded_once: Path) -> Operator:
    """Runs ``baton`` where the database is there already."""
    shutil.copytree(upgraded_once, installation / "data")
    return operator
