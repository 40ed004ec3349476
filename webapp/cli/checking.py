"""``baton flows check``: whether flows can be used, and what is proved about all their visitors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from webapp.cli.examples import destination_label, print_case
from webapp.cli.flows import case_files, folder_argument, json_option
from webapp.cli.limits import seconds_option, within
from webapp.cli.numbers import classes
from webapp.cli.problems import as_json, count, print_json, print_problems
from webapp.core.errors import FlowError, Problem
from webapp.core.flow import Release
from webapp.core.playbook import Playbook
from webapp.core.proof.prove import prove
from webapp.core.proof.report import Extreme, Finding, FlowReport, Proof, Spread
from webapp.core.proof.told import POINTS
from webapp.flow_files import check_release, read_case
from webapp.flow_files.case_text import case_text

COLOURS = {"refuted": "red", "not proved": "yellow", "proved": "green"}


@click.command()
@folder_argument
@seconds_option(20.0, "Time for the proof; what it leaves open is not proved.")
@click.option("--allow-unproved", is_flag=True, help="Exit 0 also if something is not proved.")
@click.option(
    "--visitors",
    "saved_to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save the visitor of each finding as a case in DIR.",
)
@json_option
def check(
    folder: Path,
    seconds: float,
    saved_to: Path | None,
    *,
    allow_unproved: bool,
    for_programs: bool,
) -> None:
    """Say all that is wrong with the flows in DIR, and prove what holds for every visitor.

    Exits 1 if the flows or a case beside them cannot be used, if a point is refuted, or if one is
    not proved.
    """
    release, problems = check_release(folder)
    spoilt = _problems_of_cases(folder, release) if release else []
    problems = [*problems, *spoilt]
    print_problems(problems)
    proof = prove(release, within(seconds)) if release else None
    if saved_to and proof:
        _save(proof, saved_to)
    if for_programs:
        listed = [as_json(problem) for problem in problems]
        flows = sorted(release.flows) if release else []
        good = proof is not None and not (proof.refuted or proof.not_proved or spoilt)
        document = {"ok": good, "flows": flows, "problems": listed}
        print_json({**document, "proof": _as_json(proof) if proof else None})
    elif release and proof:
        click.echo(f"{count(len(release.flows), 'flow')} and the playbook can be used.")
        _print(release, proof)
    else:
        errors = sum(problem.severity == "error" for problem in problems)
        click.echo(f"{count(errors, 'problem')} to fix before these flows can be used.")
    failed = proof is None or proof.refuted or (proof.not_proved and not allow_unproved) or spoilt
    raise SystemExit(bool(failed))


def _problems_of_cases(folder: Path, release: Release) -> list[Problem]:
    """What is wrong with the personas beside the flows; whether they come out as expected is for
    ``baton flows test`` to say."""
    found: list[Problem] = []
    for path in case_files(folder):
        try:
            read_case(path, release)
        except FlowError as error:
            found += error.problems
    return found


def _save(proof: Proof, folder: Path) -> None:
    """Each visitor as a case, named for the point and the flow."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, finding in enumerate(proof.findings, 1):
        if finding.visitor:
            name = f"{finding.visitor.flow}.point-{finding.point}-{number}.yaml"
            text = f"# {finding.sentence}\n{case_text(finding.visitor.document())}"
            (folder / name).write_text(text, encoding="utf-8")


# For people


def _print(release: Release, proof: Proof) -> None:
    for finding in (*proof.refuted, *proof.not_proved):
        said = f"{finding.where}: {finding.kind}: {finding.sentence}"
        click.secho(said, fg=COLOURS[finding.kind], err=True)
        if finding.visitor:
            print_case(finding.visitor.document(), err=True)
            click.echo(err=True)
    click.echo()
    for point, says in POINTS.items():
        verdict = proof.verdict(point)
        click.echo(f"{click.style(f'{verdict:<10}', fg=COLOURS[verdict])}  {point} {says}")
    for flow in proof.flows:
        notes = [each for each in proof.notes if each.flow == flow.flow]
        click.echo("\n" + "\n".join(_flow(release.playbook, flow, notes)))
    for note in proof.notes:
        if note.flow is None:
            click.echo(f"\n{note.where}: {note.sentence}")


def _flow(playbook: Playbook, flow: FlowReport, notes: list[Finding]) -> Iterator[str]:
    yield click.style(flow.flow, bold=True)
    if flow.fresh and flow.anybody:
        yield f"  {'':<10}{'new visitors':<26}anybody"
        for name, low, high in (("questions", "fewest", "most"), ("score", "least", "greatest")):
            new, all_ = (_range(each, low, high) for each in (flow.fresh, flow.anybody))
            yield f"  {name:<10}{new:<26}{all_}"
    if flow.classes:
        ends = ", ".join(
            f"{destination_label(playbook, share.destination)} "
            f"{_percent(share.classes, flow.classes)}"
            for share in flow.shares
        )
        yield f"  {'ends at':<10}{ends} of {classes(flow.classes)}"
    if flow.uncounted:
        yield f"  {'ends at':<10}not counted: the time given ran out"
    idle = {use.question: use.uses for use in flow.uses if use.only_the_rep}
    if idle:
        yield f"  only the rep reads {', '.join(idle)}"
    for note in notes:
        yield f"  {note.where}: {note.sentence}"


def _range(spread: Spread, low: str, high: str) -> str:
    least = _number(getattr(spread, low), "at least")
    return f"{least} to {_number(getattr(spread, high), 'at most')}"


def _number(extreme: Extreme, bound: str) -> str:
    if extreme.open_ended:
        return "any"
    return str(extreme.number) if extreme.visitor else f"{bound} {extreme.number}"


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    return f"{share:.0f} %" if share >= 1 else "under 1 %"


# For programs


def _as_json(proof: Proof) -> dict[str, Any]:
    points = [{"point": n, "says": POINTS[n], "verdict": proof.verdict(n)} for n in POINTS]
    return {
        "points": points,
        "findings": [_finding_as_json(each) for each in proof.findings],
        "flows": [_flow_as_json(each) for each in proof.flows],
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    where = finding.where
    return {
        "point": finding.point,
        "kind": finding.kind,
        "file": where.file,
        "line": where.line,
        "column": where.column,
        "says": finding.sentence,
        "flow": finding.flow,
        "visitor": finding.visitor.document() if finding.visitor else None,
        "remedy": finding.remedy,
    }


def _flow_as_json(flow: FlowReport) -> dict[str, Any]:
    return {
        "flow": flow.flow,
        "new_visitors": _spread_as_json(flow.fresh),
        "anybody": _spread_as_json(flow.anybody),
        "classes": None if flow.uncounted else flow.classes,
        "ends_at": {share.destination: share.classes for share in flow.shares},
        "uses": {use.question: list(use.uses) for use in flow.uses},
    }


def _spread_as_json(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    return {
        "questions": {
            "fewest": _extreme_as_json(spread.fewest),
            "most": _extreme_as_json(spread.most),
        },
        "score": {
            "least": _extreme_as_json(spread.least),
            "greatest": _extreme_as_json(spread.greatest),
        },
    }


def _extreme_as_json(extreme: Extreme) -> dict[str, Any]:
    return {
        "number": extreme.number,
        "open_ended": extreme.open_ended,
        "visitor": extreme.visitor.document() if extreme.visitor else None,
    }
