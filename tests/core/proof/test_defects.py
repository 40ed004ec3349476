"""Every kind of defect, planted in flows that are known to be good, is found and shown."""

import pytest

from tests.core.proof.defects import ASKS, found_refuted, planted, proof_of, small, starter
from webapp.core.proof.report import Proof

PLANTED = planted()


def proved(
    book: dict[str, str | None] | None = None, demo: dict[str, str | None] | None = None
) -> Proof:
    return proof_of(small(book, demo))


def test_the_small_flow_is_good() -> None:
    proof = proved()
    assert [finding.sentence for finding in proof.findings] == []
    assert all(proof.verdict(point) == "proved" for point in range(1, 9))


@pytest.mark.parametrize("defect", PLANTED)
def test_what_cannot_be_meant_so_is_found_and_shown(defect: str) -> None:
    each = PLANTED[defect]
    proof = proof_of(each.texts)
    for point, sentence in each.expected:
        found_refuted(proof, point, sentence, each.file)


def test_a_tier_nobody_attains_comes_with_whoever_is_nearest() -> None:
    proof = proved(book={"tiers": "[{id: hot, from: 11}, {id: warm, from: 10}, {id: cold}]"})
    finding = found_refuted(
        proof,
        4,
        "Nobody can attain the tier `hot`: it begins at 11, and the greatest score is 10.",
        "playbook.yaml",
    )
    assert finding.visitor is not None
    assert finding.visitor.answers["role"] == "chief"


def test_an_early_end_that_takes_all_of_a_rule_with_its_name_is_told_from_it() -> None:
    proof = proved(demo={"finish_when": "[{id: hot, when: {role: chief}, to: later}]"})
    says = "Routing rule `hot` never decides: everybody it would send to `sales` is taken by the "
    found_refuted(proof, 2, f"{says}early end `hot` before.", "playbook.yaml")


def test_what_only_some_may_know_beforehand_is_told_apart() -> None:
    """A question for people of whom the country is known, which no flow asks."""
    question = "{property: size, ask: Size?, when: {country: DE}}"
    proof = proved(demo={"questions": f"{ASKS}, {question}]"})
    assert proof.verdict(1) == "proved"
    [note] = [finding for finding in proof.notes if finding.point == 1]
    assert "Nobody who comes for the first time is asked “Size?”" in note.sentence
    assert note.visitor is not None
    assert [known.property for known in note.visitor.known] == ["country"]


def test_unknown_that_is_handled_is_no_defect() -> None:
    question = (
        "{property: size, ask: Size?, when: {any: [{seats: {known: false}}, "
        "{seats: {at_least: 5}}]}}, {property: seats, ask: N?}"
    )
    assert proved(demo={"questions": f"{ASKS}, {question}]"}).verdict(6) == "proved"


def test_the_starter_is_good() -> None:
    proof = proof_of(dict(starter()))
    assert [each.sentence for each in (*proof.refuted, *proof.not_proved)] == []
