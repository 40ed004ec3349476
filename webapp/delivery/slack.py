"""Messages to a channel, in the shape of Slack's incoming webhooks (Mattermost takes it too)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.delivery.guard import Guard
from webapp.delivery.transport import Parcel, check

# Slack refuses the whole message when one part is longer.
MOST_HEADER = 150
MOST_SECTION = 3_000
MOST_FIELD = 2_000
MOST_FIELDS = 10


# What Mattermost, which reads Markdown, takes for "tell everybody" and for a link.
_MENTION_OR_LINK = re.compile(r"(?<!\w)@(?=\w)|\](?=[(\[:])")
_NOTHING = "\N{ZERO WIDTH SPACE}"


def escaped(text: str) -> str:
    """Words of others, unable to mention a channel or to forge a link."""
    text = _MENTION_OR_LINK.sub(rf"\g<0>{_NOTHING}", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def message(
    headline: str,
    lines: Sequence[str],
    fields: Sequence[tuple[str, str]],
    *,
    link: tuple[str, str] | None = None,
    footer: str = "",
) -> dict[str, Any]:
    """A message: a headline, sentences, pairs of label and value, a button and small print.

    ``link`` is a label and an address of ours.
    """
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(headline, MOST_HEADER)}}
    ]
    if lines:
        # Escaping may lengthen a line, and a cut must not leave half an entity.
        text = "\n".join(escaped(line) for line in _fitting(lines, MOST_SECTION))
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    for start in range(0, len(fields), MOST_FIELDS):
        some = fields[start : start + MOST_FIELDS]
        blocks.append({"type": "section", "fields": [_field(*each) for each in some]})
    if link:
        label, url = link
        button = {"type": "button", "text": {"type": "plain_text", "text": label}, "url": url}
        blocks.append({"type": "actions", "elements": [button]})
    if footer:
        blocks.append({"type": "context", "elements": [{"type": "plain_text", "text": footer}]})
    return {"text": escaped(cut(headline, MOST_HEADER)), "blocks": blocks}


def _field(label: str, value: str) -> Mapping[str, str]:
    return {"type": "plain_text", "text": cut(f"{label}\n{value}", MOST_FIELD)}


def _fitting(lines: Sequence[str], most: int) -> list[str]:
    """As many lines as fit once escaped, the last of them cut."""
    found = []
    for line in lines:
        longest = min(len(line), most)
        while len(escaped(line[:longest])) + 1 > most:
            longest -= max(1, (len(escaped(line[:longest])) - most) // 5)
        if longest <= 0:
            break
        found.append(cut(line, longest))
        most -= len(escaped(found[-1])) + 1
    return found


@dataclass(frozen=True)
class Slack:
    guard: Guard
    url: str

    def send(self, parcel: Parcel) -> None:
        response = self.guard.request(
            "POST",
            self.url,
            body=json.dumps(parcel.payload, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8"},
        )
        check(response, "Slack", parcel.at)
