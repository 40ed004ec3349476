"""The time for a call that was agreed on after a record was written, in words for its reader."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from babel.dates import format_datetime

from webapp.core.clocks import zone
from webapp.core.errors import sentence
from webapp.core.wording import fill, locale_of

_YOURS = sentence("Call on {when}.")
_ANOTHERS = sentence("{rep} calls on {when}.")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?…。؟])\s+")


@dataclass(frozen=True, slots=True)
class AgreedCall:
    """A call from ``starts_at`` to ``ends_at``, told on the clock of ``timezone``.

    ``wait`` is how long they may wait as the record's advice words it; ``rep`` who calls, where
    that is somebody else than the lead's owner. ``say`` puts a sentence into the reader's
    language.
    """

    starts_at: datetime
    ends_at: datetime
    timezone: str
    wait: str
    rep: str = ""
    locale: str | None = None
    say: Callable[[str], str] = str

    def for_reader(
        self, timezone: str | None, locale: str | None = None, say: Callable[[str], str] = str
    ) -> "AgreedCall":
        return replace(self, timezone=timezone or self.timezone, locale=locale, say=say)

    @property
    def when(self) -> str:
        """ "Tuesday 24 Nov, 10:30 (Berlin)"."""
        clock = zone(self.timezone)
        at = format_datetime(
            self.starts_at, "EEEE d MMM, HH:mm", tzinfo=clock, locale=locale_of(self.locale)
        )
        return f"{at} ({clock.key.rpartition('/')[2].replace('_', ' ')})"

    def instead_of(self, advice: str) -> str:
        """What to do now: call then. Of the record's advice stays what does not speak of the wait
        that the agreed time replaces."""
        first = fill(
            self.say(_ANOTHERS if self.rep else _YOURS), {"when": self.when, "rep": self.rep}
        )
        return f"{first} {without(self.wait, advice)}".rstrip()


def without(wait: str, text: str) -> str:
    """A text without the sentences that speak of how long somebody may wait: the call was agreed
    on for another time."""
    return "\n".join(
        " ".join(each for each in _BETWEEN_SENTENCES.split(line) if wait not in each)
        for line in text.split("\n")
    )
