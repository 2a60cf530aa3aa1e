"""The control routes that every simulator has: faults, request log, counters, clock, health.

They stand in for a person and for the outside world; they need no sign-in and are never reached by a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulators.clock import SimulatorClock
from simulators.faults import FaultPlan, FaultRule
from simulators.traffic import Traffic

M = TypeVar("M", bound=BaseModel)


class ClockMove(BaseModel):
    """Body of POST /control/clock. `stopped` lets time stand still after the move."""

    model_config = ConfigDict(extra="forbid")

    advance_seconds: float | None = None
    now: datetime | None = None
    stopped: bool = False


class FaultRelease(BaseModel):
    """Body of POST /control/faults/release: one held request (or all), answered or dropped."""

    model_config = ConfigDict(extra="forbid")

    request: int | None = None
    drop: bool = False


async def read_model(request: Request, model: type[M]) -> M:
    """The request's JSON body as `model`. Raises HTTPException 422 with the reasons; no body is `{}`."""
    try:
        return model.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        raise HTTPException(422, str(error)) from None


def control_routes(
    clock: SimulatorClock,
    plan: FaultPlan,
    traffic: Traffic,
    own_counters: Callable[[], dict[str, Any]] = dict,
) -> list[Route]:
    """/healthz and /control/{faults,faults/release,requests,counters,clock} for one simulator.

    `own_counters` adds the provider's own figures to GET /control/counters.
    """

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def show_faults(_: Request) -> JSONResponse:
        return JSONResponse(plan.describe())

    async def add_faults(request: Request) -> JSONResponse:
        sent: Any = await request.json()
        rules = sent if isinstance(sent, list) else [sent]
        try:
            checked = [FaultRule.model_validate(rule) for rule in rules]
        except ValidationError as error:
            raise HTTPException(422, str(error)) from None
        return JSONResponse({"ids": [plan.add(rule) for rule in checked]}, status_code=201)

    async def remove_faults(request: Request) -> JSONResponse:
        chosen = request.query_params.get("id")
        plan.remove(int(chosen) if chosen else None)
        return JSONResponse(plan.describe())

    async def release(request: Request) -> JSONResponse:
        asked = await read_model(request, FaultRelease)
        return JSONResponse({"released": plan.release(asked.request, drop=asked.drop)})

    async def requests(request: Request) -> JSONResponse:
        since = int(request.query_params.get("since", "0"))
        limit = int(request.query_params.get("limit", "1000"))
        return JSONResponse({"requests": traffic.entries(since, limit)})

    async def counters(_: Request) -> JSONResponse:
        return JSONResponse(traffic.counters() | own_counters())

    async def clear_counters(_: Request) -> JSONResponse:
        traffic.clear()
        return JSONResponse(traffic.counters())

    async def show_clock(_: Request) -> JSONResponse:
        return JSONResponse({"now": clock.now().isoformat()})

    async def move_clock(request: Request) -> JSONResponse:
        move = await read_model(request, ClockMove)
        try:
            if move.now is not None:
                clock.set(move.now, stopped=move.stopped)
            if move.advance_seconds is not None:
                clock.advance(timedelta(seconds=move.advance_seconds))
            if move.stopped and move.now is None:
                clock.stop()
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return JSONResponse({"now": clock.now().isoformat()})

    return [
        Route("/healthz", health),
        Route("/control/faults", show_faults, methods=["GET"]),
        Route("/control/faults", add_faults, methods=["POST"]),
        Route("/control/faults", remove_faults, methods=["DELETE"]),
        Route("/control/faults/release", release, methods=["POST"]),
        Route("/control/requests", requests, methods=["GET"]),
        Route("/control/counters", counters, methods=["GET"]),
        Route("/control/counters", clear_counters, methods=["DELETE"]),
        Route("/control/clock", show_clock, methods=["GET"]),
        Route("/control/clock", move_clock, methods=["POST"]),
    ]
