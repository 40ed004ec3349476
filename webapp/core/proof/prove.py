"""The proof of a release: all eight points, and the figures of each flow."""

from collections.abc import Callable, Iterator

from webapp.core.errors import NOWHERE, Where
from webapp.core.flow import Release
from webapp.core.proof import figures
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.moments import OutOfTime, Tick, forever
from webapp.core.proof.points import attained, conditions, contact, order, reached, served
from webapp.core.proof.points.uses import uses
from webapp.core.proof.report import Finding, FlowReport, Proof
from webapp.core.proof.told import TIME_IS_UP

CHECKS: dict[int, Callable[[Inquiry], Iterator[Finding]]] = {
    1: reached.check,
    3: served.check,
    5: contact.check,
    4: attained.check,
    6: order.check,
    2: conditions.check,
}
"""In the order that lets later checks profit from visitors met earlier."""


def prove(release: Release, tick: Tick = forever) -> Proof:
    """Prove or refute every point; what ``tick`` leaves no time for is not proved."""
    inquiry = Inquiry(release, tick)
    findings: list[Finding] = []
    for point, check in CHECKS.items():
        findings += _checked(inquiry, point, check)
    flows = tuple(_figures(inquiry, findings))
    for flow_id, why in inquiry.unsurveyed.items():
        where = release.flows[flow_id].where
        for point in (1, 2, 3, 4, 5, 8):
            findings.append(Finding(point, "not proved", where, why, flow_id))
    order = {"refuted": 0, "not proved": 1, "note": 2}
    unique = {(f.point, f.kind, f.where, f.sentence, f.flow): f for f in findings}
    ordered = sorted(unique.values(), key=lambda f: (f.point, order[f.kind], f.where))
    return Proof(tuple(ordered), flows)


def _checked(
    inquiry: Inquiry, point: int, check: Callable[[Inquiry], Iterator[Finding]]
) -> Iterator[Finding]:
    try:
        yield from check(inquiry)
    except OutOfTime:
        yield Finding(point, "not proved", _start(inquiry.release), TIME_IS_UP)


def _figures(inquiry: Inquiry, findings: list[Finding]) -> Iterator[FlowReport]:
    for flow in inquiry.release.flows.values():
        try:
            found = figures.report(inquiry, flow)
        except OutOfTime:
            findings.append(Finding(8, "not proved", flow.where, TIME_IS_UP, flow.id))
            yield FlowReport(flow.id, uses=uses(inquiry.release.playbook, flow))
            continue
        if found.anybody is not None and found.anybody.most.visitor is None:
            number = found.anybody.most.number
            what = f"The longest path has at most {number} questions, but nobody was found on it."
            findings.append(Finding(8, "not proved", flow.where, what, flow.id))
        yield found


def _start(release: Release) -> Where:
    flows = iter(release.flows.values())
    return next((flow.where for flow in flows), NOWHERE)
