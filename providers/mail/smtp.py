"""One SMTP server: the standard library's client in a thread, a connection for each mail.

RFC 5321 decides what is final: a 5yz answer to the recipient or the text is, everything else may pass.
"""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from providers.mail.errors import MailRefused, MailUnavailable

# Seconds for each step of the conversation; RFC 5321 4.5.3.2 allows minutes, a worker has better things to do.
TIMEOUT = 20.0
# RFC 8314: on this port the connection is encrypted from its first byte.
SUBMISSIONS = 465
FINAL = range(500, 600)
SAID_LENGTH = 200


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in, and whose they are. ``user`` empty: without signing in."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = True


@dataclass(frozen=True)
class OutgoingMail:
    """One mail. ``message_id`` is what stands before the @ of its Message-ID: it stays when the mail is sent again."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    at: datetime


def is_address(text: str) -> bool:
    """Whether a mail can be addressed to this: a login need not be one."""
    return parseaddr(text)[1] == text and text.count("@") == 1 and not text.startswith("@") and text.isprintable()


async def send_mail(server: MailServer, mail: OutgoingMail) -> None:
    """Hand one mail in. Raises MailUnavailable and MailRefused."""
    await asyncio.to_thread(_send, server, _message(server, mail))


def _message(server: MailServer, mail: OutgoingMail) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = server.sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.message_id}@{_domain(server.sender)}>"
    # RFC 3834: nobody's holiday answer comes back.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _send(server: MailServer, message: EmailMessage) -> None:
    try:
        with _connected(server) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        # One recipient a mail: the answer is about that one.
        code, said = next(iter(refused.recipients.values()))
        raise _judged(code, said) from None
    except smtplib.SMTPAuthenticationError as refused:
        raise MailUnavailable(f"the mail server refuses the sign-in ({refused.smtp_code})") from None
    except smtplib.SMTPDataError as refused:
        raise _judged(refused.smtp_code, refused.smtp_error) from None
    except (smtplib.SMTPException, OSError) as away:
        raise MailUnavailable(f"the mail server does not take mails: {str(away)[:SAID_LENGTH]}") from None


def _connected(server: MailServer) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    if server.port == SUBMISSIONS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=trusted)
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    if server.starttls:
        try:
            smtp.starttls(context=trusted)
        except (smtplib.SMTPException, OSError):
            smtp.close()
            raise
    return smtp


def _judged(code: int, said: bytes | str) -> MailRefused | MailUnavailable:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    text = f"the mail server answered {code} {' '.join(words.split())[:SAID_LENGTH]}"
    return MailRefused(text) if code in FINAL else MailUnavailable(text)
