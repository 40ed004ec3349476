"""Ringing the right people when a visitor asks for one of them."""

from datetime import datetime

from webapp import catalogs
from webapp.core import assignment as core
from webapp.core.decision import Decision
from webapp.core.playbook import Team
from webapp.core.wording import fill
from webapp.delivery import letters
from webapp.services import outbox, releases
from webapp.store import staff


def ring(decision: Decision, conversation_id: str, *, now: datetime) -> None:
    """Tell the team that covers this visitor that they ask for a person. Commits nothing."""
    team = team_for(decision)
    people = [rep.email for rep in team.reps] if team else outbox.admins()
    first_name = decision.situation.profile.value("first_name")
    for address in dict.fromkeys(people):
        locale = staff.locale_of(address)
        say = catalogs.of(locale).gettext
        who = str(first_name or say("A visitor"))
        so_far = {
            "flow": decision.flow.title.to(locale),
            "points": str(decision.score.total),
            "tier": decision.tier.label.to(locale) if decision.tier.label else decision.tier.id,
        }
        outbox.deliver(
            letters.written(
                "notice",
                say("Somebody on the site would like to talk to a person"),
                to=address,
                at=now,
                locale=locale,
                headline=fill(say("{who} would like to talk to a person, now"), {"who": who}),
                paragraphs=[
                    fill(say("They came for: {flow}. So far {points} points, {tier}."), so_far),
                    say("Step in and they see your name; hand back and the questions go on."),
                ],
                tables=[],
                link=outbox.link(f"/desk/live/{conversation_id}"),
                button=say("Step in"),
            ),
            "person.asked",
            now=now,
            recipient=address,
        )


def team_for(decision: Decision) -> Team | None:
    """The team that covers this visitor, as the teams are now."""
    _, live = releases.live()
    return core.covering(live.playbook.teams, decision.situation, [])
