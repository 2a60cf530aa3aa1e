"""`python -m api` as a process: it says what is missing, serves, and ends cleanly when asked to."""

import asyncio
import os
import signal
import sys

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from demo.embedded import free_port

GOOD = {
    "PUBLIC_BASE_URL": "http://127.0.0.1",
    "SESSION_SECRET": "s" * 32,
    "ENCRYPTION_KEYS": "k:" + "QUFB" * 10 + "QUE=",
    "PROCORE_CLIENT_ID": "app",
    "PROCORE_CLIENT_SECRET": "s3cret",
    "INTUIT_CLIENT_ID": "app",
    "INTUIT_CLIENT_SECRET": "s3cret",
}


async def started(environment: dict[str, str], *arguments: str, module: str = "api") -> asyncio.subprocess.Process:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, env={**kept, **environment}, stderr=asyncio.subprocess.PIPE
    )


async def test_missing_settings_end_it_with_code_2_and_the_variables_name() -> None:
    process = await started({name: value for name, value in GOOD.items() if name != "SESSION_SECRET"})
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().strip() == "settings: SESSION_SECRET is missing (see .env.example)"


@pytest.mark.parametrize("module", ["api", "worker"])
async def test_without_a_database_and_temporal_it_says_so(module: str) -> None:
    process = await started(GOOD, module=module)
    _, said = await process.communicate()
    assert process.returncode == 2
    assert [line.split()[:4] for line in said.decode().splitlines()] == [
        ["settings:", "DATABASE_URL", "is", "empty;"],
        ["settings:", "TEMPORAL_ADDRESS", "is", "empty;"],
    ]


async def test_it_serves_and_ends_cleanly(database_url: str, temporal: WorkflowEnvironment) -> None:
    port = free_port()
    address = temporal.client.service_client.config.target_host
    environment = {**GOOD, "DATABASE_URL": database_url, "TEMPORAL_ADDRESS": address}
    process = await started(environment, "--port", str(port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for _ in range(150):
            try:
                answer = await client.get("/healthz")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        assert answer.json() == {"status": "ok"}
        assert "Sign in with Procore" in (await client.get("/")).text
        assert (await client.get("/static/app.css")).status_code == 200
    process.send_signal(signal.SIGTERM)
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
