"""Mails over a real SMTP conversation with the sink."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from providers.mail.errors import MailRefused, MailUnavailable
from providers.mail.smtp import MailServer, OutgoingMail, is_address, send_mail
from simulators.mail_sink.mailbox import Mailbox
from simulators.mail_sink.smtp import listening

MAIL = OutgoingMail(
    message_id="019f6192",
    to="ada@example.test",
    subject="Härtwell: 3 things need you",
    text=".a line that begins with a dot\nand Ünicode\n",
    html="<p>Ünicode</p>",
    at=datetime(2026, 7, 14, 17, tzinfo=UTC),
)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest_asyncio.fixture
async def server(mailbox: Mailbox) -> AsyncIterator[MailServer]:
    async with listening(mailbox) as port:
        yield MailServer("127.0.0.1", port, "inBuild Sync <alerts@inbuild.test>", "inbuild", "s3cret", starttls=False)


async def test_a_mail_arrives_as_it_was_written(server: MailServer, mailbox: Mailbox) -> None:
    await send_mail(server, MAIL)
    (mail,) = mailbox.mails
    assert (mail.sender, mail.recipients) == ("alerts@inbuild.test", ("ada@example.test",))
    assert mail.header("Subject") == MAIL.subject
    assert mail.header("From") == "inBuild Sync <alerts@inbuild.test>"
    assert mail.header("Message-ID") == "<019f6192@inbuild.test>"
    assert mail.header("Date") == "Tue, 14 Jul 2026 17:00:00 +0000"
    assert mail.header("Auto-Submitted") == "auto-generated"
    assert mail.body("plain").splitlines() == MAIL.text.splitlines()
    assert mail.body("html").strip() == MAIL.html
    assert mailbox.signed_in == ["inbuild"]


async def test_what_the_server_says_decides(server: MailServer, mailbox: Mailbox) -> None:
    mailbox.unknown.add("ada@example.test")
    with pytest.raises(MailRefused, match="550 no such person"):
        await send_mail(server, MAIL)
    mailbox.unknown.clear()
    mailbox.busy = True
    with pytest.raises(MailUnavailable, match="451 busy"):
        await send_mail(server, MAIL)
    # The sink offers no encryption; a mail that should be encrypted does not leave in the clear.
    mailbox.busy = False
    with pytest.raises(MailUnavailable):
        await send_mail(replace(server, starttls=True), MAIL)
    assert mailbox.mails == []


async def test_nobody_there(server: MailServer) -> None:
    with pytest.raises(MailUnavailable):
        await send_mail(replace(server, port=1), MAIL)
    assert "s3cret" not in repr(server)


async def test_a_header_cannot_be_smuggled_in(server: MailServer, mailbox: Mailbox) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        await send_mail(server, replace(MAIL, subject="one\r\nBcc: everybody@example.test"))
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("ada@example.test", True),
        ("ada.lovelace+jobs@example.co.uk", True),
        ("jane.doe", False),
        ("", False),
        ("@example.test", False),
        ("Ada <ada@example.test>", False),
        ("ada@example.test, bert@example.test", False),
        ("ada@example.test\nBcc: x@example.test", False),
        ("a@b@example.test", False),
    ],
)
def test_what_a_mail_can_be_addressed_to(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one


async def test_the_sink_survives_whatever_is_said_to_it(server: MailServer, mailbox: Mailbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for line in (b"HELP", b"RCPT TO:<a@b>", b"DATA", b"AUTH PLAIN !!!", b"AUTH CRAM-MD5", b"\xff", b"QUIT"):
        writer.write(line + b"\r\n")
    said = (await reader.read()).decode().splitlines()
    assert [line[:3] for line in said] == ["220", "502", "503", "503", "501", "504", "502", "221"]
    writer.close()
    await send_mail(server, MAIL)
    assert len(mailbox.mails) == 1
