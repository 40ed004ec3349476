"""YAML <-> core: reads playbooks, flows and cases into frozen values, or says all that is wrong."""

from webapp.flow_files.case import load_case, read_case
from webapp.flow_files.releases import (
    check_release,
    check_texts,
    load_condition,
    load_flow,
    load_playbook,
    load_release,
    load_texts,
)

__all__ = [
    "check_release",
    "check_texts",
    "load_case",
    "load_condition",
    "load_flow",
    "load_playbook",
    "load_release",
    "load_texts",
    "read_case",
]
