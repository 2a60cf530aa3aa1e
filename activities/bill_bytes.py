"""A draft as it goes to QuickBooks Online, byte for byte."""

from accounting.bill_types import BillDraft, BillLine, TransactionKind
from providers.quickbooks_online.bill_payload import (
    AccountLine,
    BillableStatus,
    BillPayload,
    ItemLine,
    VendorCreditPayload,
    serialize_bill,
    serialize_vendor_credit,
)


def transaction_bytes(draft: BillDraft) -> bytes:
    """The bill, or the vendor credit, exactly as it is sent. Equal drafts give equal bytes."""
    lines = tuple(_line(line) for line in draft.lines)
    if draft.kind is TransactionKind.VENDOR_CREDIT:
        return serialize_vendor_credit(
            VendorCreditPayload(
                vendor_id=draft.vendor_id,
                ap_account_id=draft.ap_account_id,
                txn_date=draft.bill_date,
                doc_number=draft.number,
                department_id=draft.location_id or "",
                private_note=draft.memo,
                lines=lines,
            )
        )
    return serialize_bill(
        BillPayload(
            vendor_id=draft.vendor_id,
            ap_account_id=draft.ap_account_id,
            txn_date=draft.bill_date,
            due_date=draft.due_date,
            doc_number=draft.number,
            sales_term_id=draft.terms_id or "",
            department_id=draft.location_id or "",
            private_note=draft.memo,
            lines=lines,
        )
    )


def _line(line: BillLine) -> AccountLine | ItemLine:
    status = BillableStatus.BILLABLE if line.billable else BillableStatus.NOT_BILLABLE
    if line.item_id:
        return ItemLine(
            item_id=line.item_id,
            amount=line.amount,
            quantity=line.quantity,
            unit_price=line.unit_price,
            description=line.description,
            customer_id=line.customer_id,
            class_id=line.class_id or "",
            billable_status=status,
        )
    return AccountLine(
        account_id=line.account_id,
        amount=line.amount,
        description=line.description,
        customer_id=line.customer_id,
        class_id=line.class_id or "",
        billable_status=status,
    )
