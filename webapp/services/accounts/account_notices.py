"""Mails to staff about their own account: when how they sign in changes they hear of it, whoever
changed it.

Nothing here commits: what was done and the mail about it stay together.
"""

from datetime import datetime

from webapp import catalogs
from webapp.core.errors import sentence
from webapp.core.wording import fill
from webapp.delivery import letters
from webapp.services.receivers import outbox
from webapp.store.staff import StaffRow

EVENT = "account.changed"

PASSWORD_CHANGED = sentence("Your password was changed")
PASSWORD_RESET = sentence("You were given a new one-time password")
CODES_ON = sentence("An authenticator app was set up for your sign-in")
CODES_OFF = sentence("Codes from an app are no longer asked for when you sign in")
RECOVERY_CODES_MADE = sentence("New recovery codes were made for you; the old ones are void")
RECOVERY_CODE_USED = sentence("Somebody signed in with one of your recovery codes")
PASSKEY_ADDED = sentence("A passkey was added to your account")
PASSKEY_REMOVED = sentence("A passkey was removed from your account")
SECOND_STEP_RESET = sentence("Your second step was taken away: your password alone lets you in")


def tell(row: StaffRow, what: str, *, now: datetime) -> None:
    """Tell the owner of an account what was done to it, in their language and on their clock."""
    say = catalogs.of(row.locale).gettext
    at = {"when": letters.when(now, row.timezone, row.locale)}
    letter = letters.written(
        "notice",
        say(what),
        to=row.email,
        at=now,
        locale=row.locale,
        headline=say(what),
        paragraphs=[
            fill(say("It was done on {when}."), at),
            say("If it was you, there is nothing to do. If not, tell an administrator at once."),
        ],
        tables=[],
        link=outbox.link("/account"),
        button=say("Your account"),
    )
    outbox.deliver(letter, EVENT, now=now, recipient=row.email)
