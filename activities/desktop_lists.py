"""A page of a company file's lists, bills or credits as we keep it: rows and words as for QuickBooks Online."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounting.money import ZERO
from accounting.numbers import normalise
from models.reference_lists import EntryDetails, ListEntry
from models.tables import ReadingKind
from providers.quickbooks_desktop.answers import Response
from providers.quickbooks_desktop.messages.bills import BillRet, ExpenseLineRet, ItemLineRet
from providers.quickbooks_desktop.messages.lists import (
    AccountRet,
    Address,
    ClassRet,
    CustomerRet,
    DateDrivenTermsRet,
    ItemRet,
    StandardTermsRet,
    VendorRet,
)
from providers.quickbooks_desktop.messages.payments import VendorCreditRet
from providers.quickbooks_desktop.messages.spending import Spending

ENTITY = {
    ReadingKind.TERMS: "Term",
    ReadingKind.ACCOUNTS: "Account",
    ReadingKind.CLASSES: "Class",
    ReadingKind.VENDORS: "Vendor",
    ReadingKind.CUSTOMERS: "Customer",
    ReadingKind.ITEMS: "Item",
}
# Desktop writes an account's type in one word; the rules know QuickBooks' types as people read them.
ACCOUNT_TYPES = {
    "AccountsPayable": "Accounts Payable",
    "AccountsReceivable": "Accounts Receivable",
    "CostOfGoodsSold": "Cost of Goods Sold",
    "CreditCard": "Credit Card",
    "FixedAsset": "Fixed Asset",
    "LongTermLiability": "Long Term Liability",
    "NonPosting": "Non-Posting",
    "OtherAsset": "Other Asset",
    "OtherCurrentAsset": "Other Current Asset",
    "OtherCurrentLiability": "Other Current Liability",
    "OtherExpense": "Other Expense",
    "OtherIncome": "Other Income",
}


@dataclass(frozen=True)
class ReadBefore:
    """What lists that came earlier say about a page: how many days terms give, and which accounts take a cost."""

    terms_days: Mapping[str, int]
    cost_account_ids: Collection[str]


def list_entries(kind: ReadingKind, response: Response, known: ReadBefore) -> list[ListEntry]:
    """The entries of a page. A customer's name is its own, not its parents': Procore's project has that name.

    Raises AnswerUnreadable.
    """
    entity = ENTITY[kind]
    match kind:
        case ReadingKind.TERMS:
            standard = [
                ListEntry(entity, one.list_id, one.name, one.name, one.is_active, terms_days=one.due_days)
                for one in response.returned(StandardTermsRet)
            ]
            return standard + [
                ListEntry(entity, one.list_id, one.name, one.name, one.is_active)
                for one in response.returned(DateDrivenTermsRet)
            ]
        case ReadingKind.ACCOUNTS:
            return [
                ListEntry(
                    entity, one.list_id, one.name, one.full_name or one.name, one.is_active,
                    account_type=ACCOUNT_TYPES.get(one.account_type, one.account_type),
                    account_subtype=one.special_type, details=EntryDetails(number=one.number or ""),
                )
                for one in response.returned(AccountRet)
            ]  # fmt: skip
        case ReadingKind.VENDORS:
            return [_vendor(one, known.terms_days) for one in response.returned(VendorRet)]
        case ReadingKind.CUSTOMERS:
            return [
                ListEntry(entity, one.list_id, one.name, one.full_name or one.name, one.is_active)
                for one in response.returned(CustomerRet)
            ]
        case ReadingKind.CLASSES:
            return [
                ListEntry(entity, one.list_id, one.name, one.full_name or one.name, one.is_active)
                for one in response.returned(ClassRet)
            ]
        case ReadingKind.ITEMS:
            return [_item(element, one, known.cost_account_ids) for element, one in response.items()]
        case _:
            raise ValueError(f"{kind.value} are no list")


def _vendor(vendor: VendorRet, terms_days: Mapping[str, int]) -> ListEntry:
    terms_id = vendor.terms.list_id if vendor.terms else None
    return ListEntry(
        "Vendor", vendor.list_id, vendor.name, vendor.name, vendor.is_active,
        terms_id=terms_id, terms_days=terms_days.get(terms_id or ""), details=_vendor_details(vendor),
    )  # fmt: skip


def _vendor_details(vendor: VendorRet) -> EntryDetails:
    at = vendor.address or Address()
    # Whoever is written to stands in the first line; the street comes where a number does.
    street = next((line for line in (at.line1, at.line2, at.line3) if any(map(str.isdigit, line))), at.line1)
    return EntryDetails(
        number=vendor.account_number,
        email=vendor.email,
        phone=vendor.phone,
        address=" ".join(part for part in (street, at.city, at.postal_code[:5]) if part),
    )


def _item(element: str, item: ItemRet, cost_account_ids: Collection[str]) -> ListEntry:
    """An item; one that is only sold has an income account and nothing to book a cost to."""
    bought = item.expense_account.list_id if item.expense_account else None
    only = item.only_account.list_id if item.only_account else None
    details = EntryDetails(
        item_type=element.removeprefix("Item").removesuffix("Ret"),
        expense_account_id=bought or (only if only in cost_account_ids else None) or "",
    )
    return ListEntry("Item", item.list_id, item.name, item.full_name or item.name, item.is_active, details=details)


def bill_row(connection_id: UUID, bill: BillRet, read_at: datetime) -> dict[str, object]:
    """A bill for our copy of the books."""
    return {
        "connection_id": connection_id,
        "transaction_type": "Bill",
        "quickbooks_id": bill.txn_id,
        "sync_token": bill.edit_sequence,
        "vendor_id": bill.vendor.list_id if bill.vendor else None,
        "number": bill.number,
        "normalised_number": normalise(bill.number),
        "transaction_date": bill.bill_date,
        "total": bill.amount_due,
        "balance": bill.open_amount,
        "memo": bill.memo,
        **_of_lines((*bill.expenses, *bill.items)),
        "raw": bill.model_dump_json(),
        "updated_at": changed_at(bill.time_modified, read_at),
    }


def credit_row(connection_id: UUID, credit: VendorCreditRet, read_at: datetime) -> dict[str, object]:
    """A vendor credit for our copy of the books."""
    return {
        "connection_id": connection_id,
        "transaction_type": "VendorCredit",
        "quickbooks_id": credit.txn_id,
        "sync_token": credit.edit_sequence,
        "vendor_id": credit.vendor.list_id if credit.vendor else None,
        "number": credit.number,
        "normalised_number": normalise(credit.number),
        "transaction_date": credit.dated,
        "total": credit.total,
        "balance": credit.open_amount,
        "memo": credit.memo,
        **_of_lines((*credit.expenses, *credit.items)),
        "raw": credit.model_dump_json(),
        "updated_at": changed_at(credit.time_modified, read_at),
    }


def spending_row(connection_id: UUID, kind: str, spent: Spending, read_at: datetime) -> dict[str, object]:
    """A check or credit-card charge for our copy of the books; nothing of it is ever left to pay."""
    return {
        "connection_id": connection_id,
        "transaction_type": kind,
        "quickbooks_id": spent.txn_id,
        "sync_token": spent.edit_sequence,
        "vendor_id": spent.payee.list_id if spent.payee else None,
        "number": spent.number,
        "normalised_number": normalise(spent.number),
        "transaction_date": spent.dated,
        "total": spent.amount,
        "balance": None,
        "memo": spent.memo,
        **_of_lines((*spent.expenses, *spent.items)),
        "raw": spent.model_dump_json(),
        "updated_at": changed_at(spent.time_modified, read_at),
    }


def _of_lines(lines: Sequence[ExpenseLineRet | ItemLineRet]) -> dict[str, object]:
    """The jobs it is coded to; ``gross`` sums its positive lines: what was billed before retainage."""
    return {
        "customer_ids": sorted({line.customer.list_id for line in lines if line.customer and line.customer.list_id}),
        "gross": sum((line.amount for line in lines if line.amount is not None and line.amount > 0), ZERO),
    }


def changed_at(time_modified: str, otherwise: datetime) -> datetime:
    """When it was last changed, an hour out at worst; QuickBooks' summer offset cannot be relied on."""
    try:
        moment = datetime.fromisoformat(time_modified)
    except ValueError:
        return otherwise
    return moment if moment.tzinfo is not None else otherwise
