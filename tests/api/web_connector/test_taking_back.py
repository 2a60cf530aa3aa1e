"""Voiding bills in a company file: handed out without a look-up first, exactly once, and what a PC may do to it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from activities.desktop_answers import take_in_answers
from activities.desktop_taking_back import hand_over_removals
from models.desktop_queue import FRESH_FOR
from models.invoices import invoices_by_id
from models.tables import TakeBackState, TakeBackWay
from models.taking_back import ask
from models.taking_back_shown import newest_item
from models.unfinished import unfinished_batches
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import USER, Connector, Desk
from tests.api.web_connector.test_simulated_office import Customer, customer

S = TakeBackState
__all__ = ["customer"]
BILL = "1A-1769900000"


async def take_in(desk: Desk) -> None:
    await take_in_answers(desk.office.database, desk.office.company_id, desk.office.actor)


async def take_back(desk: Desk, *invoice_ids: UUID, way: TakeBackWay = TakeBackWay.REMOVE) -> None:
    async with desk.session() as session:
        asked = await ask(session, invoice_ids, way, desk.office.admin_id)
    assert asked.count == len(invoice_ids)
    await hand_over(desk)


async def hand_over(desk: Desk) -> int:
    """What the worker does with the batches that are in line; how many there were."""
    async with desk.session() as session:
        batches = await unfinished_batches(session, 10)
        for batch in batches:
            await hand_over_removals(session, batch.connection_id, batch.batch_id)
    return len(batches)


async def standing(desk: Desk, number: int = 0) -> tuple[str, TakeBackState, str]:
    """The invoice's state, and what came of taking its bill back."""
    invoice_id = desk.invoices[number]
    async with desk.session() as session:
        row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
        item = await newest_item(session, invoice_id)
    assert item is not None
    return row.state.value, item.state, item.sentence


async def posted(desk: Desk, connector: Connector) -> None:
    """One bill, posted in a session that is over."""
    await desk.queue("INV-1")
    await connector.tell(quickbooks.found(await connector.begin()))
    await connector.tell(quickbooks.added(await connector.ask(), desk.stamp()))
    await connector.close()
    await take_in(desk)


async def test_the_newest_bill_is_voided_first_in_the_simulated_office(desk: Desk, customer: Customer) -> None:
    for number in ("INV-1", "INV-2"):
        await desk.queue(number)
        await customer.pc.update(USER)
        await take_in(desk)
        desk.office.services.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]  # the tests' clock
    first, second = desk.invoices
    await take_back(desk, first, second)
    # A PC may sleep for a long time: what is to be voided does not grow stale.
    desk.office.services.clock.advance(FRESH_FOR * 10)  # type: ignore[attr-defined]  # the tests' clock
    await take_in(desk)
    await customer.pc.update(USER)
    await take_in(desk)
    assert await standing(desk, 0) == ("taken_back", S.DONE, "Voided in QuickBooks.")
    assert await standing(desk, 1) == ("taken_back", S.DONE, "Voided in QuickBooks.")
    bills = customer.file.books.transactions["Bill"].values()
    assert [Decimal(bill["AmountDue"]) for bill in bills] == [0, 0]
    removed = [write for write in await desk.writes() if write.is_removal]
    attempts = {attempt.id: attempt.subject_id for attempt in await desk.attempts()}
    assert [attempts[write.attempt_id] for write in sorted(removed, key=lambda write: write.position)] == [
        second,
        first,
    ]


async def test_a_refusal_stays_with_quickbooks_words(desk: Desk, connector: Connector) -> None:
    await posted(desk, connector)
    await take_back(desk, desk.invoices[0])
    text = await connector.begin()
    assert "<TxnVoidRq" in text and f"<TxnID>{BILL}</TxnID>" in text
    await connector.tell(quickbooks.refused(text, 3190, "Cannot void a paid bill"))
    await take_in(desk)
    state, item, sentence = await standing(desk)
    assert (state, item) == ("posted", S.REFUSED)
    assert sentence == "QuickBooks cannot void this transaction. QuickBooks says: Cannot void a paid bill"


async def test_a_bill_that_is_gone_is_taken_back(desk: Desk, connector: Connector) -> None:
    await posted(desk, connector)
    await take_back(desk, desk.invoices[0])
    await connector.tell(quickbooks.refused(await connector.begin(), 3120, "not found"))
    await take_in(desk)
    assert (await standing(desk))[:2] == ("taken_back", S.DONE)


@pytest.mark.parametrize(
    ("there", "state", "again"),
    [
        (quickbooks.bill("INV-1", total="0.00", memo="VOID: inBuild 70001"), "taken_back", 0),
        (quickbooks.bill("INV-1"), "posted", 1),
        ("", "taken_back", 0),
    ],
)
async def test_after_a_lost_answer_the_bill_itself_says_what_came_of_it(
    desk: Desk, connector: Connector, there: str, state: str, again: int
) -> None:
    await posted(desk, connector)
    await take_back(desk, desk.invoices[0])
    assert "<TxnVoidRq" in await connector.begin()
    await connector.close()
    asked = await connector.begin()
    await connector.tell(quickbooks.stored(asked, 9002))
    looked_up = await connector.ask()
    assert "<BillQueryRq" in looked_up
    await connector.tell(quickbooks.found(looked_up, *([there] if there else [])))
    await connector.close()
    await take_in(desk)
    assert (await standing(desk))[0] == state
    # What QuickBooks never heard of goes again, as another attempt under another key.
    desk.office.services.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]  # the tests' clock
    assert await hand_over(desk) == again
    removed = [write for write in await desk.writes() if write.is_removal]
    assert len({write.message_set_id for write in removed}) == len(removed) == 1 + again


async def test_a_reversal_is_not_made_in_a_company_file(desk: Desk, connector: Connector) -> None:
    await posted(desk, connector)
    await take_back(desk, desk.invoices[0], way=TakeBackWay.REVERSE)
    state, item, sentence = await standing(desk)
    assert (state, item) == ("posted", S.REFUSED)
    assert sentence.startswith("inBuild makes no vendor credits in QuickBooks Desktop.")


async def test_a_voided_bill_is_not_taken_for_the_one_that_is_posted_again(desk: Desk, connector: Connector) -> None:
    (again,) = await desk.queue("INV-1")
    async with desk.session() as session:
        again.generation = 2
        session.add(again)
    voided = quickbooks.bill("INV-1", desk.stamp(), total="0.00", memo="VOID: Procore SC-001 #3 · inBuild 70001")
    assert await connector.tell(quickbooks.found(await connector.begin(), voided)) < 100
    assert "<BillAddRq" in await connector.ask()
