"""E-mail over SMTP: composed once, with the lead, and sent as it was composed."""

import smtplib
import ssl
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from webapp.delivery.errors import DeliveryDelayed, DeliveryRefused
from webapp.delivery.transport import Parcel

DEADLINE_S = 30.0
MOST_SUBJECT = 200


def address(text: str | None, name: str = "") -> Address | None:
    """A mail address that any server takes, or None: its domain in ASCII, no line breaks."""
    try:
        found = validate_email(text or "", check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    if found.ascii_email is None:
        return None
    user, _, domain = found.ascii_email.rpartition("@")
    return Address(display_name=one_line(name, 100), username=user, domain=domain)


def one_line(text: str, most: int = MOST_SUBJECT) -> str:
    """Text that may stand in a header: no control or direction-changing letters, one line."""
    if not text.isprintable():  # or there is none of them in it
        text = "".join(
            " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
            for letter in text
            if unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
        )
    # Python reads "=?utf-8?q?=0D=0A?=" in a header's text as what it encodes: a line break.
    short = " ".join(text.split()).replace("=?", "= ?")
    return short if len(short) <= most else short[: most - 1].rstrip() + "…"


def letter(
    to: str,
    subject: str,
    text: str,
    html: str,
    *,
    at: datetime,
    reply_to: str | None = None,
    unsubscribe: str | None = None,
) -> dict[str, Any]:
    """A mail as the outbox keeps it. ``unsubscribe`` is where one click ends such mails."""
    reply = address(reply_to)
    return {
        "to": one_line(to, 320),
        "subject": one_line(subject) or "(no subject)",
        "text": text,
        "html": html,
        "reply_to": reply.addr_spec if reply else None,
        "unsubscribe": unsubscribe,
        "date": at.isoformat(),
    }


def compose(kept: Mapping[str, Any], *, id: str, sender: Address) -> EmailMessage:
    """The mail to send. ``Message-ID`` stays the same, so a repeat can be told for one.

    Raises: DeliveryRefused where its address is none.
    """
    to = address(kept["to"])
    if to is None:
        raise DeliveryRefused(f"{kept['to']} is not a mail address. Correct it in the playbook.")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = kept["subject"]
    message["Date"] = format_datetime(datetime.fromisoformat(kept["date"]))
    message["Message-ID"] = f"<{id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if kept["reply_to"] and (reply_to := address(kept["reply_to"])):
        message["Reply-To"] = reply_to
    if kept["unsubscribe"]:
        message["List-Unsubscribe"] = f"<{kept['unsubscribe']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(kept["text"])
    message.add_alternative(kept["html"], subtype="html")
    if calendar := kept.get("calendar"):
        message.add_attachment(
            calendar["text"],
            subtype="calendar",
            filename="meeting.ics",
            params={"method": calendar["method"]},
        )
    return message


@dataclass(frozen=True)
class Server:
    """A mail server, from ``smtp://user:password@host:587?from=baton@example.com``."""

    host: str
    port: int
    user: str
    password: str
    implicit_tls: bool
    sender: Address

    @classmethod
    def of(cls, url: str, *, fallback_domain: str = "localhost") -> "Server":
        """Without ``from`` mails come from the user, where that is an address."""
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        given = parse_qs(parts.query).get("from", [""])[0]
        fallback = Address("Baton", "baton", fallback_domain)
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if parts.scheme == "smtps" else 25),
            user=user,
            password=password,
            implicit_tls=parts.scheme == "smtps",
            sender=address(given, "Baton") or address(user, "Baton") or fallback,
        )

    @property
    def on_this_machine(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class Mail:
    server: Server
    deadline_s: float = DEADLINE_S

    def send(self, parcel: Parcel) -> None:
        message = compose(parcel.payload, id=parcel.id, sender=self.server.sender)
        with self._in_words(), self._connected() as smtp:
            smtp.send_message(message)

    def try_out(self) -> None:
        """Connect and sign in as for a mail, and send none.

        Raises: DeliveryDelayed, DeliveryRefused.
        """
        with self._in_words(), self._connected():
            pass

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What went wrong with the server, said so that people know what to do."""
        try:
            yield
        except smtplib.SMTPRecipientsRefused as problem:
            code, said = next(iter(problem.recipients.values()))
            raise _failed("The mail server will not deliver there", code, said) from problem
        except smtplib.SMTPAuthenticationError as problem:
            raise DeliveryRefused(
                f"The mail server does not accept our user name or password ({problem.smtp_code}). "
                "Correct BATON_SMTP_URL."
            ) from problem
        except smtplib.SMTPResponseException as problem:
            raise _failed(
                "The mail server refused the mail", problem.smtp_code, problem.smtp_error
            ) from problem
        except (smtplib.SMTPException, OSError, ValueError) as problem:
            raise DeliveryDelayed(
                f"The mail server {self.server.host}:{self.server.port} could not be used "
                f"({one_line(str(problem)) or type(problem).__name__})."
            ) from problem

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server, context = self.server, ssl.create_default_context()
        # Our name is given: asking the system for it may ask a name server, for seconds.
        name = server.sender.domain
        kind = (
            smtplib.SMTP_SSL(context=context, timeout=self.deadline_s, local_hostname=name)
            if server.implicit_tls
            else smtplib.SMTP(timeout=self.deadline_s, local_hostname=name)
        )
        # The timeout begins anew with every line; a server that drips would hold us for hours.
        too_late = threading.Timer(self.deadline_s, lambda: _hang_up(kind))
        too_late.daemon = True
        too_late.start()
        try:
            kind.connect(server.host, server.port)
            kind.ehlo_or_helo_if_needed()
            if not server.implicit_tls and kind.has_extn("starttls"):
                # A server on this machine rarely has a certificate in that name.
                if server.on_this_machine:
                    context.check_hostname = False
                    context.verify_mode = ssl.CERT_NONE
                kind.starttls(context=context)
                kind.ehlo()
            elif server.user and not server.implicit_tls and not server.on_this_machine:
                raise DeliveryRefused(
                    f"{server.host} offers no encryption, so the password was not sent. "
                    "Use smtps:// or another port in BATON_SMTP_URL."
                )
            if server.user:
                kind.login(server.user, server.password)
            yield kind
            _say_goodbye(kind)
        finally:
            too_late.cancel()
            kind.close()


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    """The mail is taken already: a server that fails now has it all the same."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        return


def _hang_up(smtp: smtplib.SMTP) -> None:
    try:
        if smtp.sock is not None:
            smtp.sock.shutdown(2)
    except OSError:
        return


def _failed(what: str, code: int, said: bytes | str) -> DeliveryDelayed | DeliveryRefused:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    sentence = f"{what} ({code} {one_line(words)})."
    return DeliveryRefused(sentence) if code >= 500 else DeliveryDelayed(sentence)
