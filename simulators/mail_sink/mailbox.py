"""The mails that came in, as they came and as people read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

MOST_KEPT = 500


@dataclass(frozen=True)
class ReceivedMail:
    """One mail: the envelope as SMTP told it, and the bytes between DATA and the dot. `number` counts from 1."""

    number: int
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed anew at each call."""
        parsed = message_from_bytes(self.content, policy=default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - the policy makes no other kind
        return parsed

    def header(self, name: str) -> str:
        """A header in words; empty where there is none."""
        return str(self.message.get(name, ""))

    def body(self, kind: str) -> str:
        """The part of this kind (`plain` or `html`) as text; empty where there is none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


@dataclass
class Mailbox:
    """What has come in, and how the next sessions are answered.

    `busy` answers every mail with 451, `unknown` lists recipients that get 550.
    """

    mails: list[ReceivedMail] = field(default_factory=list)
    busy: bool = False
    unknown: set[str] = field(default_factory=set)
    signed_in: list[str] = field(default_factory=list)
    received: int = 0

    def take(self, sender: str, recipients: tuple[str, ...], content: bytes) -> ReceivedMail:
        """Keep a mail; the oldest goes where there are too many."""
        self.received += 1
        mail = ReceivedMail(self.received, sender, recipients, content)
        self.mails.append(mail)
        del self.mails[:-MOST_KEPT]
        return mail

    def mail(self, number: int) -> ReceivedMail | None:
        """A mail by its number; None for one that is not there any more."""
        return next((mail for mail in self.mails if mail.number == number), None)

    def to(self, address: str) -> list[ReceivedMail]:
        """What came for an address, the oldest first."""
        return [mail for mail in self.mails if address in mail.recipients]
