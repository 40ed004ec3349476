"""A question whose condition reads what is asked only later goes below it, where that helps."""

import pytest

from tests.flow_files.small import flow, playbook
from webapp.core.proof.early import places_down
from webapp.flow_files import load_texts

ROLE = "{property: role, ask: R?}"
TOOLS = "{property: tools, ask: T?}"
SIZE = "{property: size, ask: S?, when: {role: chief}}"
ALL = "{property: size, ask: S?, when: {all: [{role: chief}, {tools: crm}]}}"
ITSELF = "{property: size, ask: S?, when: {size: s}}"
READS_SIZE = "{property: seats, ask: N?, when: {size: s}}"


@pytest.mark.parametrize(
    ("questions", "down"),
    [
        ([SIZE, ROLE], 1),
        ([ALL, ROLE, TOOLS], 2),
        ([ROLE, SIZE], 0),
        ([ITSELF, ROLE], 0),
        ([SIZE, READS_SIZE, ROLE], 0),
        ([SIZE, ROLE, READS_SIZE], 1),
    ],
)
def test_it_goes_below_all_that_its_condition_reads_and_upsets_no_other(
    questions: list[str], down: int
) -> None:
    texts = {"playbook.yaml": playbook(), "demo.yaml": flow(questions=f"[{', '.join(questions)}]")}
    release = load_texts(texts)
    assert places_down(release.playbook, release.flows["demo"], "size") == down
