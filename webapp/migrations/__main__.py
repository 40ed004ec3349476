"""Write the one migration we have until the first release anew, from the rows."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate, revision

from webapp.store import database, schema, tables

if __name__ == "__main__":
    assert tables.metadata.tables
    for old in (schema.MIGRATIONS / "versions").glob("*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        app = Flask("webapp")
        database.init_app(app, f"sqlite:///{Path(folder) / 'empty.db'}")
        with app.app_context():
            Migrate(app, database.db, directory=str(schema.MIGRATIONS))
            revision(message="initial", autogenerate=True, rev_id="0001")
    ruff = shutil.which("ruff")
    assert ruff, "ruff, which formats the file, comes with pip install -e '.[test]'"
    for command in ("check --fix", "format"):
        subprocess.run([ruff, *command.split(), "-q", schema.MIGRATIONS], check=True)  # noqa: S603 - ours
