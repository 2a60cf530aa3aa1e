"""A bill of a company file that is changed: looked at right before it is handed out, and looked up by its TxnID."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import col, select

from accounting.bill_versions import as_it_would_be_posted
from accounting.desktop_draft import in_words_of_a_company_file
from accounting.states import InvoiceState
from activities.desktop_answers import take_in_answers
from activities.update_bytes import desktop_update
from api.web_connector.sentences import CHANGED_MEANWHILE, GONE, PAID_MEANWHILE
from models.desktop_queue import queue_writes
from models.tables import InvoiceRow, PostingOperation, QuickBooksTransaction, WriteState
from models.writing_batches import write_batch
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.bills import BillMod, BillModRq, BillRet
from simulators.quickbooks_desktop.people import Action, act
from tests.activities.test_bill_versions import MADE_IN_DESKTOP
from tests.activities.test_desktop_bill import draft
from tests.api.seeding import PROJECT, add_invoice
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import USER, Connector, Desk, new_attempt
from tests.api.web_connector.test_simulated_office import Customer, customer

__all__ = ["customer"]

BILL = BillRet.from_xml(MADE_IN_DESKTOP)


async def queue_change(desk: Desk) -> None:
    """The update of one bill as the worker leaves it: its first line bills a hundred more."""
    wanted = as_it_would_be_posted(in_words_of_a_company_file(draft()))
    more = replace(wanted.lines[0], amount=wanted.lines[0].amount + 100)
    wanted = replace(wanted, total=Decimal("1225.00"), lines=(more, *wanted.lines[1:]))
    await queue_body(desk, lambda marker: desktop_update(BILL, wanted, None, marker), wanted.total)


async def queue_body(desk: Desk, body_of: Callable[[str], bytes], total: Decimal) -> None:
    async with desk.session() as session:
        invoice_id = await add_invoice(session, "INV-1", connection_id=desk.connection_id, source_id="7500")
        desk.invoices.append(invoice_id)
        found = await session.exec(
            select(InvoiceRow).where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.id) == invoice_id)
        )
        row = found.one()
        row.state = InvoiceState.POSTED
        session.add(row)
        made = new_attempt(desk.connection_id, row, "INV-1", date(2026, 6, 30))
        change = replace(made, operation=PostingOperation.UPDATE, body=body_of(made.marker), total=total)
        batch_id = await write_batch(session, desk.connection_id, PROJECT, [change])
        attempts = await desk._attempts(session, batch_id)
        await queue_writes(session, desk.connection_id, [one.id for one in attempts], session.now)


def changed(text: str, total: str = "1225.00", sequence: str = "18", number: str = "INV-1") -> str:
    """QuickBooks' answer: the bill as it is now."""
    told = quickbooks.bill(number, total=total, txn_id="1F-1").replace("1769954400", sequence)
    inside = f'<BillModRs requestID="{quickbooks.request_id(text)}" {quickbooks.OK}>{told}</BillModRs>'
    return quickbooks.answer(inside, f' newMessageSetID="{quickbooks.set_id(text)}" messageSetStatusCode="0"')


def looked_up(text: str, *bills: str) -> str:
    return quickbooks.found(text, *bills)


def as_it_is(total: str = "1125.00", sequence: str = "17", open_amount: str | None = None) -> str:
    """The bill as QuickBooks has it."""
    told = quickbooks.bill("INV-1", total=total, txn_id="1F-1").replace("1769954400", sequence)
    paid = f"<OpenAmount>{open_amount or total}</OpenAmount>"
    return re.sub("<OpenAmount>.*</OpenAmount>", paid, told)


async def handed_out(connector: Connector) -> str:
    """The change itself, after the look at a bill that nobody touched."""
    look = await connector.begin()
    assert "<TxnID>1F-1</TxnID>" in look and "BillMod" not in look
    await connector.tell(looked_up(look, as_it_is()))
    return await connector.ask()


async def test_it_is_looked_at_then_sent_and_names_every_line(desk: Desk, connector: Connector) -> None:
    await queue_change(desk)
    text = await handed_out(connector)
    assert "<TxnID>1F-1</TxnID><EditSequence>17</EditSequence>" in text
    assert re.findall(r"<TxnLineID>([^<]+)</TxnLineID>", text) == ["20-1", "21-1"]
    assert "<Amount>1350.00</Amount>" in text
    # What is a person's stays as it is: neither memo, terms nor due date is named.
    assert not re.search("<(Memo|TermsRef|DueDate)>", text)
    assert await connector.tell(changed(text)) == 100
    write = await desk.write()
    assert (write.state, write.txn_id, write.edit_sequence, write.total) == (
        WriteState.DONE,
        "1F-1",
        "18",
        Decimal("1225.00"),
    )


