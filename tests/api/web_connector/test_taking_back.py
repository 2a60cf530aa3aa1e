"""Voiding bills in a company file: handed out without a look-up first, exactly once, and what a PC may do to it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import select

from activities.desktop_answers import take_in_answers
from activities.desktop_taking_back import hand_over_removals
from models.desktop_queue import FRESH_FOR
from models.invoices import invoices_by_id
from models.tables import QuickBooksTransaction, TakeBackState, TakeBackWay, TakingBackItem
from models.taking_back import ask
from models.taking_back_shown import newest_item
from models.unfinished import unfinished_batches
from providers.quickbooks_desktop.messages.bills import BillRet, ExpenseLineRet
from providers.quickbooks_desktop.messages.element import to
from simulators.quickbooks_desktop.people import Action, act
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import USER, Connector, Desk
from tests.api.web_connector.test_simulated_office import (
    COST,
    JOB,
    VENDOR,
    Customer,
    alike,
    customer,
    read_the_books,
)

S = TakeBackState
__all__ = ["customer"]
BILL = "1A-1769900000"
READ_BACK = BillRet(
    txn_id=BILL,
    edit_sequence="1769954400",
    vendor=to(VENDOR),
    ap_account=to("80000030-1700000000"),
    bill_date=date(2026, 6, 30),
    amount_due=Decimal("15300.00"),
    number="INV-1",
    expenses=(
        ExpenseLineRet(line_id="1", account=to(COST), amount=Decimal("17000.00"), customer=to(JOB)),
        ExpenseLineRet(line_id="2", account=to(COST), amount=Decimal("-1700.00"), customer=to(JOB)),
    ),
)


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


async def newest(desk: Desk, number: int = 0) -> TakingBackItem:
    """The last click on *Take back* of an invoice."""
    async with desk.session() as session:
        item = await newest_item(session, desk.invoices[number])
    assert item is not None
    return item


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
    assert (await newest(desk)).may_reverse


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


async def test_a_paid_bill_is_reversed_by_a_vendor_credit(desk: Desk, customer: Customer) -> None:
    await desk.queue("INV-1")
    await customer.pc.update(USER)
    await take_in(desk)
    ((bill_id, bill),) = customer.file.books.transactions["Bill"].items()
    action = {"action": "pay", "bills": [{"bill": bill_id, "amount": "300.00"}], "number": "1044"}
    act(customer.file, Action.model_validate(action))
    await read_the_books(desk, customer)
    await take_back(desk, desk.invoices[0])
    state, item, sentence = await standing(desk)
    assert (state, item) == ("posted", S.REFUSED) and "$300.00 of it is paid" in sentence
    assert (await newest(desk)).may_reverse

    desk.office.services.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]  # the tests' clock
    await take_back(desk, desk.invoices[0], way=TakeBackWay.REVERSE)
    await customer.pc.update(USER)
    await take_in(desk)
    ((credit_id, credit),) = customer.file.books.transactions["VendorCredit"].items()
    assert (credit["RefNumber"], credit["CreditAmount"]) == ("INV-1-R", bill["AmountDue"])
    same = ("AccountRef", "Amount", "CustomerRef", "ClassRef", "BillableStatus")
    undone, done = ([[line.get(one) for one in same] for line in of["expense_lines"]] for of in (credit, bill))
    assert undone == done
    assert await standing(desk) == ("taken_back", S.DONE, f"Reversed by vendor credit INV-1-R of {credit['TxnDate']}.")
    assert (await newest(desk)).credit_id == credit_id
    # The bill stays, and its payment; neither it nor the credit is taken for something else afterwards.
    assert customer.ids() == [bill_id]
    await read_the_books(desk, customer)
    assert await alike(desk, "15300.00") == []


async def test_a_bill_that_nobody_has_read_back_is_not_reversed(desk: Desk, connector: Connector) -> None:
    await posted(desk, connector)
    await take_back(desk, desk.invoices[0], way=TakeBackWay.REVERSE)
    state, item, sentence = await standing(desk)
    assert (state, item) == ("posted", S.REFUSED) and "Try again after the PC's next session" in sentence
    assert (await newest(desk)).may_reverse


@pytest.mark.parametrize(
    ("there", "state", "again"),
    [
        ("stamp", "taken_back", 0),
        ("memo", "taken_back", 0),
        ("", "posted", 1),
        # Of an earlier bill of the invoice, or typed by hand: a person has to look.
        ("another", "posted", 0),
    ],
)
async def test_after_a_lost_answer_a_reversing_credit_is_looked_for(
    desk: Desk, connector: Connector, there: str, state: str, again: int
) -> None:
    await posted(desk, connector)
    async with desk.session() as session:
        found = await session.exec(select(QuickBooksTransaction).where(QuickBooksTransaction.quickbooks_id == BILL))
        found.one().raw = READ_BACK.model_dump_json()
    await take_back(desk, desk.invoices[0], way=TakeBackWay.REVERSE)
    sent = await connector.begin()
    assert "<VendorCreditAddRq" in sent and "<RefNumber>INV-1-R</RefNumber>" in sent
    stamp, memo = (found.group(1) for one in ("ExternalGUID", "Memo") if (found := re.search(f"<{one}>(.*?)<", sent)))
    assert f"{BILL}: Reverses bill INV-1" in memo and stamp != desk.stamp()
    await connector.close()
    asked = await connector.begin()
    # The very set that was sent, asked for by its own key.
    assert quickbooks.set_id(asked) == quickbooks.set_id(sent)
    await connector.tell(quickbooks.stored(asked, 9002))
    looked_up = await connector.ask()
    assert "<VendorCreditQueryRq" in looked_up and "INV-1-R" in looked_up
    known = {"stamp": (stamp, "somebody's words"), "memo": ("", memo), "another": ("", "inBuild 70001")}
    credit = quickbooks.credit("INV-1-R", known[there][0]).replace("typed by hand", known[there][1]) if there else ""
    status = quickbooks.OK if there else quickbooks.NO_MATCH
    inside = (
        f'<VendorCreditQueryRs requestID="{quickbooks.request_id(looked_up)}" {status}>{credit}</VendorCreditQueryRs>'
    )
    await connector.tell(quickbooks.answer(inside))
    await connector.close()
    await take_in(desk)
    assert (await standing(desk))[0] == state
    desk.office.services.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]  # the tests' clock
    assert await hand_over(desk) == again
    removed = [write for write in await desk.writes() if write.is_removal]
    assert len({write.message_set_id for write in removed}) == len(removed) == 1 + again


async def test_a_voided_bill_is_not_taken_for_the_one_that_is_posted_again(desk: Desk, connector: Connector) -> None:
    (again,) = await desk.queue("INV-1")
    async with desk.session() as session:
        again.generation = 2
        session.add(again)
    voided = quickbooks.bill("INV-1", desk.stamp(), total="0.00", memo="VOID: Procore SC-001 #3 · inBuild 70001")
    assert await connector.tell(quickbooks.found(await connector.begin(), voided)) < 100
    assert "<BillAddRq" in await connector.ask()
