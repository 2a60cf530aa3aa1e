"""The bill as it was sent, read back from its bytes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from accounting.bill_types import BillDraft, BillLine, LineRole, TransactionKind
from activities.bill_bytes import transaction_bytes
from activities.desktop_bill import bill_request
from api.sent_bill import SentBill, SentLine, read_sent_bill
from models.invoice_sheet import LinkedBill

BILL = BillDraft(
    vendor_id="V",
    number="INV-1",
    full_number="INV-1",
    bill_date=date(2026, 6, 30),
    due_date=date(2026, 7, 30),
    terms_id="T",
    ap_account_id="AP",
    memo="Procore SC-001 #3 · inBuild 1",
    currency="USD",
    lines=(
        BillLine(LineRole.RETAINAGE_WITHHELD, "R", "Retainage withheld", Decimal("-100.00"), "J"),
        BillLine(LineRole.COST, "", "Rough-in", Decimal("1000.00"), "J", item_id="I", quantity=Decimal(8)),
    ),
    total=Decimal("900.00"),
)
LINES = (
    SentLine("Retainage payable", "Retainage withheld", Decimal("-100.00")),
    SentLine("Electrical", "Rough-in", Decimal("1000.00"), Decimal(8), Decimal(125)),
)


def linked(body: bytes | None, transaction_type: str = "Bill") -> LinkedBill:
    return LinkedBill(
        connection_id=UUID(int=1),
        quickbooks_company_id="{file}",
        quickbooks_id="1A-1",
        transaction_type=transaction_type,
        quickbooks_company="Hartwell",
        quickbooks_kind="desktop",
        number="INV-1",
        total=Decimal("900.00"),
        linked_at=datetime(2026, 7, 1, tzinfo=UTC),
        origin="posted",
        balance=None,
        read_at=None,
        body=body,
        target_names={("Account", "R"): "Retainage payable", ("Item", "I"): "Electrical"},
    )


def test_what_went_to_a_company_file_is_read_back_with_names() -> None:
    body = bill_request(BILL, UUID(int=1), UUID(int=2), "inBuild 1")
    wanted = SentBill(date(2026, 6, 30), date(2026, 7, 30), "Procore SC-001 #3 · inBuild 1", LINES)
    assert read_sent_bill(linked(body)) == wanted
    credit = bill_request(replace(BILL, kind=TransactionKind.VENDOR_CREDIT), UUID(int=1), UUID(int=2), "inBuild 1")
    assert read_sent_bill(linked(credit, "VendorCredit")) == replace(wanted, due_date=None)


def test_what_went_to_quickbooks_online_is_read_back_with_names() -> None:
    sent = replace(linked(transaction_bytes(BILL)), quickbooks_kind="online")
    assert read_sent_bill(sent) == SentBill(
        date(2026, 6, 30), date(2026, 7, 30), "Procore SC-001 #3 · inBuild 1", LINES
    )


def test_bytes_of_another_kind_show_nothing() -> None:
    assert read_sent_bill(linked(None)) is None
    assert read_sent_bill(linked(b'{"Line": []}')) is None
