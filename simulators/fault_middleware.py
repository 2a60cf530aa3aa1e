"""The ASGI layer that makes a fault plan happen on the wire, and logs every request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.faults import FaultPlan, FaultRule, Message, Receive, client_leaves
from simulators.traffic import Exchange, Traffic

Scope = Message
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HTML_PAGE = "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"

_UNLOGGED = ("/control/", "/healthz", "/favicon.ico")


class ConnectionCut(Exception):
    """The line was cut on purpose; only seen when no real socket is below the application."""


@dataclass
class _Answer:
    """What the application wanted to say, kept back until the fault has been decided."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    async def collect(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class FaultMiddleware:
    """Outermost layer of a simulator: logs every request and applies the plan.

    /control and /healthz pass free, unlogged.
    """

    def __init__(self, app: Application, plan: FaultPlan, traffic: Traffic) -> None:
        self._app = app
        self._plan = plan
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] != "http" or scope["path"].startswith(_UNLOGGED):
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        query = scope["query_string"].decode()
        entry = self._traffic.begin(scope["method"], scope["path"], query)
        state["exchange"] = entry
        try:
            if self._plan.empty:
                await self._pass(entry, scope, receive, send)
                return
            if self._plan.reads_bodies:
                body = await _read_body(receive)
                receive = _replay(body, receive)
            else:
                body = b""
            rule = self._plan.choose(entry.method, entry.path, query, body)
            if rule is None:
                await self._pass(entry, scope, receive, send)
            else:
                entry.fault = rule.effect
                await self._strike(rule, entry, scope, receive, send)
        finally:
            self._traffic.finish(entry)

    async def _pass(self, entry: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                entry.committed = message["status"] < 400
            await send(message)

        await self._app(scope, receive, note)

    async def _strike(self, rule: FaultRule, entry: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.effect == "delay":
            await asyncio.sleep(rule.seconds or 0)
            await self._pass(entry, scope, receive, send)
            return
        answer = _Answer()
        if rule.commits:
            await self._app(scope, receive, answer.collect)
            entry.committed = answer.status < 400
        if rule.effect == "hold_after" and await self._plan.hold(entry, rule, receive):
            await _send(send, entry, answer.status, answer.headers, bytes(answer.body))
        elif rule.effect in ("drop_before", "drop_after", "hold_after"):
            await _cut(scope, receive)
        elif rule.effect == "truncate":
            await self._truncate(rule, entry, answer, scope, receive, send)
        else:
            status, headers, body = _substitute(rule, self._plan.fault_body)
            await _send(send, entry, status, headers, body)

    async def _truncate(
        self, rule: FaultRule, entry: Exchange, answer: _Answer, scope: Scope, receive: Receive, send: Send
    ) -> None:
        half = bytes(answer.body[: len(answer.body) // 2])
        if rule.length == "cut":
            await _send(send, entry, answer.status, answer.headers, half)
            return
        entry.status = answer.status
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.05)  # abort() throws away what the kernel has not taken yet
        await _cut(scope, receive)


def _substitute(rule: FaultRule, fault_body: Any) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    defaults: dict[str, tuple[int, Any]] = {
        "status": (500, ""),
        "after_status": (500, ""),
        "html": (502, HTML_PAGE),
        "empty": (200, ""),
        "fault_200": (200, fault_body),
    }
    status, content = defaults[rule.effect]
    content = rule.body if rule.body is not None else content
    kind = "text/html; charset=utf-8" if rule.effect == "html" else "text/plain; charset=utf-8"
    if not isinstance(content, str):
        content, kind = json.dumps(content), "application/json"
    headers = {"content-type": kind} | {name.lower(): value for name, value in rule.headers.items()}
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return rule.status or status, pairs, content.encode()


async def _send(send: Send, entry: Exchange, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    entry.status = status
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    kept.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": body})


async def _cut(scope: Scope, receive: Receive) -> None:
    abort = scope["state"].get("abort_connection")
    if abort is None:
        raise ConnectionCut("this server cannot close a connection")
    abort()
    await client_leaves(receive)


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
