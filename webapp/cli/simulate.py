"""``baton simulate``: what would happen to a visitor, without a database."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click

from webapp.cli.flows import FLOWS, json_option
from webapp.cli.problems import as_json, print_json, print_problems
from webapp.core.errors import FlowError
from webapp.core.simulate import simulate as result_of
from webapp.flow_files import load_release, read_case


@click.command()
@click.argument(
    "cases",
    metavar="CASE.yaml...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--flows",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The flows to use; else those the case lies with, else question_flows.",
)
@json_option
def simulate(cases: tuple[Path, ...], folder: Path | None, *, for_programs: bool) -> None:
    """Run saved visitors through the flows and show what would happen to each.

    Several cases are printed as JSON, one object a line.
    """
    as_lines, failed = for_programs or len(cases) > 1, False
    for path in cases:
        try:
            release = _release(folder or _folder_of(path))
            case = read_case(path, release)
            result = result_of(release, case)
        except FlowError as error:
            failed = True
            print_problems(error.problems)
            if as_lines:
                listed = [as_json(problem) for problem in error.problems]
                print_json({"case": str(path), "problems": listed})
            continue
        if as_lines:
            print_json(result)
        else:
            click.echo("\n".join(_said(result)))
    raise SystemExit(failed)


_release = cache(load_release)


def _folder_of(case: Path) -> Path:
    """Where a case's flows lie: beside its folder, or in the usual place."""
    own = case.absolute().parent.parent
    return own if (own / "playbook.yaml").is_file() else Path(FLOWS)


def _said(result: dict[str, Any]) -> Iterator[str]:
    """The result for people, the verdict first."""
    route, score, guidance = result["route"], result["score"], result["guidance"]
    settled = "settled" if result["tier_settled"] else "not settled"
    waiting = f" for {result['waiting_for']}" if "waiting_for" in result else ""
    yield f"Route       {route['to']}, by rule {route['rule']}: {route['because']}"
    yield f"Tier        {result['tier']} ({settled}), ideal customer: {result['icp']}"
    yield (
        f"Score       {score['total']} = fit {score['fit']} + intent {score['intent']}; "
        f"known {score['known']}, inferred {score['inferred']}; "
        f"between {score['low']} and {score['high']}"
    )
    for line in score["lines"]:
        status = "" if line["status"] == "known" else f" [{line['status']}]"
        yield f"  {line['points']:+4d}  {line['rule']}: {line['because']}{status}"
    for gate in result["disqualifiers"]:
        yield f"Gate        {gate['id']} ({gate['gate']}): {gate['result']}"
    yield f"Asked       {', '.join(result['asked']) or 'nothing'}; {result['ended']}{waiting}"
    for name in ("skipped", "set_aside"):
        if result[name]:
            yield f"{name.replace('_', ' ').capitalize():<12}{', '.join(result[name])}"
    if guidance["next_action"]:
        yield f"Next        {guidance['next_action']}"
    for name in ("talking_points", "red_flags"):
        for each in guidance[name]:
            yield f"{name.replace('_', ' ').capitalize()[:-1]:<14}{each}"
