"""Who else there is: the person's other addresses, who may be the same, and their colleagues."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.services.people import merging
from webapp.services.people.merging import Suggestion
from webapp.services.sales.handoff_access import may_read
from webapp.store import handoffs, leads
from webapp.store.handoffs import HandoffRow
from webapp.store.leads import LeadRow
from webapp.store.staff import StaffRow


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague with their newest handoff, if there is one; ``readable`` says whether the reader
    may open it."""

    lead: LeadRow
    handoff: HandoffRow | None
    readable: bool


@dataclass(frozen=True, slots=True)
class Company:
    """``also`` are the leads merged with this one."""

    also: Sequence[LeadRow] = ()
    suggested: Sequence[Suggestion] = ()
    committee: Sequence[Member] = ()


def company_of(lead_id: str | None, actor: StaffRow) -> Company:
    """What is shown of others beside one lead."""
    lead = leads.get(lead_id) if lead_id else None
    if lead is None:
        return Company()
    suggested = merging.suggestions(lead)
    perhaps = {each.lead.id for each in suggested}
    others = [each for each in leads.colleagues(lead) if each.id not in perhaps]
    newest = handoffs.newest_of([each.id for each in others])
    return Company(
        also=[each for each in leads.family(lead) if each is not lead],
        suggested=suggested,
        committee=[
            Member(each, row, row is not None and may_read(row, actor))
            for each in others
            for row in [newest.get(each.id)]
        ],
    )
