"""Payments on the invoice page in a real browser: what each was, why it is not in Procore, and the one decision."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio
from playwright.async_api import expect

from accounting.payment_changes import WriteHold
from accounting.payments import BILL, VENDOR_CREDIT, BillPayment, PaymentLine
from accounting.states import InvoiceState
from models.bill_links import store_transactions
from models.bill_payments import store_payments
from models.contract_payments import Stands, hold_share, shares_of_invoice, stands_in_procore
from models.invoices import invoices_by_id
from models.mappings import connection_settings
from models.payment_shares import settle_bills
from models.tables import BillLink, LinkOrigin
from tests.api.browsing import Site
from tests.api.checked_pages import findings, invalid_html
from tests.api.test_invoices_in_browser import Desk, sit_down

if TYPE_CHECKING:
    from playwright.async_api import Page

BILL_ID = "145"


def payment(number: str, total: str, *lines: PaymentLine) -> BillPayment:
    return BillPayment(
        kind="BillPayment",
        id=number,
        vendor_id="56",
        total=Decimal(total),
        paid_on=date(2026, 7, 15),
        number=number,
        is_card=False,
        is_to_be_printed=False,
        currency="USD",
        lines=lines,
    )


def on(amount: str, bill_id: str = BILL_ID, kind: str = BILL) -> PaymentLine:
    return PaymentLine(kind, bill_id, Decimal(amount))


PAYMENTS = (
    payment("10432", "5000.00", on("5000.00")),
    payment("10433", "2000.00", on("2000.00")),
    payment("10434", "4500.00", on("4000.00"), on("1000.00", "777"), on("500.00", "c1", VENDOR_CREDIT)),
)


@pytest_asyncio.fixture
async def paid(page: Page, site: Site) -> Desk:
    """An invoice with three payments: written to Procore, refused there, and one whose cash nobody knows."""
    desk = await sit_down(page, site)
    invoice_id = await desk.add("INV-77")
    async with site.database.company(desk.company_id, desk.actor) as session:
        settings = await connection_settings(session, desk.connection_id)
        settings.write_back, settings.write_back_from = True, date(2026, 1, 1)
        session.add(settings)
        row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
        row.state = InvoiceState.POSTED
        session.add(row)
        booked = {
            "connection_id": desk.connection_id, "transaction_type": "Bill", "quickbooks_id": BILL_ID,
            "sync_token": "3", "vendor_id": "56", "number": "INV-77", "normalised_number": "inv77",
            "transaction_date": date(2026, 6, 30), "total": Decimal("15300.00"), "balance": Decimal("4300.00"),
            "memo": "", "raw": "{}", "updated_at": session.now,
        }  # fmt: skip
        await store_transactions(session, [booked])
        session.add(
            BillLink(
                company_id=session.company_id,
                id=session.new_id(),
                invoice_id=invoice_id,
                connection_id=desk.connection_id,
                transaction_type="Bill",
                quickbooks_id=BILL_ID,
                sync_token="3",
                number="INV-77",
                total=Decimal("15300.00"),
                commitment_id="701",
                origin=LinkOrigin.POSTED,
                linked_at=session.now,
            )
        )
        await settle_bills(session, desk.connection_id, await store_payments(session, desk.connection_id, PAYMENTS))
    async with site.database.company(desk.company_id, desk.actor) as session:
        first, second, _ = sorted(await shares_of_invoice(session, invoice_id), key=lambda one: one.number)
        stands = Stands("88120", first.cash, first.paid_on, first.number, is_ours=True)
        await stands_in_procore(session, first, stands, "payment_written")
        await hold_share(session, second, WriteHold.REFUSED, "Payments are not enabled on this commitment.", None)
    return desk


async def test_payments_are_listed_and_the_open_question_is_answered(paid: Desk, tmp_path: Path) -> None:
    path = f"/invoices/{paid.ids['INV-77']}"
    await paid.open(path)
    sent = await paid.page.request.get(paid.site.url + path)
    (tmp_path / "invoice.html").write_text(await sent.text(), encoding="utf-8")
    assert invalid_html(tmp_path) == []
    table = paid.page.get_by_role("table", name="Payments of this bill in QuickBooks")
    await expect(table.get_by_role("row")).to_have_count(5)
    await expect(table).to_contain_text("Written")
    await expect(table).to_contain_text("Procore refuses it: Payments are not enabled on this commitment.")
    await expect(paid.page.get_by_text("Open $4,300.00")).to_be_visible()
    assert await findings(paid.page) == []
    await table.get_by_label("Cash for this bill").fill("3,600.00")
    await table.get_by_role("button", name="Confirm").click()
    await expect(paid.page.get_by_text("Confirmed. What of it was cash goes to Procore by itself.")).to_be_visible()
    await expect(table).to_contain_text("$3,600.00")
    await expect(table.get_by_role("button", name="Confirm")).to_have_count(0)
