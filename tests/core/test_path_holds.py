"""What must be true of every path, whatever the flow, the visitor and their answers."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.invented import NOW, VALUES, releases, some_answers, visits
from webapp.core.decision import Decision, decide
from webapp.core.evidence import evidence
from webapp.core.flow import Release
from webapp.core.path import Answer, walk
from webapp.core.situation import Visit
from webapp.core.values import Value


def answered(answers: Mapping[str, Value | None]) -> dict[str, Answer]:
    return {name: Answer(value, NOW, order=n) for n, (name, value) in enumerate(answers.items())}


def decided(release: Release, visit: Visit, answers: Mapping[str, Value | None]) -> Decision:
    return decide(release, "flow", visit, answered(answers))


@given(releases, visits, some_answers)
def test_the_order_in_which_answers_were_given_does_not_matter(
    release: Release, visit: Visit, answers: dict[str, Value]
) -> None:
    turned = dict(reversed(answers.items()))

    one, other = decided(release, visit, answers), decided(release, visit, turned)

    assert [q.id for q in one.path.asked] == [q.id for q in other.path.asked]
    assert one.path.ended == other.path.ended
    assert one.route == other.route or one.route.rule == other.route.rule


@given(releases, visits, some_answers)
def test_answers_set_aside_count_for_nothing(
    release: Release, visit: Visit, answers: dict[str, Value]
) -> None:
    full = decided(release, visit, answers)
    kept = {name: value for name, value in answers.items() if name not in full.path.set_aside}

    bare = decided(release, visit, kept)

    assert [q.id for q in bare.path.asked] == [q.id for q in full.path.asked]
    assert bare.score.total == full.score.total
    assert bare.route.rule == full.route.rule


@given(releases, visits, some_answers)
def test_an_answer_taken_back_and_given_again_leaves_no_trace(
    release: Release, visit: Visit, answers: dict[str, Value]
) -> None:
    before = decided(release, visit, answers)
    other_goal = "save" if answers.get("goal") == "grow" else "grow"
    decided(release, visit, {**answers, "goal": other_goal})

    after = decided(release, visit, answers)

    assert after.path.asked == before.path.asked
    assert (after.score, after.score.lines) == (before.score, before.score.lines)
    for one, other in zip(after.score.lines, before.score.lines, strict=True):
        assert evidence(one.reads, after.situation) == evidence(other.reads, before.situation)


@given(releases, visits, some_answers)
def test_every_question_asked_was_due_and_is_asked_once(
    release: Release, visit: Visit, answers: dict[str, Value]
) -> None:
    path = decided(release, visit, answers).path
    properties = [question.property for question in path.asked]

    assert len(properties) == len(set(properties))
    assert set(properties).isdisjoint(path.set_aside) or path.next is not None
    budget = release.flows["flow"].ask_at_most
    if budget is not None:
        assert sum(not question.always for question in path.asked) <= budget
    if path.next is None:
        assert path.ended != "waiting"


@settings(max_examples=60, deadline=None)
@given(releases, visits, st.data())
def test_progress_never_promises_too_few_or_too_many_questions(
    release: Release, visit: Visit, data: st.DataObject
) -> None:
    """Answer at random to the end: what was left always lay between fewest and most."""
    answers: dict[str, Value | None] = {}
    spans: list[tuple[int, int, int]] = []
    while (path := decided(release, visit, answers).path).next is not None:
        question = path.next
        spans.append((path.progress.answered, path.progress.least_left, path.progress.most_left))
        options: list[Value | None] = list(VALUES[question.property])
        if not question.required:
            options.append(None)
        answers[question.property] = data.draw(st.sampled_from(options))

    total = len(path.asked)
    settled = release.flows["flow"].stop_when_settled
    for done, least, most in spans:
        assert total - done <= most
        assert settled or total - done >= least


@settings(max_examples=40, deadline=None)
@given(releases, visits)
def test_a_settled_route_is_never_changed_by_an_answer_to_come(
    release: Release, visit: Visit
) -> None:
    """Whatever would have been answered to the questions left out, the same rule decides."""
    flow = release.flows["flow"]
    stopping = Release(release.playbook, {"flow": replace(flow, stop_when_settled=True)})
    asking_on = Release(release.playbook, {"flow": replace(flow, stop_when_settled=False)})
    early = walk(stopping.playbook, stopping.flows["flow"], visit, {}, skip_missing=True)
    if early.ended != "settled":
        return
    rule = decide(stopping, "flow", visit, {}, skip_missing=True).route.rule
    put = {"email", *(q.property for q in early.asked)}  # these were skipped, not left out
    left = [q.property for q in flow.questions if q.property not in put][:3]
    for joint in product(*([None, *VALUES[name]] for name in left)):
        given_answers = {n: v for n, v in zip(left, joint, strict=True) if v is not None}
        on = decide(asking_on, "flow", visit, answered(given_answers), skip_missing=True)
        if on.path.ended != "waiting":
            assert on.route.rule == rule
