"""As much of SMTP as a client needs that hands in mails (RFC 5321; AUTH PLAIN and LOGIN: RFC 4954)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from simulators.mail_sink.mailbox import Mailbox

# A command line is at most 512 octets, a line of text 1,000 (RFC 5321 4.5.3.1); some clients send more.
LONGEST_LINE = 64 * 1024
LARGEST_MAIL = 10 * 1024 * 1024
ADDRESS = re.compile(rb"^(?:FROM|TO):\s*<([^<>]*)>", re.IGNORECASE)


@dataclass
class _Envelope:
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)


class SmtpSession:
    """One client's conversation."""

    def __init__(self, mailbox: Mailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mailbox = mailbox
        self._reader = reader
        self._writer = writer
        self._envelope = _Envelope()

    async def run(self) -> None:
        """Answer until the client leaves."""
        await self._say("220 mail sink at your service")
        while line := await self._reader.readline():
            verb, _, rest = line.strip().partition(b" ")
            if verb.upper() == b"QUIT":
                await self._say("221 goodbye")
                return
            await self._answer(verb.upper().decode("ascii", "replace"), rest)

    async def _answer(self, verb: str, rest: bytes) -> None:
        match verb:
            case "EHLO":
                await self._say(f"250-mail sink\r\n250-AUTH PLAIN LOGIN\r\n250-8BITMIME\r\n250 SIZE {LARGEST_MAIL}")
            case "HELO" | "NOOP":
                await self._say("250 fine")
            case "RSET":
                self._envelope = _Envelope()
                await self._say("250 forgotten")
            case "AUTH":
                await self._authenticate(rest)
            case "MAIL":
                await self._begin(rest)
            case "RCPT":
                await self._add(rest)
            case "DATA":
                await self._take()
            case _:
                await self._say("502 not here")

    async def _authenticate(self, rest: bytes) -> None:
        method, _, first = rest.partition(b" ")
        try:
            if method.upper() == b"PLAIN":
                told = base64.b64decode(first or await self._asked(""))
                user = told.split(b"\0")[1]
            elif method.upper() == b"LOGIN":
                user = base64.b64decode(first or await self._asked("VXNlcm5hbWU6"))
                base64.b64decode(await self._asked("UGFzc3dvcmQ6"))
            else:
                await self._say("504 not this way")
                return
        except (binascii.Error, IndexError):
            await self._say("501 not base64")
            return
        # Anybody may in: a name is enough, and nothing is done with the password.
        self._mailbox.signed_in.append(user.decode(errors="replace"))
        await self._say("235 welcome")

    async def _asked(self, what: str) -> bytes:
        await self._say(f"334 {what}")
        return (await self._reader.readline()).strip()

    async def _begin(self, rest: bytes) -> None:
        found = ADDRESS.match(rest)
        if found is None:
            await self._say("501 MAIL FROM:<somebody>")
            return
        self._envelope = _Envelope(found[1].decode(errors="replace"))
        await self._say("250 fine")

    async def _add(self, rest: bytes) -> None:
        found = ADDRESS.match(rest)
        if found is None or self._envelope.sender is None:
            await self._say("503 MAIL FROM first, then RCPT TO:<somebody>")
            return
        address = found[1].decode(errors="replace")
        if address in self._mailbox.unknown:
            await self._say("550 no such person here")
            return
        self._envelope.recipients.append(address)
        await self._say("250 fine")

    async def _take(self) -> None:
        envelope, self._envelope = self._envelope, _Envelope()
        if envelope.sender is None or not envelope.recipients:
            await self._say("503 RCPT TO first")
            return
        await self._say("354 go ahead, end with a dot")
        lines: list[bytes] = []
        size = 0
        while (line := await self._reader.readline()) not in (b".\r\n", b".\n", b""):
            # A line that begins with a dot came with one more (RFC 5321 4.5.2).
            line = line[1:] if line.startswith(b".") else line
            size += len(line)
            if size <= LARGEST_MAIL:
                lines.append(line)
        if size > LARGEST_MAIL:
            await self._say("552 too much")
        elif self._mailbox.busy:
            await self._say("451 busy, come again")
        else:
            mail = self._mailbox.take(envelope.sender, tuple(envelope.recipients), b"".join(lines))
            await self._say(f"250 kept as number {mail.number}")

    async def _say(self, answer: str) -> None:
        self._writer.write(answer.encode() + b"\r\n")
        await self._writer.drain()


@contextlib.asynccontextmanager
async def listening(mailbox: Mailbox, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Take mails while the block runs; yields the port. Port 0 takes a free one."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client may leave at any word, and send whatever it likes.
        with contextlib.suppress(ConnectionError, ValueError):
            await SmtpSession(mailbox, reader, writer).run()
        writer.close()

    server = await asyncio.start_server(served, host, port, limit=LONGEST_LINE)
    async with server:
        yield server.sockets[0].getsockname()[1]
