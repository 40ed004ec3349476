"""Visitors and where they end, as commands tell them to people."""

from collections.abc import Mapping
from textwrap import indent
from typing import Any

import click

from webapp.core.playbook import Playbook
from webapp.flow_files.case_text import case_text


def print_case(document: Mapping[str, Any], *, err: bool = False) -> None:
    """A visitor as a case file, set in."""
    click.echo(indent(case_text(document), "    "), nl=False, err=err)


def destination_label(playbook: Playbook, id: str) -> str:
    found = playbook.destinations.get(id)
    return str(found.label) if found and found.label else id
