"""An installation in a folder of its own, and somebody who types commands there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.cli import main

Operator = Callable[..., Result]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, named in the environment."""
    monkeypatch.setenv("BATON_DATA_DIR", str(tmp_path / "data"))
    for name in ("BATON_DATABASE_URL", "BATON_ENV", "BATON_BASE_URL", "BATON_SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def operator(installation: Path) -> Operator:
    """Runs ``baton`` with these words."""

    def runs(*words: str | Path) -> Result:
        result = CliRunner().invoke(main, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return runs
