"""``baton flows``: check and test the flows of a folder, without a database."""

from pathlib import Path

import click

from webapp.cli import LazyGroup
from webapp.cli.problems import print_json, refuse
from webapp.core.errors import FlowError
from webapp.core.expectations import misses
from webapp.core.flow import Release
from webapp.core.simulate import simulate
from webapp.flow_files import load_release, read_case

FLOWS = "question_flows"

folder_argument = click.argument(
    "folder",
    metavar="[DIR]",
    default=FLOWS,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
json_option = click.option("--json", "for_programs", is_flag=True, help="Print JSON.")


def loaded(folder: Path, *, for_programs: bool = False) -> Release:
    """The flows of a folder; if they cannot be used, its problems are told and the command ends."""
    try:
        return load_release(folder)
    except FlowError as error:
        refuse(error.problems, for_programs=for_programs)


def case_files(folder: Path) -> list[Path]:
    """The cases that lie with the flows of a folder."""
    return sorted(path for path in (folder / "cases").glob("*.yaml") if path.name[0] != ".")


@click.group(
    cls=LazyGroup,
    lazily={
        "check": "webapp.cli.checking:check",
        "suggest-cases": "webapp.cli.suggesting:suggest_cases",
        "diff": "webapp.cli.changes:diff",
        "publish": "webapp.cli.publishing:publish",
        "export": "webapp.cli.publishing:export",
    },
)
def flows() -> None:
    """Check, test and publish question flows."""


@flows.command()
@folder_argument
@json_option
def test(folder: Path, *, for_programs: bool) -> None:
    """Run the cases of DIR and compare each with what it expects; exit 1 if one differs."""
    release = loaded(folder, for_programs=for_programs)
    files = case_files(folder)
    wrong = {path: found for path in files if (found := _differences(path, release))}
    for path, found in wrong.items():
        click.secho(path, fg="red", err=True)
        for difference in found:
            click.echo(f"  {difference}", err=True)
    good = len(files) - len(wrong)
    if for_programs:
        cases = [{"case": str(path), "differences": wrong.get(path, [])} for path in files]
        print_json({"ok": not wrong, "cases": cases})
    else:
        click.echo(f"{good} of {len(files)} cases as expected.")
    raise SystemExit(bool(wrong))


def _differences(path: Path, release: Release) -> list[str]:
    """Where a case comes out otherwise than its author expects, one sentence each."""
    try:
        case = read_case(path, release)
        return [str(miss) for miss in misses(release, case, simulate(release, case))]
    except FlowError as error:
        return [str(problem) for problem in error.problems]
