"""Ringing the right people when a visitor asks for one of them: at once while they work, else to
call back when they do."""

from datetime import datetime
from typing import Any

from webapp import catalogs
from webapp.core import assignment as core
from webapp.core.decision import Decision
from webapp.core.playbook import Team
from webapp.core.wording import fill
from webapp.core.working_hours import next_open
from webapp.delivery import letters
from webapp.services import outbox, releases, suppression
from webapp.services.leads import email_key
from webapp.store import leads, staff
from webapp.store.database import db
from webapp.store.visitors import VisitorRow


def ring(decision: Decision, row: Any, *, now: datetime) -> None:
    """Tell the team that covers this visitor that they ask for a person; nobody of one who must not
    be contacted. ``row`` is their conversation's. Commits nothing."""
    if not rings(decision, row):
        return
    team, opens = team_for(decision), back_at(decision, now)
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
        came_for = fill(say("They came for: {flow}. So far {points} points, {tier}."), so_far)
        if opens is None:
            subject = say("Somebody on the site would like to talk to a person")
            headline = fill(say("{who} would like to talk to a person, now"), {"who": who})
            what = [say("Step in and they see your name; hand back and the questions go on.")]
            button = say("Step in")
        else:
            when = letters.when(opens, _zone(address, team), locale)
            subject = fill(
                say("Call back from {when}: somebody asked for a person"), {"when": when}
            )
            headline = fill(
                say("{who} asked to talk to a person: call back from {when}"),
                {"who": who, "when": when},
            )
            what = [
                say(
                    "They asked outside your working hours. They were told when the team is back, "
                    "to go on with the questions, and that we will be in touch."
                ),
                say("How to reach them stands with their answers, once they have said it."),
            ]
            button = say("See what they said")
        outbox.deliver(
            letters.written(
                "notice",
                subject,
                to=address,
                at=now,
                locale=locale,
                headline=headline,
                paragraphs=[came_for, *what],
                tables=[],
                link=outbox.link(f"/desk/live/{row.id}"),
                button=button,
            ),
            "person.asked",
            now=now,
            recipient=address,
        )


def rings(decision: Decision, row: Any) -> bool:
    """Whether anybody is told when this visitor asks for a person: nobody is of those who must not
    be contacted, by the address they gave or, before they did, by who was last in their browser."""
    if row.demo:
        return True
    asked = decision.playbook.email_property
    email = decision.situation.profile.value(asked.id) if asked else None
    if email is None:
        visitor = db.session.get(VisitorRow, row.visitor_id) if row.visitor_id else None
        found = suppression.of_lead(row.lead_id or (visitor.lead_id if visitor else None))
    else:
        known = leads.by_email_key(email_key(str(email)))
        found = suppression.of_addresses([str(email)])
        found = found or suppression.of_lead(known.id if known else None)
    return found is None


def back_at(decision: Decision, now: datetime) -> datetime | None:
    """When somebody of the team that covers this visitor works again; None while they do."""
    team = team_for(decision)
    if team is None:
        return None
    _, live = releases.live()
    opens = next_open(now, team.hours, team.holidays, live.playbook.timezone)
    return opens if opens > now else None


def team_for(decision: Decision) -> Team | None:
    """The team that covers this visitor, as the teams are now."""
    _, live = releases.live()
    return core.covering(live.playbook.teams, decision.situation, [])


def _zone(address: str, team: Team | None) -> str:
    reader = staff.by_email(address)
    if reader is not None and reader.timezone:
        return reader.timezone
    hours = team.hours if team else None
    return hours.timezone if hours else releases.live()[1].playbook.timezone
