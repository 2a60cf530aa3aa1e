"""Telling workflows after the commit: Temporal away costs nobody more than a moment, and refuses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from temporalio.client import Client

from api import telling
from api.access import Visitor
from api.intents.moving_on import pause
from contracts.starts import Workflows
from foundation.temporal import DATA_CONVERTER
from models.directory import signed_in_user
from tests.api.conftest import Office
from tests.api.seeding import add_connection


async def test_what_never_answers_is_left(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(telling, "PATIENCE", 0.01)

    async def silence() -> None:
        await asyncio.Event().wait()

    await asyncio.wait_for(telling.tell(silence()), 10)
    assert "it will find the change in our tables: TimeoutError" in caplog.text


@asynccontextmanager
async def line_to(address: str) -> AsyncIterator[str]:
    """An address that leads to another for as long as the block runs."""
    host, port = address.split(":")
    under_way: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        under_way.update(asyncio.create_task(carry(*one)) for one in ((reader, far_writer), (far_reader, writer)))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for one in under_way:
        one.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


async def test_with_temporal_away_a_click_is_kept(
    office: Office, temporal_client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(telling, "PATIENCE", 0.2)
    async with line_to(temporal_client.service_client.config.target_host) as address:
        cut_off = await Client.connect(address, data_converter=DATA_CONVERTER)
    services = replace(office.services, workflows=Workflows(cut_off, "nowhere"))
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
    async with office.database.directory() as session:
        admin = await signed_in_user(session, office.admin_id)
    assert admin is not None
    paused = await pause(services, Visitor(admin, admin.companies[0]), connection_id, True)
    assert (paused.on, paused.version) == (True, 1)
    assert "a workflow could not be told" in caplog.text
    assert (await office.admin.get(f"/api/v1/connections/{connection_id}/pause")).json()["on"] is True
