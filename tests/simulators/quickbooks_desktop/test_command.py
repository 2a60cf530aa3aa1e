"""`python -m simulators.quickbooks_desktop` serves a world document."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx

from tests.exchanges.matching import FOLDER

ROOT = Path(__file__).parents[3]


async def test_it_serves_what_it_loads_and_ends_when_asked() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulators.quickbooks_desktop", "--load"),
        *(str(FOLDER / "quickbooks_desktop_world.json"), "--switch", "noop_seconds=1"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        assert ready["company_files"] == ["acme"]
        async with httpx.AsyncClient(base_url=ready["url"]) as http:
            assert (await http.get("/healthz")).json() == {"status": "ok"}
            assert (await http.get("/control/switches")).json()["noop_seconds"] == 1
            assert (await http.get("/control/counters")).json()["transactions"]["acme"]["Bill"] == 1
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 60) == 0
