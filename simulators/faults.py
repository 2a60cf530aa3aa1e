"""Faults on order: rules that a test posts (`simulators.fault_middleware` makes them happen on the wire).

Effects, and whether the application does its work ("commits") before the client suffers:

    status        no   answers `status`, `headers`, `body`
    delay         yes  waits `seconds`, then all is normal
    drop_before   no   closes the connection
    drop_after    yes  closes the connection without an answer (a lost answer)
    hold_after    yes  keeps the answer back until released, or for `seconds`
    truncate      yes  sends half of the body; `length` "original" also breaks the connection there
    html          no   answers an HTML page (`status`, 502 if none is given)
    empty         yes  answers 200 without a body
    after_status  yes  answers `status` (429, 500, ...) although the work is done
    fault_200     no   answers 200 with a body that says it failed

`commit` on a rule overrides the second column for status, html, empty and fault_200.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulators.traffic import Exchange

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

Effect = Literal[
    "status",
    "delay",
    "drop_before",
    "drop_after",
    "hold_after",
    "truncate",
    "html",
    "empty",
    "after_status",
    "fault_200",
]

COMMITS: dict[Effect, bool] = {
    "status": False,
    "delay": True,
    "drop_before": False,
    "drop_after": True,
    "hold_after": True,
    "truncate": True,
    "html": False,
    "empty": True,
    "after_status": True,
    "fault_200": False,
}


class FaultRule(BaseModel):
    """One rule of a fault plan, as posted to /control/faults. Patterns are regular expressions (search)."""

    model_config = ConfigDict(extra="forbid")

    effect: Effect
    method: str = "*"
    path: str = ".*"
    query: str | None = None
    request_body: str | None = None
    count: int | None = Field(default=None, ge=1, description="how often it strikes; None is always")
    after: int = Field(default=0, ge=0, description="how many matching requests pass first")
    probability: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0
    status: int | None = Field(default=None, ge=100, le=599)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    seconds: float | None = Field(default=None, ge=0)
    length: Literal["original", "cut"] = "original"
    commit: bool | None = None

    @field_validator("path", "query", "request_body")
    @classmethod
    def _pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return value

    @property
    def commits(self) -> bool:
        """Whether the application does its work before the effect."""
        if self.commit is not None and self.effect in ("status", "html", "empty", "fault_200"):
            return self.commit
        return COMMITS[self.effect]


@dataclass
class _ArmedRule:
    id: int
    rule: FaultRule
    dice: random.Random
    matched: int = 0
    applied: int = 0

    def strikes(self, method: str, path: str, query: str, body: bytes) -> bool:
        rule = self.rule
        if rule.count is not None and self.applied >= rule.count:
            return False
        if rule.method not in ("*", method) or not re.search(rule.path, path):
            return False
        if rule.query is not None and not re.search(rule.query, query):
            return False
        if rule.request_body is not None and not re.search(rule.request_body, body.decode(errors="replace")):
            return False
        self.matched += 1
        if self.matched <= rule.after or self.dice.random() >= rule.probability:
            return False
        self.applied += 1
        return True


@dataclass
class _HeldAnswer:
    entry: Exchange
    released: asyncio.Event = field(default_factory=asyncio.Event)
    drop: bool = False


class FaultPlan:
    """The rules in force, in the order they were added; the first that strikes wins."""

    def __init__(self, fault_body: Any = None) -> None:
        """`fault_body` is what `fault_200` answers when the rule brings no body of its own."""
        self.fault_body = fault_body if fault_body is not None else {"error": "simulated failure"}
        self._armed: list[_ArmedRule] = []
        self._held: dict[int, _HeldAnswer] = {}
        self._last_id = 0

    def add(self, rule: FaultRule) -> int:
        """Put a rule in force; returns its id."""
        self._last_id += 1
        self._armed.append(_ArmedRule(self._last_id, rule, random.Random(rule.seed)))
        return self._last_id

    def remove(self, rule_id: int | None = None) -> None:
        """Withdraw one rule, or all. Held answers stay held."""
        self._armed = [armed for armed in self._armed if rule_id is not None and armed.id != rule_id]

    def release(self, request_id: int | None = None, *, drop: bool = False) -> int:
        """Let held answers go (one request's, or all); `drop` cuts the line instead. Returns how many."""
        chosen = [held for held in self._held.values() if request_id in (None, held.entry.id)]
        for held in chosen:
            held.drop = drop
            held.released.set()
        return len(chosen)

    def describe(self) -> dict[str, Any]:
        """Rules with their counts, and the requests being held, for the control API."""
        return {
            "rules": [
                {
                    "id": armed.id,
                    "matched": armed.matched,
                    "applied": armed.applied,
                    **armed.rule.model_dump(mode="json"),
                }
                for armed in self._armed
            ],
            "held": [
                {"request": held.entry.id, "method": held.entry.method, "path": held.entry.path}
                for held in self._held.values()
            ],
        }

    @property
    def empty(self) -> bool:
        """No rule is in force."""
        return not self._armed

    @property
    def reads_bodies(self) -> bool:
        """Some rule looks into request bodies."""
        return any(armed.rule.request_body is not None for armed in self._armed)

    def choose(self, method: str, path: str, query: str, body: bytes) -> FaultRule | None:
        """The rule that strikes this request, if any; counts it."""
        for armed in self._armed:
            if armed.strikes(method, path, query, body):
                return armed.rule
        return None

    async def hold(self, entry: Exchange, rule: FaultRule, receive: Receive) -> bool:
        """Wait for release, the rule's `seconds`, or the client's going away. False: do not answer."""
        held = _HeldAnswer(entry)
        self._held[entry.id] = held
        entry.held = True
        released = asyncio.create_task(held.released.wait())
        gone = asyncio.create_task(client_leaves(receive))
        try:
            done, _ = await asyncio.wait({released, gone}, timeout=rule.seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            released.cancel()
            gone.cancel()
            del self._held[entry.id]
            entry.held = False
        if gone in done:
            entry.client_gone = True
            return False
        return not held.drop


async def client_leaves(receive: Receive) -> None:
    """Return when the client has closed its side."""
    while (await receive())["type"] != "http.disconnect":
        pass
