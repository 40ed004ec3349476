"""A meeting is a calendar file that calendars take, whatever its words hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address

from webapp.delivery.calendar import Invitation, ics
from webapp.delivery.mail import compose, letter

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
TITLE = "Gespräch mit Ana; Nordwind, " + "ö" * 60 + "\r\nATTENDEE:mailto:evil@example.com"


def invitation(*, cancelled: bool = False) -> Invitation:
    return Invitation(
        uid="m1", sequence=2, starts_at=AT, ends_at=AT + timedelta(minutes=30), title=TITLE,
        text="Line\nhttps://q.example.com", organizer="sam@example.com",
        attendee="ana@nordwind.example", cancelled=cancelled, at=AT,
    )  # fmt: skip


def test_its_lines_are_folded_and_none_can_be_smuggled_in() -> None:
    lines = ics(invitation()).split("\r\n")
    assert all(len(each.encode()) <= 75 for each in lines)
    whole = "\r\n".join(lines).replace("\r\n ", "").split("\r\n")
    assert [each for each in whole if each.startswith("ATTENDEE")] == [
        "ATTENDEE;RSVP=FALSE:mailto:ana@nordwind.example"
    ]
    assert "DTSTART:20261123T090000Z" in whole
    assert "DTEND:20261123T093000Z" in whole
    assert any(each.startswith("SUMMARY:Gespräch mit Ana\\; Nordwind\\, ö") for each in whole)
    assert "DESCRIPTION:Line\\nhttps://q.example.com" in whole


def test_an_address_cannot_bring_more_recipients() -> None:
    sly = replace(invitation(), attendee="ana?bcc=x%40evil.example@nordwind.example")
    assert "mailto:ana%3Fbcc%3Dx%2540evil.example@nordwind.example" in ics(sly).replace("\r\n ", "")


def test_a_mail_carries_it_with_its_method() -> None:
    kept = letter("ana@nordwind.example", "Your call", "text", "<p>text</p>", at=AT)
    called_off = invitation(cancelled=True)
    kept["calendar"] = {"method": called_off.method, "text": ics(called_off)}
    message = compose(kept, id="d1", sender=Address("Baton", "baton", "q.example.com"))
    [calendar] = message.iter_attachments()
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "CANCEL"
    assert calendar.get_filename() == "meeting.ics"
    assert "STATUS:CANCELLED" in calendar.get_content()
    assert message.as_bytes()
