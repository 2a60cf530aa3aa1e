"""A provider that says what it is told to say: a socket that records requests and plays literal answers.

Not an HTTP library's server, so that broken answers (cut, empty, none at all) can be sent byte for byte.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from tests.exchanges.matching import ExchangeResponse, example, wire_text

HANG = b"hang"
"""An answer that never comes: the connection stays open and silent."""


@dataclass(frozen=True)
class ReceivedRequest:
    """What reached the socket. Header names are lower case; the query keeps its order."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Playback:
    """The provider while it runs: where it listens, and what it was sent so far."""

    url: str
    requests: list[ReceivedRequest] = field(default_factory=list)


def http_answer(status: int, body: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """A well-formed answer; slice it to cut it."""
    content = body.encode()
    lines = [f"HTTP/1.1 {status} Played", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def answer_of(response: ExchangeResponse) -> bytes:
    """The literal answer of an exchange, volatile values by their examples."""
    headers = {name: value.rstrip("*") for name, value in response.headers.items() if value not in ("-", "*")}
    return http_answer(response.status, wire_text(example(response.body)), headers)


@contextlib.asynccontextmanager
async def playback(*answers: bytes) -> AsyncIterator[Playback]:
    """Plays the answers in turn, one per connection, the last one for ever.

    An empty answer closes the connection without a word.
    """
    state = Playback(url="")
    over = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that gives up closes the connection: that is its right, not a failure here.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            state.requests.append(await _receive(reader))
            answer = answers[min(len(state.requests), len(answers)) - 1]
            if answer == HANG:
                await over.wait()
            else:
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    state.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        over.set()
        server.close()
        await server.wait_closed()


async def _receive(reader: asyncio.StreamReader) -> ReceivedRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    url = urlsplit(target)
    return ReceivedRequest(method, url.path, parse_qsl(url.query, keep_blank_values=True), headers, body)
