"""One bill through a session, as it goes well."""

import re
from datetime import date, timedelta
from decimal import Decimal

from models.tables import AttemptState, WriteState
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import Connector, Desk
from tests.api.web_connector.quickbooks import NO_MATCH, OK, request_id


async def test_a_bill_is_looked_for_sent_and_done(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    check = await connector.begin()
    assert "<RefNumberCaseSensitive>INV-1</RefNumberCaseSensitive>" in check and "newMessageSetID" not in check
    assert 0 < await connector.tell(quickbooks.found(check)) < 100
    text = await connector.ask()
    write = await desk.write()
    assert (write.state, write.text) == (WriteState.SENT, text)
    assert quickbooks.set_id(text) == write.message_set_id and len(write.message_set_id) == 20
    assert await connector.tell(quickbooks.added(text, desk.stamp())) == 100
    write = await desk.write()
    assert (write.state, write.txn_id, write.total) == (WriteState.DONE, "1A-1769900000", Decimal("15300.00"))
    assert not write.adopted
    assert (await connector.close()).startswith("Finished: 2 requests")


async def test_bills_go_one_by_one_after_one_look(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1", "INV-2")
    check = await connector.begin()
    assert check.count("<RefNumberCaseSensitive>") == 2
    assert await connector.tell(quickbooks.found(check)) < 100
    first = await connector.ask()
    assert await connector.tell(quickbooks.added(first, desk.stamp(0), txn_id="1-1")) < 100
    second = await connector.ask()
    assert "INV-2" in second
    # QuickBooks may forget the first set now: its outcome is stored here.
    assert f'oldMessageSetID="{quickbooks.set_id(first)}"' in second
    assert await connector.tell(quickbooks.added(second, desk.stamp(1), txn_id="1-2")) == 100
    assert [write.txn_id for write in await desk.writes()] == ["1-1", "1-2"]


async def test_asked_twice_the_same_text_is_handed_out(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    check = await connector.begin()
    assert await connector.ask() == check
    await connector.tell(quickbooks.found(check))
    text = await connector.ask()
    assert await connector.ask() == text
    assert len(await desk.exchanges()) == 2


async def test_a_refused_bill_holds_up_nothing_else(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1", "INV-2")
    await connector.tell(quickbooks.found(await connector.begin()))
    first = await connector.ask()
    assert await connector.tell(quickbooks.refused(first, 3140, "There is an invalid reference.")) < 100
    assert "INV-2" in await connector.ask()
    write = (await desk.writes())[0]
    assert (write.state, write.verdict, write.code) == (WriteState.REFUSED, "person", "3140")


async def test_a_lock_puts_a_bill_off(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.tell(quickbooks.found(await connector.begin()))
    text = await connector.ask()
    await connector.tell(quickbooks.refused(text, 3180, "The record is being used by another user."))
    assert (await desk.write()).state is WriteState.POSTPONED


async def test_a_bill_typed_by_hand_is_not_sent_again(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1", "INV-2")
    check = await connector.begin()
    stranger = quickbooks.bill("INV-2", vendor="80000099-1", txn_id="9-9")
    await connector.tell(quickbooks.found(check, quickbooks.bill("INV-1", total="15000.00"), stranger))
    first, second = await desk.writes()
    assert (first.state, first.verdict) == (WriteState.REFUSED, "duplicate")
    assert "INV-1" in (first.sentence or "") and "15,000.00" in (first.sentence or "")
    assert second.state is WriteState.WAITING
    assert "INV-2" in await connector.ask()


async def test_a_bill_that_carries_our_mark_is_adopted(desk: Desk, connector: Connector) -> None:
    (attempt,) = await desk.queue("INV-1")
    check = await connector.begin()
    # The stamp is gone after an edit by another program; the memo still says whose it is.
    known = quickbooks.bill("INV-1", memo=f"kept {attempt.memo_marker} as is")
    assert await connector.tell(quickbooks.found(check, known)) == 100
    write = await desk.write()
    assert (write.state, write.adopted) == (WriteState.DONE, True)


async def test_nothing_goes_into_a_closed_period(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1", bill_date=date(2026, 6, 30))
    check = await connector.begin(quickbooks.which_file(closing="2026-06-30"))
    await connector.tell(quickbooks.found(check))
    assert await connector.ask() == ""
    write = await desk.write()
    assert (write.state, write.verdict, write.sentence) == (WriteState.REFUSED, "closed", "June 30, 2026")


async def test_an_old_look_at_procore_is_not_good_enough(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    desk.office.now.advance(timedelta(minutes=6))
    assert "BillAdd" not in await connector.begin()
    assert (await desk.write()).state is WriteState.WAITING


async def test_the_attempt_knows_that_it_was_sent(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.tell(quickbooks.found(await connector.begin()))
    await connector.ask()
    (attempt,) = await desk.attempts()
    assert attempt.state is AttemptState.SENT and attempt.sent_at is not None


async def test_a_vendor_credit_is_looked_for_among_credits_and_sent_as_one(desk: Desk, connector: Connector) -> None:
    await desk.queue("CM-1", credit=True)
    await desk.queue("INV-1")
    check = await connector.begin()
    assert re.findall("<(BillQueryRq|VendorCreditQueryRq) ", check) == ["BillQueryRq", "VendorCreditQueryRq"]
    # A bill of the credit's number is another document, and the other way round.
    await connector.tell(quickbooks.both_found(check, quickbooks.bill("CM-1"), quickbooks.credit("INV-1")))
    sent = await connector.ask()
    assert "<VendorCreditAdd>" in sent
    await connector.tell(quickbooks.credit_added(sent, desk.stamp()))
    assert "<BillAdd>" in await connector.ask()
    credit = (await desk.writes())[0]
    assert (credit.state, credit.txn_id, credit.total) == (WriteState.DONE, "2B-1769900000", Decimal("15300.00"))


async def test_a_lost_vendor_credit_is_found_by_our_mark(desk: Desk, connector: Connector) -> None:
    await desk.queue("CM-1", credit=True)
    check = await connector.begin()
    await connector.tell(quickbooks.answer(f'<VendorCreditQueryRs requestID="{request_id(check)}" {NO_MATCH}/>'))
    await connector.ask()
    await connector.tell(quickbooks.stored(await connector.begin(), 9002))
    look_up = await connector.ask()
    assert "VendorCreditQueryRq" in look_up and "BillQueryRq" not in look_up
    mine = quickbooks.credit("CM-1", desk.stamp())
    told = f'<VendorCreditQueryRs requestID="{request_id(look_up)}" {OK}>{mine}</VendorCreditQueryRs>'
    await connector.tell(quickbooks.answer(told))
    assert ((await desk.write()).state, (await desk.write()).adopted) == (WriteState.DONE, True)
