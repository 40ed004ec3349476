"""The calls that prospects agreed on, as those who read of their leads are told of them."""

from webapp.core.agreed_call import AgreedCall
from webapp.core.staff_words import wait
from webapp.services.flows import releases
from webapp.store import meetings, staff
from webapp.store.handoffs import HandoffRow
from webapp.store.meetings import MeetingRow


def of(handoff: HandoffRow) -> AgreedCall | None:
    """The call that stands for a lead, on its team's clock; None where none was agreed."""
    row = meetings.standing([handoff.id]).get(handoff.id)
    return _told(handoff, row) if row is not None else None


def wait_of(handoff: HandoffRow) -> str:
    """How long its prospect may wait, in the words of what staff are told to do."""
    return wait(releases.get(handoff.record.release_id).playbook, handoff.record.destination)


def _told(handoff: HandoffRow, row: MeetingRow) -> AgreedCall:
    playbook = releases.live()[1].playbook
    caller = staff.by_email(row.rep_email) if row.rep_email != handoff.owner_email else None
    return AgreedCall(
        row.starts_at,
        row.ends_at,
        timezone=playbook.clock_of(playbook.team(handoff.team)),
        wait=wait_of(handoff),
        rep=caller.name or caller.email if caller else "",
    )