async def test_somebody_was_quicker(desk: Desk, connector: Connector) -> None:
    await queue_change(desk)
    text = await handed_out(connector)
    stale = quickbooks.refused(text, 3200, "The provided edit sequence is out-of-date.").replace(
        "BillAddRs", "BillModRs"
    )
    await connector.tell(stale)
    write = await desk.write()
    assert (write.state, write.code) == (WriteState.REFUSED, "3200")


@pytest.mark.parametrize(
    ("bill", "code", "sentence"),
    [
        (as_it_is(sequence="18"), "3200", CHANGED_MEANWHILE),
        # With the switch payment_touches_bill in its second position a payment is seen by nothing else.
        (as_it_is(open_amount="125.00"), "3200", PAID_MEANWHILE),
        ("", "500", GONE),
    ],
    ids=["changed", "part-paid", "gone"],
)
async def test_a_bill_that_moved_on_is_never_handed_out(
    desk: Desk, connector: Connector, bill: str, code: str, sentence: str
) -> None:
    await queue_change(desk)
    await connector.tell(looked_up(await connector.begin(), *([bill] if bill else [])))
    assert "BillMod" not in await connector.ask()
    write = await desk.write()
    assert (write.state, write.code, write.sentence) == (WriteState.REFUSED, code, sentence)


@pytest.mark.parametrize(
    ("sequence", "total", "there", "state", "code"),
    [
        ("18", "1225.00", True, WriteState.DONE, "0"),
        ("17", "1125.00", True, WriteState.POSTPONED, "unheard"),
        ("18", "9.00", True, WriteState.REFUSED, "3200"),
        ("17", "1125.00", False, WriteState.REFUSED, "500"),
    ],
    ids=["made", "never received", "changed by somebody else", "gone"],
)
async def test_an_answer_that_was_lost_is_looked_up_by_its_id(
    desk: Desk, connector: Connector, sequence: str, total: str, there: bool, state: WriteState, code: str
) -> None:
    await queue_change(desk)
    await handed_out(connector)
    asked = await connector.begin()
    await connector.tell(quickbooks.stored(asked, 9002))
    look = await connector.ask()
    assert "<TxnID>1F-1</TxnID>" in look and "RefNumber" not in look
    bill = quickbooks.bill("INV-1", total=total, txn_id="1F-1").replace("1769954400", sequence)
    await connector.tell(looked_up(look, *([bill] if there else [])))
    write = await desk.write()
    assert (write.state, write.code) == (state, code)


@pytest.mark.parametrize("touches", [True, False])
async def test_a_payment_is_seen_whether_or_not_it_touches_the_bill(
    desk: Desk, customer: Customer, touches: bool
) -> None:
    customer.simulation.change_switches({"payment_touches_bill": touches})
    await desk.queue("INV-1")
    await customer.pc.update(USER)
    await take_in_answers(desk.office.database, desk.office.company_id, desk.office.actor)
    (bill,) = customer.file.books.transactions["Bill"].values()
    change = BillMod(txn_id=bill["TxnID"], edit_sequence=bill["EditSequence"], memo="changed")

    def body_of(marker: str) -> bytes:
        return request_text(BillModRq(request_id=marker.replace(" ", "-"), bill=change)).encode("ascii")

    await queue_body(desk, body_of, Decimal("15300.00"))
    paid = [{"bill": bill["TxnID"], "amount": "300.00"}]
    act(customer.file, Action.model_validate({"action": "pay", "bills": paid}))
    await customer.pc.update(USER)
    await take_in_answers(desk.office.database, desk.office.company_id, desk.office.actor)
    (*_, write) = await desk.writes()
    assert (write.state, write.sentence) == (WriteState.REFUSED, PAID_MEANWHILE)
    assert customer.file.books.transactions["Bill"][bill["TxnID"]]["Memo"] != "changed"
    async with desk.session() as session:
        copied = select(QuickBooksTransaction).where(QuickBooksTransaction.company_id == session.company_id)
        assert (await session.exec(copied)).one().balance == Decimal("15000.00")
