"""A real socket that plays prepared answers, one per request, and keeps every request as it came."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True, strict_parsing=False)


@dataclass(frozen=True)
class Played:
    """`cut_at` sends only so many bytes of the body that Content-Length promises; `silent` sends nothing."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | bytes = ""
    cut_at: int | None = None
    silent: bool = False


@dataclass
class WireServer:
    url: str
    received: list[Received] = field(default_factory=list)
    answers: deque[Played] = field(default_factory=deque)

    def play(self, *answers: Played) -> None:
        self.answers.extend(answers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
            body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
            self.received.append(Received(method, target, headers, body))
            answer = self.answers.popleft() if self.answers else Played(599, {}, "no answer prepared")
            if not answer.silent:
                content = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
                lines = [f"HTTP/1.1 {answer.status} Played", f"Content-Length: {len(content)}", "Connection: close"]
                lines += [f"{name}: {value}" for name, value in answer.headers.items()]
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content[: answer.cut_at])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left first, which some tests want
        finally:
            writer.close()


@asynccontextmanager
async def wire_server() -> AsyncIterator[WireServer]:
    served = WireServer("")
    server = await asyncio.start_server(served._serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}"
    try:
        yield served
    finally:
        server.close()
        await server.wait_closed()
