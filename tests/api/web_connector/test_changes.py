"""A bill of a company file that is changed: handed out without a search, and looked up by its TxnID."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import col, select

from accounting.bill_versions import as_it_would_be_posted
from accounting.states import InvoiceState
from activities.desktop_bill import as_desktop_bill
from activities.update_bytes import desktop_update
from models.desktop_queue import queue_writes
from models.posting import write_batch
from models.tables import InvoiceRow, PostingOperation, WriteState
from providers.quickbooks_desktop.messages.bills import BillRet
from tests.activities.test_bill_versions import MADE_IN_DESKTOP
from tests.activities.test_desktop_bill import draft
from tests.api.seeding import PROJECT, add_invoice
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import Connector, Desk, new_attempt

BILL = BillRet.from_xml(MADE_IN_DESKTOP)


async def queue_change(desk: Desk, total: str = "1225.00") -> None:
    """The update of one bill as the worker leaves it: its first line bills a hundred more."""
    wanted = as_it_would_be_posted(as_desktop_bill(draft()))
    more = replace(wanted.lines[0], amount=wanted.lines[0].amount + 100)
    wanted = replace(wanted, total=Decimal(total), lines=(more, *wanted.lines[1:]))
    async with desk.session() as session:
        invoice_id = await add_invoice(session, "INV-1", connection_id=desk.connection_id, source_id="7000")
        desk.invoices.append(invoice_id)
        found = await session.exec(
            select(InvoiceRow).where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.id) == invoice_id)
        )
        row = found.one()
        row.state = InvoiceState.POSTED
        session.add(row)
        made = new_attempt(desk.connection_id, row, "INV-1", date(2026, 6, 30))
        body = desktop_update(BILL, wanted, None, made.marker)
        change = replace(made, operation=PostingOperation.UPDATE, body=body, total=wanted.total)
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


async def test_it_is_sent_without_a_search_and_names_every_line(desk: Desk, connector: Connector) -> None:
    await queue_change(desk)
    text = await connector.begin()
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
    text = await connector.begin()
    stale = quickbooks.refused(text, 3200, "The provided edit sequence is out-of-date.").replace(
        "BillAddRs", "BillModRs"
    )
    await connector.tell(stale)
    write = await desk.write()
    assert (write.state, write.code) == (WriteState.REFUSED, "3200")


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
    await connector.begin()
    asked = await connector.begin()
    await connector.tell(quickbooks.stored(asked, 9002))
    look = await connector.ask()
    assert "<TxnID>1F-1</TxnID>" in look and "RefNumber" not in look
    bill = quickbooks.bill("INV-1", total=total, txn_id="1F-1").replace("1769954400", sequence)
    await connector.tell(looked_up(look, *([bill] if there else [])))
    write = await desk.write()
    assert (write.state, write.code) == (state, code)
