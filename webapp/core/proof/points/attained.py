"""Point 4: every tier can be attained, by somebody in some flow."""

from collections.abc import Iterator
from functools import partial

from webapp.core.decision import Decision
from webapp.core.playbook import Tier
from webapp.core.proof.inquiry import Inquiry
from webapp.core.proof.report import Finding
from webapp.core.proof.survey import Survey

POINT = 4


def check(inquiry: Inquiry) -> Iterator[Finding]:
    surveys = list(inquiry.surveys(fresh=False))
    for tier in inquiry.release.playbook.tiers:
        if inquiry.anybody_met(partial(_attains, tier)):
            continue
        possible = [s for s in surveys if s.has_total(partial(_within, inquiry, tier))]
        if any(_shown(inquiry, survey, tier) for survey in possible):
            continue
        name = f"“{tier.label}”" if tier.label else f"`{tier.id}`"
        if possible or not inquiry.complete:
            what = f"No visitor was found who attains the tier {name}."
            yield Finding(POINT, "not proved", tier.where, what)
            continue
        yield _unattained(inquiry, surveys, tier, name)


def _attains(tier: Tier, decision: Decision) -> bool:
    return decision.tier.id == tier.id


def _within(inquiry: Inquiry, tier: Tier, total: int) -> bool:
    return inquiry.release.playbook.tier_of(total) is tier


def _shown(inquiry: Inquiry, survey: Survey, tier: Tier) -> bool:
    inquiry.tick()
    shown = survey.shown_points(partial(_within, inquiry, tier), partial(_attains, tier))
    return inquiry.meet(shown) is not None


def _unattained(inquiry: Inquiry, surveys: list[Survey], tier: Tier, name: str) -> Finding:
    """Show who comes nearest: the greatest score there is, or the least."""
    sign = (
        1
        if surveys and not any(s.has_total(lambda n: n >= (tier.least or n)) for s in surveys)
        else -1
    )
    found = [survey.extreme(sign) for survey in surveys]
    number, shown = max(found, key=lambda each: each[0] * sign)
    bound = "greatest" if sign > 0 else "least"
    begins = f" begins at {tier.least}" if tier.least is not None else " takes what is left"
    what = f"Nobody can attain the tier {name}: it{begins}, and the {bound} score is {number}."
    if shown is None:
        return Finding(POINT, "not proved", tier.where, what)
    inquiry.meet(shown)
    visitor = shown.visitor
    return Finding(POINT, "refuted", tier.where, what, visitor.flow, visitor)
