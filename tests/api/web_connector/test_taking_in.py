"""What a session brought, taken in by the worker: links, reasons, and bills that go again by themselves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import col, select

from accounting.blockers import BlockerReason
from activities.comparing import compare
from activities.desktop_answers import take_in_answers
from models.invoice_pages import InvoiceFilter, list_invoices
from models.mappings import connection_settings
from models.standing import standings
from models.tables import AttemptState, BillLink, DesktopReading, InvoiceBlocker, InvoiceRow, QuickBooksTransaction
from models.work_list import waiting_groups
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import Connector, Desk
from tests.api.web_connector.test_readings import asked_for, page

FEATURE_OFF = 'statusCode="3250" statusSeverity="Error" statusMessage="This feature is not enabled."'


async def take_in(desk: Desk) -> int:
    return await take_in_answers(desk.office.database, desk.office.company_id, desk.office.actor)


async def invoice(desk: Desk, number: int = 0) -> InvoiceRow:
    async with desk.session() as session:
        found = await session.exec(
            select(InvoiceRow).where(
                InvoiceRow.company_id == session.company_id, InvoiceRow.id == desk.invoices[number]
            )
        )
        row: InvoiceRow = found.one()
    return row


async def reasons(desk: Desk) -> list[tuple[BlockerReason, str]]:
    async with desk.session() as session:
        found = await session.exec(
            select(InvoiceBlocker)
            .where(InvoiceBlocker.company_id == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
            .order_by(col(InvoiceBlocker.id))
        )
        return [(one.reason, one.subject) for one in found]


async def sent(desk: Desk, connector: Connector) -> str:
    await desk.queue("INV-1")
    await connector.tell(quickbooks.found(await connector.begin()))
    return await connector.ask()


async def test_a_bill_becomes_a_link_and_part_of_our_copy(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    assert await take_in(desk) == 0
    await connector.tell(quickbooks.added(text, desk.stamp()))
    assert await take_in(desk) == 1
    assert await take_in(desk) == 0
    assert (await invoice(desk)).state == "posted"
    (attempt,) = await desk.attempts()
    assert (attempt.state, attempt.quickbooks_id) == (AttemptState.ACCEPTED, "1A-1769900000")
    async with desk.session() as session:
        link = (await session.exec(select(BillLink).where(BillLink.company_id == session.company_id))).one()
        copy = (
            await session.exec(
                select(QuickBooksTransaction).where(QuickBooksTransaction.company_id == session.company_id)
            )
        ).one()
    assert (link.quickbooks_id, link.sync_token, link.total) == ("1A-1769900000", "1769954400", Decimal("15300.00"))
    assert (copy.quickbooks_id, copy.balance) == ("1A-1769900000", Decimal("15300.00"))


async def test_another_total_than_meant_shows_as_changed(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    await connector.tell(quickbooks.added(text, desk.stamp(), total="15300.01"))
    await take_in(desk)
    row = await invoice(desk)
    assert (row.state, row.changed) == ("posted", True)


async def test_a_refusal_waits_for_a_person_with_quickbooks_words(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    await connector.tell(quickbooks.refused(text, 3140, "There is an invalid reference to QuickBooks Account."))
    await take_in(desk)
    assert (await invoice(desk)).state == "needs_you"
    ((reason, subject),) = await reasons(desk)
    assert reason is BlockerReason.REFUSED_BY_QUICKBOOKS
    assert "Check the mappings." in subject and subject.endswith("(code 3140)")
    (attempt,) = await desk.attempts()
    assert (attempt.state, attempt.answer_code) == (AttemptState.REJECTED, "3140")


async def test_a_bill_held_back_before_it_was_sent_is_over_too(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.tell(quickbooks.found(await connector.begin(), quickbooks.bill("INV-1")))
    await take_in(desk)
    ((reason, subject),) = await reasons(desk)
    assert (reason, subject) == (
        BlockerReason.LIKELY_DUPLICATE,
        "QuickBooks bill INV-1 of this vendor, 2026-06-30, $15,300.00",
    )
    assert [attempt.state for attempt in await desk.attempts()] == [AttemptState.REJECTED]


async def test_a_closed_period_is_named_by_its_date(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.tell(quickbooks.found(await connector.begin(quickbooks.which_file(closing="2026-06-30"))))
    await connector.ask()
    await take_in(desk)
    assert await reasons(desk) == [(BlockerReason.PERIOD_CLOSED, "June 30, 2026")]


async def test_the_files_closing_date_holds_and_frees(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.tell(quickbooks.found(await connector.begin(quickbooks.which_file(closing="2026-06-30"))))
    await connector.ask()
    await take_in(desk)
    async with desk.session() as session:
        assert (await connection_settings(session, desk.connection_id)).books_closed_through == date(2026, 6, 30)
    async with desk.session() as session:
        for one in await session.exec(select(DesktopReading).where(DesktopReading.company_id == session.company_id)):
            one.due_at = session.now
            session.add(one)
    # The accountant opens June again: whoever waited for it goes on.
    await connector.begin(quickbooks.which_file(closing="2026-05-31"))
    assert await reasons(desk) == []
    async with desk.session() as session:
        assert (await connection_settings(session, desk.connection_id)).books_closed_through == date(2026, 5, 31)


async def test_a_vendor_credit_is_linked_as_one(desk: Desk, connector: Connector) -> None:
    await desk.queue("CM-1", credit=True)
    check = await connector.begin()
    nothing = f'<VendorCreditQueryRs requestID="{quickbooks.request_id(check)}" {quickbooks.NO_MATCH}/>'
    await connector.tell(quickbooks.answer(nothing))
    await connector.tell(quickbooks.credit_added(await connector.ask(), desk.stamp()))
    await take_in(desk)
    async with desk.session() as session:
        link = (await session.exec(select(BillLink).where(BillLink.company_id == session.company_id))).one()
    assert (link.transaction_type, link.quickbooks_id) == ("VendorCredit", "2B-1769900000")


async def test_a_lock_lets_the_bill_go_again_in_a_while(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    await connector.tell(quickbooks.refused(text, 3176, "A related object is in use."))
    await take_in(desk)
    row = await invoice(desk)
    assert (row.state, row.not_before) == ("imported", desk.office.now.now() + timedelta(minutes=10))


async def test_a_bill_quickbooks_never_got_goes_again_at_once(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector)
    await connector.tell(quickbooks.stored(await connector.begin(), 9002))
    await connector.tell(quickbooks.found(await connector.ask()))
    await take_in(desk)
    row = await invoice(desk)
    assert (row.state, row.not_before) == ("imported", desk.office.now.now())


async def test_bills_whose_turn_did_not_come_are_drafted_anew(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1", "INV-2")
    desk.office.now.advance(timedelta(minutes=6))
    assert await take_in(desk) == 0
    assert [(await invoice(desk, number)).state for number in (0, 1)] == ["imported", "imported"]
    assert await desk.writes() == [] and await desk.attempts() == []


async def test_an_unanswered_bill_stays_open_however_long_the_pc_sleeps(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector)
    desk.office.now.advance(timedelta(days=16))
    assert await take_in(desk) == 0
    assert (await invoice(desk)).state == "sending"
    assert "Rq requestID" not in await connector.begin()


async def test_what_waits_for_a_silent_pc_says_since_when(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.begin()
    async with desk.session() as session:
        assert await standings(session, [await invoice(desk)]) == {}
    desk.office.now.advance(timedelta(hours=2))
    async with desk.session() as session:
        (told,) = (await standings(session, [await invoice(desk)])).values()
    assert told.hold.reason is BlockerReason.DESKTOP_SILENT
    assert told.hold.sentence.startswith("Not heard from since ") and "the PC is off or asleep" in told.hold.sentence


async def test_a_silent_pc_is_a_reason_in_the_list_and_on_the_dashboard(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.begin()
    row = await invoice(desk)
    silent = InvoiceFilter(waits_for=BlockerReason.DESKTOP_SILENT)
    async with desk.session() as session:
        assert [group.reason for group in await waiting_groups(session)] == [None]
        assert (await list_invoices(session, silent, limit=5)).rows == ()
    desk.office.now.advance(timedelta(hours=2))
    async with desk.session() as session:
        (group,) = await waiting_groups(session)
        assert (group.reason, group.count, group.due) == (BlockerReason.DESKTOP_SILENT, 1, row.due)
        assert [one.invoice_id for one in (await list_invoices(session, silent, limit=5)).rows] == [row.id]


async def read_the_file(desk: Desk, connector: Connector, *bills: str, status: str = quickbooks.NO_MATCH) -> None:
    """A session in which everything that is due is read, and there are these bills and nothing else."""
    text = await connector.begin()
    while asked_for(text) != "TxnDeleted":
        told = page(text, "".join(bills) if asked_for(text) == "Bill" else "")
        await connector.tell(told.replace(quickbooks.NO_MATCH, status))
        text = await connector.ask()
    await connector.tell(page(text))
    await connector.close()
    await take_in(desk)


async def test_a_bill_that_a_restored_backup_lacks_is_removed(desk: Desk, connector: Connector) -> None:
    await connector.tell(quickbooks.added(await sent(desk, connector), desk.stamp()))
    await connector.close()
    await take_in(desk)
    desk.office.now.advance(timedelta(days=8))
    await read_the_file(desk, connector, quickbooks.bill("INV-1", desk.stamp()))
    assert not (await compared(desk)).removed_in_quickbooks
    # Hourly readings bring only what changed: that it is not among it says nothing.
    desk.office.now.advance(timedelta(hours=2))
    await read_the_file(desk, connector)
    assert not (await compared(desk)).removed_in_quickbooks
    desk.office.now.advance(timedelta(days=8))
    await read_the_file(desk, connector, status=FEATURE_OFF)
    assert not (await compared(desk)).removed_in_quickbooks
    desk.office.now.advance(timedelta(days=8))
    await read_the_file(desk, connector)
    assert (await compared(desk)).removed_in_quickbooks
    # The right file is put back.
    desk.office.now.advance(timedelta(days=8))
    await read_the_file(desk, connector, quickbooks.bill("INV-1", desk.stamp()))
    assert not (await compared(desk)).removed_in_quickbooks


async def compared(desk: Desk) -> InvoiceRow:
    async with desk.session() as session:
        await compare(session, desk.invoices)
    return await invoice(desk)
