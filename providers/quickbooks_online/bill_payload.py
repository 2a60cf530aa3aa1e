"""A bill or a vendor credit as we send it, and its exact bytes.

The bytes are kept with the posting attempt and sent again unchanged, so equal payloads give equal bytes.
Intuit: all-entities/bill, create a bill; all-entities/vendorcredit, create a vendor credit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.wire import Json, cents, write_json

LONGEST_DOC_NUMBER = 21
LONGEST_NOTE = 4000
LONGEST_DESCRIPTION = 4000


class BillableStatus(StrEnum):
    """Always sent: what QuickBooks assumes depends on the company's settings. BILLABLE needs a customer."""

    BILLABLE = "Billable"
    NOT_BILLABLE = "NotBillable"


@dataclass(frozen=True, kw_only=True)
class _ExpenseLine:
    """Ids are QuickBooks'; an empty one is not sent. `amount` is in the bill's currency and may be negative
    (withheld retainage)."""

    amount: Decimal
    description: str = ""
    customer_id: str = ""
    class_id: str = ""
    tax_code_id: str = ""
    billable_status: BillableStatus = BillableStatus.NOT_BILLABLE


@dataclass(frozen=True, kw_only=True)
class AccountLine(_ExpenseLine):
    """A line posted to an account ("Category" on screen)."""

    account_id: str


@dataclass(frozen=True, kw_only=True)
class ItemLine(_ExpenseLine):
    """A line posted to a product or service. `amount` must equal quantity × unit price, else 6070."""

    item_id: str
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    """Up to 7 decimals; None means the whole amount for a quantity of 1."""


@dataclass(frozen=True, kw_only=True)
class BillPayload:
    """A new bill. Empty ids and numbers are not sent; the order of the lines is kept."""

    vendor_id: str
    ap_account_id: str
    txn_date: date
    due_date: date
    lines: tuple[AccountLine | ItemLine, ...]
    doc_number: str = ""
    sales_term_id: str = ""
    department_id: str = ""
    currency: str = ""
    private_note: str = ""


@dataclass(frozen=True, kw_only=True)
class VendorCreditPayload:
    """A new vendor credit: lines as on a bill, and neither terms nor a due date, which QuickBooks has none for."""

    vendor_id: str
    ap_account_id: str
    txn_date: date
    lines: tuple[AccountLine | ItemLine, ...]
    doc_number: str = ""
    department_id: str = ""
    currency: str = ""
    private_note: str = ""


def serialize_bill(bill: BillPayload) -> bytes:
    """The bill's JSON: amounts are numbers with exactly two decimals, members in a fixed order.

    Raises InvalidRequest where QuickBooks would refuse the form: no line, a third decimal, a text over its
    limit (DocNumber 21, PrivateNote and Description 4000), quantity × unit price other than the amount.
    """
    if not bill.lines:
        raise InvalidRequest("a bill needs at least one line")
    _limit("DocNumber", bill.doc_number, LONGEST_DOC_NUMBER)
    _limit("PrivateNote", bill.private_note, LONGEST_NOTE)
    members: dict[str, Json] = {
        "VendorRef": _required("VendorRef", bill.vendor_id),
        "APAccountRef": _required("APAccountRef", bill.ap_account_id),
    }
    _add_text(members, "DocNumber", bill.doc_number)
    members["TxnDate"] = bill.txn_date.isoformat()
    members["DueDate"] = bill.due_date.isoformat()
    _add_reference(members, "SalesTermRef", bill.sales_term_id)
    _add_reference(members, "DepartmentRef", bill.department_id)
    _add_reference(members, "CurrencyRef", bill.currency)
    _add_text(members, "PrivateNote", bill.private_note)
    members["Line"] = [_line(number, line) for number, line in enumerate(bill.lines, start=1)]
    return write_json(members)


def serialize_vendor_credit(credit: VendorCreditPayload) -> bytes:
    """The vendor credit's JSON, written as a bill's is. Raises InvalidRequest for the same reasons."""
    if not credit.lines:
        raise InvalidRequest("a vendor credit needs at least one line")
    _limit("DocNumber", credit.doc_number, LONGEST_DOC_NUMBER)
    _limit("PrivateNote", credit.private_note, LONGEST_NOTE)
    members: dict[str, Json] = {
        "VendorRef": _required("VendorRef", credit.vendor_id),
        "APAccountRef": _required("APAccountRef", credit.ap_account_id),
    }
    _add_text(members, "DocNumber", credit.doc_number)
    members["TxnDate"] = credit.txn_date.isoformat()
    _add_reference(members, "DepartmentRef", credit.department_id)
    _add_reference(members, "CurrencyRef", credit.currency)
    _add_text(members, "PrivateNote", credit.private_note)
    members["Line"] = [_line(number, line) for number, line in enumerate(credit.lines, start=1)]
    return write_json(members)


def _line(number: int, line: AccountLine | ItemLine) -> Json:
    _limit("Description", line.description, LONGEST_DESCRIPTION)
    amount = cents(line.amount, f"line {number}:")
    detail: dict[str, Json]
    if isinstance(line, AccountLine):
        detail_type = "AccountBasedExpenseLineDetail"
        detail = {"AccountRef": _required("AccountRef", line.account_id)}
    else:
        detail_type = "ItemBasedExpenseLineDetail"
        detail = {"ItemRef": _required("ItemRef", line.item_id), **_quantity(number, line, amount)}
    _add_reference(detail, "CustomerRef", line.customer_id)
    _add_reference(detail, "ClassRef", line.class_id)
    if line.billable_status is BillableStatus.BILLABLE and not line.customer_id:
        raise InvalidRequest(f"line {number} is billable and names no customer")
    detail["BillableStatus"] = line.billable_status.value
    _add_reference(detail, "TaxCodeRef", line.tax_code_id)
    members: dict[str, Json] = {"LineNum": number}
    _add_text(members, "Description", line.description)
    members["Amount"] = amount
    members["DetailType"] = detail_type
    members[detail_type] = detail
    return members


def _quantity(number: int, line: ItemLine, amount: Decimal) -> dict[str, Json]:
    unit_price = amount if line.unit_price is None else line.unit_price
    if line.quantity * unit_price != amount:
        raise InvalidRequest(f"line {number}: {line.quantity} × {unit_price} is not {amount}")
    return {"Qty": line.quantity, "UnitPrice": unit_price}


def _required(name: str, provider_id: str) -> Json:
    if not provider_id:
        raise InvalidRequest(f"{name} is required")
    return {"value": provider_id}


def _add_reference(members: dict[str, Json], name: str, provider_id: str) -> None:
    if provider_id:
        members[name] = {"value": provider_id}


def _add_text(members: dict[str, Json], name: str, text: str) -> None:
    if text:
        members[name] = text


def _limit(name: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidRequest(f"{name} has {len(text)} characters; QuickBooks takes {longest}")
