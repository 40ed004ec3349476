"""`make controls`: take out one control after the other, in a copy, and see its tests fail."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.controls.listed import ROOT, Control, controls, stale

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "data", "__pycache__", ".*_cache")


def main(wanted: list[str]) -> int:
    """Try all, or those whose name or file holds one of the words; how many stayed unnoticed."""
    chosen = [each for each in controls() if not wanted or _meant(each, wanted)]
    if not chosen:
        print(f"No control is called {' or '.join(wanted)}.")
        return 1
    if old := [problem for each in chosen if (problem := stale(each))]:
        print(*old, sep="\n")
        return len(old)
    with tempfile.TemporaryDirectory(prefix="baton-controls-") as folder:
        tree = Path(folder) / "baton"
        shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
        whole = _failed(tree, sorted({test for each in chosen for test in each.tests}))
        if whole:
            print(f"Before anything was taken out: {whole}")
            return 1
        print("| taken out | test | |\n|---|---|---|", flush=True)
        unnoticed = 0
        for each in chosen:
            file = tree / each.file
            text = file.read_text(encoding="utf-8")
            file.write_text(each.taken_out(text), encoding="utf-8")
            for test in each.tests:
                seen = _failed(tree, [test]) or "GREEN"
                unnoticed += seen != "red"
                print(f"| {each.name} | `{test}` | {seen} |", flush=True)
            file.write_text(text, encoding="utf-8")
    print(f"\n{len(chosen)} taken out, {unnoticed} unnoticed.")
    return unnoticed


def _meant(control: Control, wanted: list[str]) -> bool:
    return any(word in f"{control.name} {control.file}" for word in wanted)


def _failed(tree: Path, tests: list[str]) -> str:
    """``red`` if a test failed, what else went wrong, or nothing."""
    # Importing schemathesis is a fifth of what most of these tests take.
    without = ["-p", "no:cacheprovider", "-p", "no:schemathesis"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", *without, *tests],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode == 0:
        return ""
    if ran.returncode == 1 and re.search("^FAILED ", ran.stdout, re.MULTILINE):
        return "red"
    return f"did not run:\n{ran.stdout[-3000:]}{ran.stderr[-1000:]}"


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
