"""Ringing the right people when a visitor asks for one of them: at once while they work, else to
call back when they do."""

from datetime import datetime
from typing import Any

from webapp import catalogs
from webapp.core import assignment as core
from webapp.core.decision import Decision
from webapp.core.playbook import Team
from webapp.core.wording import fill
from webapp.delivery import letters
from webapp.services.flows import releases
from webapp.services.people import suppression
from webapp.services.people.leads import email_key
from webapp.services.receivers import outbox
from webapp.store import leads, staff
from webapp.store.database import db
from webapp.store.visitors import VisitorRow


def ring(decision: Decision, row: Any, *, now: datetime) -> None:
    """Tell the team that covers this visitor that they ask for a person; nobody of one who must not
    be contacted. ``row`` is their conversation's. Commits nothing."""
    if not rings(decision, row):
        return
    team, opens = team_for(decision), back_at(decision, row, now=now)
    link = outbox.link(f"/desk/live/{row.id}")
    people = [rep.email for rep in team.reps] if team else outbox.admins()
    for address in dict.fromkeys(people):
        reader = staff.by_email(address)
        locale = reader.locale if reader else None
        clock = outbox.clock_of(reader, team.id if team else None)
        when = letters.when(opens, clock, locale) if opens else None
        words = _words(decision, when, locale)
        mail = letters.written(
            "notice", to=address, at=now, locale=locale, tables=[], link=link, **words
        )
        outbox.deliver(mail, "person.asked", now=now, recipient=address)


def _words(decision: Decision, when: str | None, locale: str | None) -> dict[str, Any]:
    """What the mail says: to step in or, where nobody works, from ``when`` on to call back."""
    say = catalogs.of(locale).gettext
    who = str(decision.situation.profile.value("first_name") or say("A visitor"))
    so_far = {
        "flow": decision.flow.title.to(locale),
        "points": str(decision.score.total),
        "tier": decision.tier.label.to(locale) if decision.tier.label else decision.tier.id,
    }
    came_for = fill(say("They came for: {flow}. So far {points} points, {tier}."), so_far)
    if when is None:
        return {
            "subject": say("Somebody on the site would like to talk to a person"),
            "headline": fill(say("{who} would like to talk to a person, now"), {"who": who}),
            "paragraphs": [
                came_for,
                say("Step in and they see your name; hand back and the questions go on."),
            ],
            "button": say("Step in"),
        }
    named = {"who": who, "when": when}
    return {
        "subject": fill(say("Call back from {when}: somebody asked for a person"), named),
        "headline": fill(say("{who} asked to talk to a person: call back from {when}"), named),
        "paragraphs": [
            came_for,
            say(
                "They asked outside your working hours. They were told when the team is back, "
                "to go on with the questions, and that we will be in touch."
            ),
            say("How to reach them stands with their answers, once they have said it."),
        ],
        "button": say("See what they said"),
    }


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


def back_at(decision: Decision, row: Any, *, now: datetime) -> datetime | None:
    """When somebody of the team that covers this visitor works again, as the teams are now. Whoever
    tries the demo is that team, at any hour."""
    if row.demo:
        return None
    _, live = releases.live()
    return core.back_at(live.playbook, decision.situation, now)


def team_for(decision: Decision) -> Team | None:
    """The team that covers this visitor, as the teams are now."""
    _, live = releases.live()
    return core.covering(live.playbook.teams, decision.situation, [])
