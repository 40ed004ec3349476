"""From what is kept beside a record its score, its lines and its route come out again, whatever
the playbook and the visitor, after years in a database."""

import json

import pytest
from hypothesis import given, settings

from tests.core.invented import NOW, releases, some_answers, visits
from tests.core.test_path_holds import decided
from tests.fixtures.injuries import often
from webapp.core import handoff
from webapp.core.decision import decide
from webapp.core.flow import Release
from webapp.core.inputs import inputs_hash, read_inputs, write_inputs
from webapp.core.situation import Visit
from webapp.core.values import Value

MANY = often(25, 100_000)


@pytest.mark.promise(10, MANY, "records derived again from what is kept beside them")
@pytest.mark.timeout(14_400)
@settings(max_examples=MANY)
@given(releases, visits, some_answers)
def test_a_record_comes_out_again_from_what_is_kept_beside_it(
    release: Release, visit: Visit, answers: dict[str, Value]
) -> None:
    then = decided(release, visit, answers)
    kept = json.dumps(write_inputs("flow", then.visit, then.answers))

    read, said = read_inputs(json.loads(kept), release.playbook)
    again = decide(release, "flow", read, said)

    assert inputs_hash(write_inputs("flow", read, said)) == inputs_hash(json.loads(kept))
    first, second = (
        json.dumps(handoff.record(each, id="r", created_at=NOW)) for each in (then, again)
    )
    assert first == second
