"""``baton worker`` works until it is told to stop, and says goodbye."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.waiting import eventually
from webapp import create_app
from webapp.config import ROOT, Config
from webapp.store import heartbeats, schema


def test_a_worker_ends_in_order_when_told_to(tmp_path: Path) -> None:
    config = Config(
        secret_key="k" * 20 + "0123456789abcdef",
        database_url=f"sqlite:///{tmp_path / 'baton.db'}",
        data_dir=tmp_path,
        test=True,
    )
    app = create_app(config)
    with app.app_context():
        schema.upgrade()
    environ = {
        **os.environ, "BATON_DATA_DIR": str(tmp_path), "BATON_SECRET_KEY": config.secret_key
    }  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "worker"],
        cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    def beating() -> bool:
        with app.app_context():
            return heartbeats.newest("worker") is not None

    try:
        eventually(lambda: beating() or worker.poll() is not None)
        assert beating()
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
    finally:
        worker.kill()

    assert worker.returncode == 0
    assert "is running" in said
    assert not beating()
