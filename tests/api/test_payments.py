"""An invoice's payments on its page and over the API: what QuickBooks says, and why it is or is not in Procore."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from accounting.payment_changes import WriteHold
from accounting.payments import BILL, VENDOR_CREDIT, BillPayment, PaymentLine
from accounting.states import InvoiceState
from models.bill_payments import store_payments
from models.contract_payments import Stands, hold_share, shares_of_invoice, stands_in_procore
from models.invoices import invoices_by_id
from models.payment_shares import settle_bills
from models.tables import BillLink, LinkOrigin, PaymentShare, QuickBooksTransaction
from tests.api.booked import books, invoice, transaction
from tests.api.conftest import Office, SignIn, code_of
from tests.api.deciding import set_up
from tests.api.world import TOM

ON = {"write_back": True, "write_back_from": "2026-01-01"}


async def posted(office: Office, number: str = "INV-0001") -> tuple[UUID, UUID]:
    """A connection, and an invoice of $15,300.00 that is bill 145 there."""
    connection_id = await books(office)
    invoice_id = await invoice(office, number, connection_id)
    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "145", number, "15300.00")
        row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
        row.state = InvoiceState.POSTED
        session.add(row)
        session.add(
            BillLink(
                company_id=session.company_id,
                id=session.new_id(),
                invoice_id=invoice_id,
                connection_id=connection_id,
                transaction_type="Bill",
                quickbooks_id="145",
                sync_token="0",
                number=number,
                total=Decimal("15300.00"),
                commitment_id="701",
                origin=LinkOrigin.POSTED,
                linked_at=session.now,
            )
        )
    return connection_id, invoice_id


async def paid(
    office: Office, connection_id: UUID, total: str, *lines: PaymentLine, number: str = "10432", **more: Any
) -> None:
    payment = BillPayment(
        kind="BillPayment",
        id=f"9{number[-2:]}",
        vendor_id="56",
        total=Decimal(total),
        paid_on=more.pop("paid_on", date(2026, 7, 15)),
        number=number,
        is_card=False,
        is_to_be_printed=more.pop("is_to_be_printed", False),
        currency="USD",
        lines=lines,
    )
    async with office.database.company(office.company_id, office.actor) as session:
        await settle_bills(session, connection_id, await store_payments(session, connection_id, [payment]))


async def nothing_left_to_pay(office: Office) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        found = await session.exec(select(QuickBooksTransaction).where(QuickBooksTransaction.quickbooks_id == "145"))
        found.one().balance = Decimal(0)


def on(amount: str, bill_id: str = "145", kind: str = BILL) -> PaymentLine:
    return PaymentLine(kind, bill_id, Decimal(amount))


async def shown(office: Office, invoice_id: UUID) -> dict[str, Any]:
    answer = await office.admin.get(f"/api/v1/invoices/{invoice_id}/payments")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def due(office: Office) -> list[bool]:
    async with office.database.company(office.company_id, office.actor) as session:
        found = await session.exec(select(PaymentShare.is_due).where(PaymentShare.company_id == session.company_id))
        return list(found)


async def test_an_invoice_without_payments(office: Office) -> None:
    _, invoice_id = await posted(office)
    told = await shown(office, invoice_id)
    assert told == {"settled": "open", "currency": "USD", "cash": "0.00", "payments": []}
    assert "In Procore" not in (await office.admin.get(f"/invoices/{invoice_id}")).text


async def test_payments_are_listed_with_why_they_are_not_in_procore(office: Office) -> None:
    connection_id, invoice_id = await posted(office)
    await paid(office, connection_id, "5000.00", on("5000.00"))
    off = (await shown(office, invoice_id))["payments"][0]
    assert (off["method"], off["number"], off["cash"], off["procore"]) == ("Check", "10432", "5000.00", "not_written")
    assert off["sentence"] == "Shown only: writing payments back to Procore is off for this connection."
    await set_up(office, connection_id, **ON)
    assert await due(office) == [True]
    assert (await shown(office, invoice_id))["payments"][0]["sentence"] == "Goes to Procore by itself."
    await set_up(office, connection_id, write_back_from="2026-08-01")
    assert (await shown(office, invoice_id))["payments"][0]["sentence"].startswith("Made before the day")
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert "10432" in page and "$5,000.00" in page and "Made before the day" in page


async def test_what_is_ahead_or_to_be_printed_says_so(office: Office) -> None:
    connection_id, invoice_id = await posted(office)
    await set_up(office, connection_id, **ON)
    ahead = office.services.clock.now().date() + timedelta(days=9)
    await paid(office, connection_id, "100.00", on("100.00"), number="11", paid_on=ahead)
    await paid(office, connection_id, "200.00", on("200.00"), number="12", is_to_be_printed=True)
    sentences = {one["number"]: one["sentence"] for one in (await shown(office, invoice_id))["payments"]}
    assert sentences["11"].startswith("Dated ahead.") and sentences["12"].startswith("The check is still marked")


async def test_what_stands_in_procore_and_what_procore_said_is_shown(office: Office) -> None:
    connection_id, invoice_id = await posted(office)
    await set_up(office, connection_id, **ON)
    await paid(office, connection_id, "5000.00", on("5000.00"), number="11")
    await paid(office, connection_id, "100.00", on("100.00"), number="12")
    async with office.database.company(office.company_id, office.actor) as session:
        first, second = sorted(await shares_of_invoice(session, invoice_id), key=lambda one: one.number)
        stands = Stands("88120", Decimal("5000.00"), date(2026, 7, 15), "11", is_ours=True)
        await stands_in_procore(session, first, stands, "payment_written")
        await hold_share(session, second, WriteHold.REFUSED, "Payments are off.", None)
    told = {one["number"]: one for one in (await shown(office, invoice_id))["payments"]}
    assert (told["11"]["procore"], told["11"]["procore_payment_id"], told["11"]["sentence"]) == ("written", "88120", "")
    assert told["12"]["sentence"] == "Procore refuses it: Payments are off."
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert "Payment written to Procore" in page and "Procore refuses it: Payments are off." in page


async def test_an_unclear_credit_is_confirmed_by_a_person(office: Office, sign_in: SignIn) -> None:
    connection_id, invoice_id = await posted(office)
    await set_up(office, connection_id, **ON)
    await paid(office, connection_id, "9500.00", on("9000.00"), on("1000.00", "777"), on("500.00", "c1", VENDOR_CREDIT))
    (one,) = (await shown(office, invoice_id))["payments"]
    assert (one["may_confirm"], one["cash"]) == (True, "8500.00")
    assert "Confirm the amount" in one["sentence"]
    path = f"/api/v1/invoices/{invoice_id}/payments/{one['id']}/confirm"
    tom = await sign_in(TOM)
    assert (await tom.post(path, json={"cash": "9000.00"})).status_code == 403
    for wrong in ("9500.01", "-1.00", "1.005"):
        answer = await office.admin.post(path, json={"cash": wrong})
        assert (answer.status_code, code_of(answer)) == (422, "cash_out_of_range")
    page = await office.admin.post(f"/invoices/{invoice_id}/payments/{one['id']}/confirm", data={"cash": "what?"})
    assert page.status_code == 422 and "This is no amount" in page.text
    assert (await office.admin.post(path, json={"cash": "9000.00"})).status_code == 200
    (after,) = (await shown(office, invoice_id))["payments"]
    assert (after["cash"], after["may_confirm"], after["sentence"]) == ("9000.00", False, "Goes to Procore by itself.")
    assert await due(office) == [True]


@pytest.mark.parametrize(("cash", "settled"), [("15300.00", "paid"), ("0.00", "by_credit")])
async def test_a_bill_without_a_payment_is_decided_by_a_person(
    office: Office, sign_in: SignIn, cash: str, settled: str
) -> None:
    connection_id, invoice_id = await posted(office)
    await set_up(office, connection_id, **ON)
    await nothing_left_to_pay(office)
    await paid(office, connection_id, "0.00", on("15300.00"), on("15300.00", "j1", "JournalEntry"))
    before = await shown(office, invoice_id)
    (one,) = before["payments"]
    assert (before["settled"], before["cash"], one["other"]) == ("no_payment_found", "0.00", "15300.00")
    assert one["may_confirm"] and one["sentence"].startswith("Settled by a journal entry")
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert "Paid, no payment found" in page and "Confirm how much of it the vendor was paid" in page
    path = f"/api/v1/invoices/{invoice_id}/payments/{one['id']}/confirm"
    assert (await (await sign_in(TOM)).post(path, json={"cash": cash})).status_code == 403
    assert (await office.admin.post(path, json={"cash": "15300.01"})).status_code == 422
    assert (await office.admin.post(path, json={"cash": cash})).status_code == 200
    after = await shown(office, invoice_id)
    assert (after["settled"], after["cash"], after["payments"][0]["may_confirm"]) == (settled, cash, False)
    # The books say the same once more: what was said stays said.
    await paid(
        office, connection_id, "0.00", on("15300.00"), on("15300.00", "j1", "JournalEntry"), paid_on=date(2026, 7, 16)
    )
    assert (await shown(office, invoice_id))["settled"] == settled


async def test_a_bill_that_nothing_explains_says_so(office: Office) -> None:
    connection_id, invoice_id = await posted(office)
    await nothing_left_to_pay(office)
    async with office.database.company(office.company_id, office.actor) as session:
        await settle_bills(session, connection_id, ["145"])
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert "Paid, no payment found" in page and "names no payment that settled this bill" in page


async def test_nobody_else_sees_or_confirms_them(office: Office) -> None:
    _, invoice_id = await posted(office)
    unknown = "5f0c1c52-6c1e-4f7e-9a55-0d6b3d1f2a11"
    assert (await office.admin.get(f"/api/v1/invoices/{unknown}/payments")).status_code == 404
    path = f"/api/v1/invoices/{invoice_id}/payments/{unknown}/confirm"
    assert (await office.admin.post(path, json={"cash": "1.00"})).status_code == 404
