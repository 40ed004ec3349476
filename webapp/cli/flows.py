"""``baton flows``: check and test the flows of a folder, without a database."""

from pathlib import Path

import click

from webapp.cli import LazyGroup
from webapp.cli.checkups import print_report, report_as_json
from webapp.cli.problems import as_json, count, print_json, print_problems
from webapp.core import checkup
from webapp.core.case import Case
from webapp.core.errors import FlowError
from webapp.core.expectations import misses
from webapp.core.flow import Release
from webapp.core.simulate import simulate
from webapp.flow_files import check_release, load_release, read_case

FLOWS = "question_flows"

folder_argument = click.argument(
    "folder",
    metavar="[DIR]",
    default=FLOWS,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
json_option = click.option("--json", "for_programs", is_flag=True, help="Print JSON.")


@click.group(
    cls=LazyGroup,
    lazily={
        "publish": "webapp.cli.publishing:publish",
        "export": "webapp.cli.publishing:export",
    },
)
def flows() -> None:
    """Check, test and publish question flows."""


@flows.command()
@folder_argument
@json_option
@click.option("--allow-unproved", is_flag=True, help="Exit 0 where something is not proved.")
def check(folder: Path, *, for_programs: bool, allow_unproved: bool) -> None:
    """Say all that is wrong with the flows in DIR, and what is proved of them.

    Exit 1 if they cannot be used, if a visitor shows that something is amiss, or if something
    could not be proved (unless that is allowed).
    """
    release, problems = check_release(folder)
    print_problems(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    report = checkup.check(release, _personas(folder, release)) if release else None
    failed = report is None or bool(report.refuted)
    failed = failed or bool(report and report.not_proved and not allow_unproved)
    if for_programs:
        found = sorted(release.flows) if release else []
        listed = [as_json(problem) for problem in problems]
        document = {"ok": not failed, "flows": found, "problems": listed}
        print_json(document | (report_as_json(report) if report else {}))
    elif release and report:
        print_report(report)
        click.echo(f"{count(len(release.flows), 'flow')} and the playbook can be used.")
    else:
        click.echo(f"{count(errors, 'problem')} to fix before these flows can be used.")
    raise SystemExit(failed)


def _personas(folder: Path, release: Release) -> list[Case]:
    """The cases of the folder that can be read; ``baton flows test`` speaks of the others."""
    found = []
    for path in sorted(folder.glob("cases/*.yaml")):
        try:
            found.append(read_case(path, release))
        except FlowError:
            continue
    return found


@flows.command()
@folder_argument
@json_option
def test(folder: Path, *, for_programs: bool) -> None:
    """Run the cases of DIR and compare each with what it expects; exit 1 if one differs."""
    try:
        release = load_release(folder)
    except FlowError as error:
        print_problems(error.problems)
        raise SystemExit(1) from None
    files = sorted(path for path in (folder / "cases").glob("*.yaml") if path.name[0] != ".")
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
