"""The queue from the worker's side: when a company file takes bills, and what leaves the queue unsent."""

from __future__ import annotations

from datetime import timedelta

from api.web_connector.steps import MOST_WAITS
from contracts.names import BATCH_SIZE
from models.copy_of_books import note_copy
from models.desktop_queue import MOST_AT_ONCE, MOST_WAITING, forget_unsent, message_set_id, queue_writes, stale_writes
from models.desktop_readings import COPY_SERVES_FOR
from models.runnable import lease_runnable
from tests.api.seeding import add_invoice
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import Connector, Desk


async def leased(desk: Desk) -> int:
    async with desk.session() as session:
        found = await lease_runnable(session, per_project=BATCH_SIZE, limit=100)
    return sum(len(one.invoice_ids) for one in found)


async def waiting_invoice(desk: Desk, number: str = "INV-9") -> None:
    async with desk.session() as session:
        await add_invoice(session, number, connection_id=desk.connection_id, source_id=f"source-{number}")


async def test_nothing_is_runnable_while_the_pc_is_silent(desk: Desk) -> None:
    await waiting_invoice(desk)
    assert await leased(desk) == 0


async def test_a_session_makes_invoices_runnable_until_it_is_silent_or_over(desk: Desk, connector: Connector) -> None:
    await waiting_invoice(desk)
    assert await connector.sign_in() == ""
    # Signed in, but nobody has seen yet which file is open.
    assert await leased(desk) == 0
    assert "HostQueryRq" in await connector.ask("")
    await connector.tell(quickbooks.which_file())
    assert await leased(desk) == 1
    desk.office.now.advance(timedelta(minutes=11))
    assert await leased(desk) == 0


async def test_waiting_for_work_ends_after_half_a_minute(desk: Desk, connector: Connector) -> None:
    await waiting_invoice(desk)
    # An empty first answer has been seen to crash the Web Connector: it is asked something that does no harm.
    assert "HostQueryRq" in await connector.begin()
    assert 0 < await connector.tell(quickbooks.which_file()) < 100
    for _ in range(MOST_WAITS):
        assert await connector.ask() == ""
        assert await connector.last_error() == "NoOp"
    assert await connector.ask() == ""
    assert await connector.last_error() == "Everything is up to date."


async def test_a_company_file_gets_no_more_at_once_than_its_pc_soon_takes(desk: Desk, connector: Connector) -> None:
    for number in range(MOST_AT_ONCE + 2):
        await waiting_invoice(desk, f"INV-{number}")
    await connector.begin()
    await connector.tell(quickbooks.which_file())
    assert await leased(desk) == MOST_AT_ONCE


async def test_a_full_queue_takes_no_more(desk: Desk, connector: Connector) -> None:
    await desk.queue(*(f"INV-{number}" for number in range(MOST_WAITING)))
    await waiting_invoice(desk)
    await connector.begin()
    assert await leased(desk) == 0


async def test_what_nobody_may_send_any_more_leaves_the_queue(desk: Desk) -> None:
    attempts = await desk.queue("INV-1", "INV-2")
    async with desk.session() as session:
        assert await stale_writes(session) == []
    desk.office.now.advance(timedelta(minutes=6))
    async with desk.session() as session:
        stale = await stale_writes(session)
        assert [write.attempt_id for write in stale] == [attempt.id for attempt in attempts]
        await forget_unsent(session, stale)
    assert await desk.writes() == [] and await desk.attempts() == []


async def test_queueing_twice_changes_nothing(desk: Desk) -> None:
    (attempt,) = await desk.queue("INV-1")
    before = await desk.write()
    async with desk.session() as session:
        await queue_writes(session, desk.connection_id, [attempt.id], session.now)
    assert (await desk.write()).id == before.id


async def test_a_key_has_twenty_characters_and_follows_from_its_attempt(desk: Desk) -> None:
    first, second = await desk.queue("INV-1", "INV-2")
    assert len(message_set_id(first.id)) == 20
    assert message_set_id(first.id) == message_set_id(first.id) != message_set_id(second.id)


async def test_nothing_is_drafted_on_an_old_copy_of_the_bills(desk: Desk, connector: Connector) -> None:
    await waiting_invoice(desk)
    desk.office.now.advance(COPY_SERVES_FOR)
    await connector.begin()
    assert await leased(desk) == 0
    async with desk.session() as session:
        await note_copy(session, desk.connection_id, session.now)
    assert await leased(desk) == 1
