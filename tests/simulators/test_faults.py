"""The shared fault plan, over a real socket: what commits, what the client sees, what the log says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulators.clock import SimulatorClock
from simulators.control import control_routes
from simulators.fault_middleware import FaultMiddleware
from simulators.faults import FaultPlan
from simulators.server import serve
from simulators.traffic import Traffic


class Ledger:
    """A tiny application whose work can be counted, and a client for it."""

    def __init__(self, http: httpx.AsyncClient, written: list[str]) -> None:
        self.http = http
        self.written = written

    async def write(self, text: str = "a", path: str = "/entries") -> httpx.Response:
        """Write one entry."""
        return await self.http.post(path, json={"text": text})

    async def order(self, **rule: Any) -> None:
        """Put one fault rule in force."""
        answer = await self.http.post("/control/faults", json=rule)
        assert answer.status_code == 201, answer.text

    async def last(self) -> dict[str, Any]:
        """The last line of the request log."""
        entry: dict[str, Any] = (await self.http.get("/control/requests")).json()["requests"][-1]
        return entry


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    """A fresh ledger behind the fault middleware, really listening."""
    written: list[str] = []

    async def write(request: Request) -> JSONResponse:
        written.append((await request.json())["text"])
        return JSONResponse({"entry": len(written), "text": written[-1]}, status_code=201)

    clock, plan = SimulatorClock(), FaultPlan()
    traffic = Traffic(clock)
    routes = [
        *control_routes(clock, plan, traffic),
        Route("/entries", write, methods=["POST"]),
        Route("/notes", write, methods=["POST"]),
    ]
    app = FaultMiddleware(Starlette(routes=routes), plan, traffic)
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=5) as http:
        yield Ledger(http, written)
        plan.release()


async def test_without_rules_everything_passes_and_is_logged(ledger: Ledger) -> None:
    assert (await ledger.write()).status_code == 201
    entry = await ledger.last()
    assert (entry["method"], entry["path"], entry["status"], entry["committed"]) == (
        "POST",
        "/entries",
        201,
        True,
    )
    assert entry["fault"] is None and entry["finished"] >= entry["started"]


async def test_status_answers_before_any_work(ledger: Ledger) -> None:
    await ledger.order(effect="status", status=429, body={"slow": "down"}, headers={"X-Why": "test"}, count=1)
    refused = await ledger.write()
    assert (refused.status_code, refused.json(), refused.headers["x-why"]) == (429, {"slow": "down"}, "test")
    assert ledger.written == []
    assert (await ledger.last())["committed"] is False
    assert (await ledger.write()).status_code == 201


async def test_drop_before_closes_the_connection_without_work(ledger: Ledger) -> None:
    await ledger.order(effect="drop_before")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await ledger.write()
    assert ledger.written == []
    entry = await ledger.last()
    assert (entry["status"], entry["committed"], entry["fault"]) == (None, False, "drop_before")


async def test_drop_after_commits_and_loses_the_answer(ledger: Ledger) -> None:
    await ledger.order(effect="drop_after", method="POST", path="^/entries$", count=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await ledger.write()
    assert ledger.written == ["a"]
    entry = await ledger.last()
    assert (entry["status"], entry["committed"], entry["fault"]) == (None, True, "drop_after")


async def test_held_answer_is_seen_committed_and_released(ledger: Ledger) -> None:
    await ledger.order(effect="hold_after", count=1)
    waiting = asyncio.create_task(ledger.write())
    held = await _held(ledger)
    assert ledger.written == ["a"] and not waiting.done()
    assert (await ledger.last())["held"] is True
    released = await ledger.http.post("/control/faults/release", json={"request": held[0]["request"]})
    assert released.json() == {"released": 1}
    assert (await waiting).json() == {"entry": 1, "text": "a"}


async def test_held_answer_can_be_dropped(ledger: Ledger) -> None:
    await ledger.order(effect="hold_after", count=1)
    waiting = asyncio.create_task(ledger.write())
    await _held(ledger)
    await ledger.http.post("/control/faults/release", json={"drop": True})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await waiting


async def test_hold_ends_by_itself_after_its_seconds(ledger: Ledger) -> None:
    await ledger.order(effect="hold_after", seconds=0.05)
    assert (await ledger.write()).status_code == 201


async def test_hold_notices_that_the_client_was_killed(ledger: Ledger) -> None:
    await ledger.order(effect="hold_after", count=1)
    async with httpx.AsyncClient(base_url=ledger.http.base_url) as doomed:
        waiting = asyncio.create_task(doomed.post("/entries", json={"text": "a"}))
        await _held(ledger)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    for _ in range(100):
        entry = await ledger.last()
        if entry["client_gone"]:
            break
        await asyncio.sleep(0.01)
    assert (entry["client_gone"], entry["committed"], entry["status"]) == (True, True, None)


async def test_truncated_body_breaks_the_connection(ledger: Ledger) -> None:
    await ledger.order(effect="truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        await ledger.write()
    assert ledger.written == ["a"]


async def test_cut_body_is_no_json(ledger: Ledger) -> None:
    await ledger.order(effect="truncate", length="cut")
    answer = await ledger.write()
    assert answer.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_after_status_lies_about_committed_work(ledger: Ledger) -> None:
    await ledger.order(effect="after_status", status=429, body="slow down")
    answer = await ledger.write()
    assert (answer.status_code, answer.text, ledger.written) == (429, "slow down", ["a"])


@pytest.mark.parametrize(
    ("effect", "status", "content_type", "work"),
    [("html", 502, "text/html", []), ("empty", 200, "text/plain", ["a"]), ("fault_200", 200, "json", [])],
)
async def test_odd_answers(ledger: Ledger, effect: str, status: int, content_type: str, work: list[str]) -> None:
    await ledger.order(effect=effect)
    answer = await ledger.write()
    assert answer.status_code == status
    assert content_type in answer.headers["content-type"]
    assert ledger.written == work


async def test_commit_overrides_the_default(ledger: Ledger) -> None:
    await ledger.order(effect="html", status=200, commit=True)
    answer = await ledger.write()
    assert (answer.status_code, ledger.written) == (200, ["a"])


async def test_rules_choose_by_path_body_after_and_count(ledger: Ledger) -> None:
    await ledger.order(effect="status", status=503, path="^/entries", request_body="poison", after=1, count=1)
    statuses = [
        (await ledger.write("poison", "/notes")).status_code,
        (await ledger.write("bread")).status_code,
        (await ledger.write("poison 1")).status_code,
        (await ledger.write("poison 2")).status_code,
        (await ledger.write("poison 3")).status_code,
    ]
    assert statuses == [201, 201, 201, 503, 201]
    described = (await ledger.http.get("/control/faults")).json()["rules"][0]
    assert (described["matched"], described["applied"]) == (2, 1)


async def test_probability_is_repeatable_by_seed(ledger: Ledger) -> None:
    rounds = []
    for _ in range(2):
        await ledger.order(effect="status", status=500, probability=0.5, seed=7)
        rounds.append([(await ledger.write()).status_code for _ in range(12)])
        await ledger.http.delete("/control/faults")
    assert rounds[0] == rounds[1]
    assert {201, 500} == set(rounds[0])


async def test_a_bad_rule_is_refused_with_its_reason(ledger: Ledger) -> None:
    for rule in ({"effect": "explode"}, {"effect": "status", "path": "("}, {"effect": "status", "typo": 1}):
        assert (await ledger.http.post("/control/faults", json=rule)).status_code == 422
    assert (await ledger.http.get("/control/faults")).json()["rules"] == []


async def test_clock_moves_and_counters_count(ledger: Ledger) -> None:
    await ledger.http.post("/control/clock", json={"now": "2030-01-01T00:00:00Z"})
    moved = await ledger.http.post("/control/clock", json={"advance_seconds": 86400})
    assert moved.json()["now"].startswith("2030-01-02T00:00:0")
    assert (await ledger.http.post("/control/clock", json={"now": "2030-01-01"})).status_code == 422
    await ledger.write()
    counters = (await ledger.http.get("/control/counters")).json()
    assert (counters["requests"], counters["committed"], counters["by_status"]) == (1, 1, {"201": 1})
    assert (await ledger.http.delete("/control/counters")).json()["requests"] == 0


async def _held(ledger: Ledger) -> list[dict[str, Any]]:
    for _ in range(200):
        held: list[dict[str, Any]] = (await ledger.http.get("/control/faults")).json()["held"]
        if held:
            return held
        await asyncio.sleep(0.01)
    raise AssertionError("nothing is being held")
