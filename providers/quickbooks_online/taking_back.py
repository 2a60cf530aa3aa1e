"""What is sent to take a bill back: its deletion, or a vendor credit against it, from the bill as it was read.

Intuit: all-entities/bill, delete a bill; all-entities/vendorcredit, create a vendor credit.
"""

from collections.abc import Iterator
from datetime import date

from providers.quickbooks_online.bill_payload import (
    AccountLine,
    ItemLine,
    VendorCreditPayload,
    serialize_vendor_credit,
)
from providers.quickbooks_online.types import Bill, VendorCredit
from providers.quickbooks_online.wire import write_json


def removal(document: Bill | VendorCredit) -> bytes:
    """The deletion of a bill or vendor credit as it was read: changed since, QuickBooks refuses it (5010)."""
    return write_json({"Id": document.id, "SyncToken": document.sync_token})


def reversing_credit(bill: Bill, on: date, number: str, note: str) -> bytes:
    """A vendor credit of that day that undoes a bill line by line: same accounts, jobs, classes and signs."""
    return serialize_vendor_credit(
        VendorCreditPayload(
            vendor_id=bill.vendor_ref.value,
            ap_account_id=bill.ap_account_ref.value if bill.ap_account_ref else "",
            txn_date=on,
            doc_number=number,
            department_id=bill.department_ref.value if bill.department_ref else "",
            private_note=note,
            lines=tuple(_lines(bill)),
        )
    )


def _lines(bill: Bill) -> Iterator[AccountLine | ItemLine]:
    """Lines with money; a mere description has no detail and undoes nothing."""
    for line in bill.lines:
        detail = line.detail
        customer_id = detail.customer_ref.value if detail.customer_ref else ""
        class_id = detail.class_ref.value if detail.class_ref else ""
        if detail.item_ref is not None:
            yield ItemLine(
                item_id=detail.item_ref.value,
                amount=line.amount,
                description=line.description,
                customer_id=customer_id,
                class_id=class_id,
            )
        elif detail.account_ref is not None:
            yield AccountLine(
                account_id=detail.account_ref.value,
                amount=line.amount,
                description=line.description,
                customer_id=customer_id,
                class_id=class_id,
            )
