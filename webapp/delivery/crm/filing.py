"""How a case is filed in a CRM, whichever it is.

Every step looks before it creates, and remembers what it found: a repeat, after a lost answer or a
killed worker, finds what the first attempt made.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

from webapp.delivery.errors import DeliveryRefused
from webapp.delivery.transport import Parcel

log = logging.getLogger(__name__)

Fields = dict[str, str | int]
Kind = Literal["company", "contact"]
AssignOwner = Literal["always", "new", "never"]


class Crm(Protocol):
    """One CRM during one delivery. Ids are the CRM's own, as text. Every method may raise
    DeliveryDelayed and DeliveryRefused."""

    def find_company(self, domain: str, name: str) -> str | None: ...
    def find_contact(self, email: str, phone: str) -> str | None: ...
    def find_owner(self, email: str) -> str | None: ...
    def create(self, kind: Kind, fields: Fields, *, company: str | None) -> str:
        """Make one, or return the id of the one that turns out to be there already."""
        ...

    def update(self, kind: Kind, id: str, fields: Fields) -> None: ...
    def link(self, contact: str, company: str) -> None: ...
    def owner_field(self, owner: str) -> Fields: ...
    def has_note(self, contact: str, marker: str) -> bool: ...
    def add_note(
        self, text: str, marker: str, *, contact: str, company: str | None, owner: str | None
    ) -> None: ...


def mapped(mapping: Mapping[str, str], values: Mapping[str, str | int]) -> Fields:
    """The CRM's fields from ours. A source that begins with ``=`` is a fixed text; one that is not
    known of this lead leaves the field alone."""
    found: Fields = {}
    for target, source in mapping.items():
        if source.startswith("="):
            found[target] = source[1:]
        elif source in values:
            found[target] = values[source]
    return found


@dataclass(frozen=True)
class Filing:
    """``open`` begins to speak to the CRM, which people call ``name``, for one delivery.
    ``mapping`` gives for ``company`` and ``contact`` which field of the CRM holds which of our
    values. ``assign_owner`` says whose word counts about who owns a contact that exists."""

    name: str
    open: Callable[[Parcel], Crm]
    mapping: Mapping[str, Mapping[str, str]]
    assign_owner: AssignOwner = "always"

    def send(self, parcel: Parcel) -> None:
        crm: Any = _AsDocumented(self.name, lambda: self.open(parcel))
        _File(crm, self.mapping, self.assign_owner).put(parcel)


class _AsDocumented:
    """A CRM whose answers are read as its API's documentation has them. One that answers in another
    form is told apart from a fault of our own."""

    def __init__(self, name: str, begin: Callable[[], Crm]) -> None:
        self._name = name
        self._crm = self._asked(begin)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return partial(self._asked, getattr(self._crm, method))

    def _asked(self, ask: Callable[..., Any], *args: Any, **named: Any) -> Any:
        try:
            return ask(*args, **named)
        except (AttributeError, LookupError, TypeError, ValueError):
            log.warning("an answer of %s could not be used", self._name, exc_info=True)
            raise DeliveryRefused(
                f"{self._name} answered in another form than its API does. Check its address in "
                "Settings; the worker's log says more."
            ) from None


@dataclass(frozen=True)
class _File:
    crm: Crm
    mapping: Mapping[str, Mapping[str, str]]
    assign_owner: AssignOwner

    def put(self, parcel: Parcel) -> None:
        payload, done = parcel.payload, parcel.progress
        if "only_look_up" in payload:
            self.crm.find_owner(payload["only_look_up"])
            self.crm.find_contact(payload["only_look_up"], "")
            return
        if "contacts" in payload:
            for contact in payload["contacts"]:
                self._note(payload, contact=contact, company=None, owner=None)
            return
        values: Mapping[str, str | int] = payload["values"]
        owner = self._owner(payload.get("owner"), done)
        company = self._company(values, done)
        contact = self._contact(values, company, owner, done)
        if company and not done.get("linked"):
            self.crm.link(contact, company)
            done["linked"] = True
        if not done.get("note"):
            self._note(payload, contact=contact, company=company, owner=owner)
            done["note"] = True

    def _note(
        self, payload: Mapping[str, Any], *, contact: str, company: str | None, owner: str | None
    ) -> None:
        marker, text = payload["marker"], payload["note"]
        if not self.crm.has_note(contact, marker):
            self.crm.add_note(text, marker, contact=contact, company=company, owner=owner)

    def _owner(self, email: str | None, done: Any) -> str | None:
        if not email or self.assign_owner == "never":
            return None
        if "owner" not in done:
            # A rep the CRM does not know must not keep the lead out of it.
            done["owner"] = self.crm.find_owner(email)
        found: str | None = done["owner"]
        return found

    def _company(self, values: Mapping[str, str | int], done: Any) -> str | None:
        domain, name = str(values.get("company.domain", "")), str(values.get("lead.company", ""))
        if not domain and not name:
            return None
        if "company" not in done:
            fields = mapped(self.mapping["company"], {"lead.company": domain, **values})
            found = self.crm.find_company(domain, name)
            done["company"] = found or self.crm.create("company", fields, company=None)
        id: str = done["company"]
        return id

    def _contact(
        self, values: Mapping[str, str | int], company: str | None, owner: str | None, done: Any
    ) -> str:
        email, phone = str(values.get("lead.email", "")), str(values.get("lead.phone", ""))
        if not email and not phone:
            raise DeliveryRefused("The lead left neither address nor number to file them under.")
        fields = mapped(self.mapping["contact"], values)
        if "contact" not in done:
            found = self.crm.find_contact(email, phone)
            done["new"] = found is None
            if found is None and owner:
                fields |= self.crm.owner_field(owner)
            done["contact"] = found or self.crm.create("contact", fields, company=company)
        id: str = done["contact"]
        if not done["new"] and not done.get("updated"):
            if owner and self.assign_owner == "always":
                fields |= self.crm.owner_field(owner)
            self.crm.update("contact", id, fields)
            done["updated"] = True
        return id
