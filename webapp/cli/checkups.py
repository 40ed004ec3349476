"""A checkup of flows, for people and for programs."""

from typing import Any

import click
import yaml

from webapp.core.checkup import Finding, Report

POINTS = {
    1: "every question can be reached",
    2: "every condition and route tells visitors apart",
    3: "every destination is served",
    4: "every tier can be attained",
    5: "whoever goes to sales can be reached",
    6: "nothing is read before it is asked",
}


def print_report(report: Report) -> None:
    """What is proved in a line each; what is not, with place, sentence and visitor."""
    for point, title in POINTS.items():
        mine = [each for each in report.findings if each.point == point]
        bad = [each for each in mine if each.status != "proved"]
        click.echo(f"{'✓' if not bad else '✗'} {point} {title} ({len(mine) - len(bad)} proved)")
        for each in bad:
            click.echo(_told(each), err=True)
    for name, facts in report.flows.items():
        ends = ", ".join(f"{to} {n}" for to, n in facts.ends_at.items())
        click.echo(
            f"  {name}: {facts.fewest} to {facts.most} questions, "
            f"{facts.least_score} to {facts.greatest_score} points; of those tried: {ends}"
        )
    idle = [name for name, uses in report.uses.items() if uses == ("only the rep reads it",)]
    if idle:
        click.echo(f"  only the rep reads: {', '.join(idle)}")


def report_as_json(report: Report) -> dict[str, Any]:
    return {
        "findings": [
            {
                "point": each.point,
                "status": each.status,
                "sentence": each.sentence,
                "file": each.where.file,
                "line": each.where.line,
                "column": each.where.column,
                "visitor": each.visitor.document() if each.visitor else None,
            }
            for each in report.findings
        ],
        "report": {
            name: {
                "fewest": facts.fewest,
                "most": facts.most,
                "least_score": facts.least_score,
                "greatest_score": facts.greatest_score,
                "ends_at": dict(facts.ends_at),
            }
            for name, facts in report.flows.items()
        },
        "uses": {name: list(uses) for name, uses in report.uses.items()},
    }


def _told(each: Finding) -> str:
    told = f"{each.where}: {each.status}: {each.sentence}"
    if each.visitor is not None and each.status == "refuted":
        case = yaml.safe_dump(each.visitor.document(), sort_keys=False, allow_unicode=True)
        told += "\n  This visitor shows it (save as a case and run baton simulate):\n"
        told += "".join(f"    {line}\n" for line in case.splitlines())
    return told
