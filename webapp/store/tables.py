"""Every row in one place, for those who need to know them all: migrations, backups, checks."""

from webapp.store.access import ApiKeyRow, IdempotencyRow, ThrottleRow
from webapp.store.assignments import TurnsRow
from webapp.store.audit import AuditRow
from webapp.store.calendars import CalendarRow
from webapp.store.calls import CallRow
from webapp.store.conversations import AnswerRow, ConversationRow
from webapp.store.database import Base
from webapp.store.days import DayRow
from webapp.store.deliveries import ConnectionRow, DeliveryRow
from webapp.store.demo_messages import DemoMessageRow
from webapp.store.drafts import DraftChangeRow, DraftRow
from webapp.store.erasures import ErasureRow
from webapp.store.facts import FactRow
from webapp.store.handoffs import HandoffEventRow, HandoffRow
from webapp.store.heartbeats import HeartbeatRow
from webapp.store.lead_words import LeadWordRow
from webapp.store.leads import AccountRow, LeadRow, ToldApartRow
from webapp.store.look_ups import LookUpRow
from webapp.store.meetings import MeetingRow
from webapp.store.messages import MessageRow
from webapp.store.records import RecordRow
from webapp.store.releases import ReleaseRow, VersionRow
from webapp.store.resume_links import ResumeLinkRow
from webapp.store.second_steps import CeremonyRow, PasskeyRow, RecoveryCodeRow
from webapp.store.sites import SiteRow
from webapp.store.staff import StaffRow, StaffSessionRow
from webapp.store.subscriptions import UnsubscribedRow
from webapp.store.suppressions import SuppressionRow
from webapp.store.trials import TrialRow
from webapp.store.visitors import EventRow, VisitorRow

metadata = Base.metadata

__all__ = [
    "AccountRow",
    "AnswerRow",
    "ApiKeyRow",
    "AuditRow",
    "CalendarRow",
    "CallRow",
    "CeremonyRow",
    "ConnectionRow",
    "ConversationRow",
    "DayRow",
    "DeliveryRow",
    "DemoMessageRow",
    "DraftChangeRow",
    "DraftRow",
    "ErasureRow",
    "EventRow",
    "FactRow",
    "HandoffEventRow",
    "HandoffRow",
    "HeartbeatRow",
    "IdempotencyRow",
    "LeadRow",
    "LeadWordRow",
    "LookUpRow",
    "MeetingRow",
    "MessageRow",
    "PasskeyRow",
    "RecordRow",
    "RecoveryCodeRow",
    "ReleaseRow",
    "ResumeLinkRow",
    "SiteRow",
    "StaffRow",
    "StaffSessionRow",
    "SuppressionRow",
    "ThrottleRow",
    "ToldApartRow",
    "TrialRow",
    "TurnsRow",
    "UnsubscribedRow",
    "VersionRow",
    "VisitorRow",
    "metadata",
]
