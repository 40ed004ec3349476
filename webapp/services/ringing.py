"""Ringing the right people when a visitor asks for one of them."""

from datetime import datetime

from webapp.core import assignment as core
from webapp.core.decision import Decision
from webapp.core.playbook import Team
from webapp.delivery import letters
from webapp.services import outbox, releases


def ring(decision: Decision, conversation_id: str, *, now: datetime) -> None:
    """Tell the team that covers this visitor that they ask for a person. Commits nothing."""
    team = team_for(decision)
    people = [rep.email for rep in team.reps] if team else outbox.admins()
    first_name = decision.situation.profile.value("first_name")
    for address in dict.fromkeys(people):
        outbox.deliver(
            letters.written(
                "notice",
                "Somebody on the site would like to talk to a person",
                to=address,
                at=now,
                headline=f"{first_name or 'A visitor'} would like to talk to a person, now",
                paragraphs=[
                    f"They came for: {decision.flow.title}. So far {decision.score.total} points, "
                    f"{decision.tier.label or decision.tier.id}.",
                    "Step in and they see your name; hand back and the questions go on.",
                ],
                tables=[],
                link=outbox.link(f"/desk/live/{conversation_id}"),
                button="Step in",
            ),
            "person.asked",
            now=now,
            recipient=address,
        )


def team_for(decision: Decision) -> Team | None:
    """The team that covers this visitor, as the teams are now."""
    _, live = releases.live()
    return core.covering(live.playbook.teams, decision.situation, [])
