"""The bills that the literal exchanges and calls are about, as payloads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from providers.quickbooks_online.bill_payload import AccountLine, BillPayload, ItemLine

CONCRETE = AccountLine(
    description="03-300 Cast-in-place concrete",
    amount=Decimal("50000"),
    account_id="80",
    customer_id="310",
    class_id="5000000000000142240",
    tax_code_id="NON",
)
STEEL = ItemLine(
    description="05-120 Structural steel",
    amount=Decimal("40000.10"),
    item_id="51",
    customer_id="310",
    tax_code_id="NON",
)
WITHHELD = AccountLine(
    description="Retainage withheld, SC-001 #4",
    amount=Decimal("-9000.01"),
    account_id="121",
    customer_id="310",
    tax_code_id="NON",
)


def bill(
    doc_number: str = "NGC-2026-0047",
    *,
    vendor_id: str = "112",
    txn_date: date = date(2026, 11, 18),
    due_date: date = date(2026, 12, 18),
    lines: tuple[AccountLine | ItemLine, ...] = (CONCRETE, STEEL, WITHHELD),
) -> BillPayload:
    """A bill of the exchanges; without lines given, gross with withheld retainage, 81,000.09 in all."""
    return BillPayload(
        vendor_id=vendor_id,
        ap_account_id="33",
        doc_number=doc_number,
        txn_date=txn_date,
        due_date=due_date,
        sales_term_id="3",
        private_note="Procore SC-001 #4, Tower · inBuild 77123",
        lines=lines,
    )


def work(amount: str = "10.00", account_id: str = "80", description: str = "Work") -> AccountLine:
    """One plain line."""
    return AccountLine(
        description=description,
        amount=Decimal(amount),
        account_id=account_id,
        customer_id="310",
        tax_code_id="NON",
    )
