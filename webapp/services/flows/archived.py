"""Sites that are no longer used: put away and brought back; and who comes by one all the same."""

from datetime import datetime, timedelta

from webapp import catalogs
from webapp.core.wording import fill
from webapp.delivery import letters
from webapp.services import audit, throttle
from webapp.services.receivers import outbox
from webapp.services.throttle import Throttled
from webapp.store import staff
from webapp.store.database import one_commit
from webapp.store.sites import SiteRow

QUIET = timedelta(days=1)
EVENT = "site.still_used"


def archive(site: SiteRow, *, by: str, now: datetime) -> None:
    """Begin no new conversations there. Those that have begun go on, and nothing is removed."""
    with one_commit("archived.archive"):
        if site.archived_at is None:
            site.archived_at = now
            audit.append("site.archived", site.id, actor=by, now=now)


def bring_back(site: SiteRow, *, by: str, now: datetime) -> None:
    with one_commit("archived.bring_back"):
        if site.archived_at is not None:
            site.archived_at = None
            audit.append("site.brought_back", site.id, actor=by, now=now)


def somebody_came(site: SiteRow, *, now: datetime) -> None:
    """Tell the administrators, once a day for each site, that it is still used: who had its page
    open before, or whose page still shows it. Their answers are taken like any other's."""
    try:
        throttle.count(EVENT, site.id, most=1, within=QUIET, now=now)
    except Throttled:
        return
    with one_commit("archived.somebody_came"):
        for address in outbox.admins():
            locale = staff.locale_of(address)
            say = catalogs.of(locale).gettext
            named = {"site": site.name}
            mail = letters.written(
                "notice",
                fill(say("{site} is archived, and somebody answered there"), named),
                to=address,
                at=now,
                locale=locale,
                headline=fill(say("Somebody answered on {site}, which is archived"), named),
                paragraphs=[
                    say("What they said is taken as ever, and reaches a rep where it should."),
                    say(
                        "If more may come, bring the site back. If not, take our snippet out of "
                        "its pages."
                    ),
                ],
                tables=[],
                link=outbox.link(f"/studio/sites/{site.id}"),
                button=say("See the site"),
            )
            outbox.deliver(mail, EVENT, now=now, recipient=address)
