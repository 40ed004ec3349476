"""The kinds of connection there are: what each needs to know, and what it can be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from webapp.delivery.crm import hubspot, pipedrive, salesforce


@dataclass(frozen=True)
class Setting:
    """Something to fill in. A ``secret`` is kept encrypted and never shown again. ``standard`` is
    what stands there at first."""

    name: str
    label: str
    hint: str = ""
    type: Literal["url", "email", "text", "password", "number"] = "text"
    secret: bool = False
    standard: str = ""


@dataclass(frozen=True)
class Kind:
    """``asked`` is one that is asked about companies, and told of nothing."""

    id: str
    label: str
    what: str
    settings: tuple[Setting, ...] = ()
    mapping: Mapping[str, Mapping[str, str]] | None = None
    asked: bool = False


ADDRESS = Setting("url", "Address", "The https:// address it takes messages at.", "url")

KINDS: Mapping[str, Kind] = {
    kind.id: kind
    for kind in (
        Kind(
            "email",
            "Shared mailbox",
            "A mail for each lead, beside the one its rep gets.",
            (Setting("to", "Mail address", type="email"),),
        ),
        Kind(
            "slack",
            "Slack",
            "A message in a channel. Mattermost and others take the same.",
            (
                Setting(
                    "url", "Incoming webhook", "Whoever has it can post: it is kept secret.",
                    "url", secret=True,
                ),
            ),
        ),
        Kind("webhook", "Webhook", "Signed JSON to a program of yours.", (ADDRESS,)),
        Kind(
            "hubspot",
            "HubSpot",
            "Company, contact, owner and a note with the case.",
            (
                Setting(
                    "token", "Private app token",
                    "With the scopes crm.objects.contacts, crm.objects.companies (read and write) "
                    "and crm.objects.owners.read.",
                    "password", secret=True,
                ),
            ),
            hubspot.MAPPING,
        ),
        Kind(
            "salesforce",
            "Salesforce",
            "Account, contact, owner and a note with the case.",
            (
                Setting("url", "My Domain", "Like https://acme.my.salesforce.com.", "url"),
                Setting("client_id", "Consumer key", secret=True),
                Setting("client_secret", "Consumer secret", type="password", secret=True),
            ),
            salesforce.MAPPING,
        ),
        Kind(
            "pipedrive",
            "Pipedrive",
            "Organization, person, owner and a note with the case.",
            (
                Setting("url", "Company domain", "Like https://acme.pipedrive.com.", "url"),
                Setting("token", "API token", type="password", secret=True),
            ),
            pipedrive.MAPPING,
        ),
        Kind(
            "enrichment",
            "Enrichment provider",
            "Is asked about a lead's company when a conversation ends. Its answer is inferred.",
            (
                Setting(
                    "url", "Address",
                    "Like https://api.example.com/companies/{domain}. The company's domain takes "
                    "the place of {domain}; without one, a GET ends in ?domain=…",
                    "url",
                ),
                Setting(
                    "header", "Header of the key",
                    "Authorization sends it as a bearer token.", standard="Authorization",
                ),
                Setting("token", "Key", type="password", secret=True),
                Setting(
                    "days", "Days an answer counts",
                    "Nobody is asked about the same company again before.", "number",
                    standard="30",
                ),
            ),
            asked=True,
        ),
        Kind("demo", "Demo receiver", "Keeps what it gets, to be looked at at /demo/outbox."),
    )
}  # fmt: skip

EVENTS: Mapping[str, str] = {
    "handoff.created": "A lead is handed to sales",
    "handoff.assigned": "A lead that waited, or was another's, gets its rep",
    "handoff.updated": "A prospect says more or changes an answer after the end, or was called",
    "handoff.accepted": "A rep accepts a lead",
    "handoff.rejected": "A rep sends a lead back",
    "handoff.outcome": "A lead is contacted, won, lost or otherwise decided",
    "nurture.entered": "A lead enters a nurture track",
    "lead.updated": "What is known of a lead changes",
    "lead.erased": "A lead is erased: forget it too",
    "delivery.failed": "Another receiver does not get its messages",
}
LOOK_UP = "company.looked_up"
WORDS = {**EVENTS, "connection.test": "A test", LOOK_UP: "A company is looked up"}
"""What is sent, for people: nobody can choose to hear of the last two."""

TOLD_AT_FIRST = ("handoff.created", "handoff.assigned", "handoff.updated", "lead.erased")
