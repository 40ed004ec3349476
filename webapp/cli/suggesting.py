"""``baton flows suggest-cases``: case files that cover every rule, gate, route and tier."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from webapp.cli.flows import folder_argument, json_option, loaded
from webapp.cli.limits import seconds_option, within
from webapp.cli.problems import count, print_json
from webapp.core.proof.suggest import Suggested, Suggestion, suggest
from webapp.flow_files.case_text import case_text

COLUMNS = 98


@click.command("suggest-cases")
@folder_argument
@click.option(
    "--to",
    "target",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write; DIR/cases if left out.",
)
@click.option("--replace", is_flag=True, help="Remove cases suggested there before.")
@seconds_option(60.0, "Time to look for visitors; what it leaves open is said.")
@json_option
def suggest_cases(
    folder: Path, target: Path | None, seconds: float, *, replace: bool, for_programs: bool
) -> None:
    """Write few cases that together cover every rule, gate, route, early end and tier of DIR.

    Each says what comes out today, so `baton flows test` passes at once: read them, keep what is
    meant so, and mend what is not. Exits 1 if something is covered by no case.
    """
    release = loaded(folder)
    target = target or folder / "cases"
    before = sorted(target.glob("*.suggested-*.yaml"))
    if before and not replace:
        there = count(len(before), "suggested case")
        raise click.ClickException(f"{target} has {there} already. --replace writes them anew.")
    found = suggest(release, within(seconds))
    for path in before:
        path.unlink()
    written = _write(found, target)
    if for_programs:
        print_json(_as_json(found, written))
    else:
        _print(found, written)
    raise SystemExit(bool(found.uncovered))


def _write(found: Suggestion, target: Path) -> dict[Path, Suggested]:
    target.mkdir(parents=True, exist_ok=True)
    written: dict[Path, Suggested] = {}
    used = Counter[str]()
    for case in found.cases:
        stem = f"{case.visitor.flow}.suggested-{case.decision.route.rule}"
        used[stem] += 1
        path = target / (f"{stem}.yaml" if used[stem] == 1 else f"{stem}-{used[stem]}.yaml")
        path.write_text(_text(case), encoding="utf-8")
        written[path] = case
    return written


def _text(case: Suggested) -> str:
    said = wrap(f"Suggested to cover {_covers(case)}.", COLUMNS)
    return "".join(f"# {line}\n" for line in said) + case_text(case.document())


def _covers(case: Suggested) -> str:
    return ", ".join(goal.name for goal in case.covers)


def _print(found: Suggestion, written: dict[Path, Suggested]) -> None:
    for path, case in written.items():
        click.echo(f"{path}: {_covers(case)}")
    for each in found.uncovered:
        said = f"{each.goal.where}: not covered: {each.goal.name}: {each.why}."
        click.secho(said, fg="yellow", err=True)
    click.echo(" ".join(_summary(found)))


def _summary(found: Suggestion) -> Iterator[str]:
    covered = sum(len(case.covers) for case in found.cases)
    total = covered + len(found.uncovered)
    yield f"{count(len(found.cases), 'case')} for {covered} of {total} rules, gates, routes,"
    yield "early ends and tiers."
    if found.cases and len(found.cases) == found.fewest:
        yield "Fewer cannot."
    elif found.cases:
        yield f"At least {found.fewest} are needed; whether fewer would do was not worked out."


def _as_json(found: Suggestion, written: dict[Path, Suggested]) -> dict[str, Any]:
    return {
        "ok": not found.uncovered,
        "cases": [
            {"case": str(path), "covers": [goal.name for goal in case.covers]}
            for path, case in written.items()
        ],
        "at_least": found.fewest,
        "uncovered": [{"what": each.goal.name, "why": each.why} for each in found.uncovered],
    }
