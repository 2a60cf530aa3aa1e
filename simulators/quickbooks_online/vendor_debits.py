"""What settles bills beside payments and vendor credits: journal entries and checks that debit A/P for a vendor.

A joint check is written to two payees, outside of Pay Bills, and coded to A/P; somebody later sets it against the
bill by a payment of zero. Source of the words: BillPayment reference, `LinkedTxn.TxnType`.
"""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.books import Books, Entity, money, reference_id
from simulators.quickbooks_online.references import payable_account
from simulators.quickbooks_online.settlement import applied_to

DEBITS = {"JournalEntry": "JournalEntry", "Check": "Purchase"}
"""LinkedTxn.TxnType -> the kind of entity it names."""


def open_debit(books: Books, word: str, entity_id: str, vendor_id: str | None) -> Decimal:
    """What is left of a journal entry or check to set against that vendor's bills. Raises 610 for an unknown one."""
    entity = books.get(DEBITS[word], entity_id)
    lines = [line for line in entity["Line"] if _is_payable(books, line) and _vendor(line, entity) == vendor_id]
    return sum((money(line["Amount"]) for line in lines), Decimal(0)) - applied_to(books, word, entity_id)


def enter_journal_entry(books: Books, vendor_id: str, amount: Decimal, day: str) -> Entity:
    """A person debits A/P for a vendor and credits the first expense account."""
    vendor = books.get("Vendor", vendor_id)
    name = {"value": vendor_id, "name": vendor["DisplayName"]}
    payable = payable_account(books, None)
    cost = next(
        {"value": account["Id"], "name": account["Name"]}
        for account in books.entities["Account"].values()
        if account["AccountType"] in ("Expense", "Cost of Goods Sold")
    )

    def line(number: str, word: str, account: Entity) -> Entity:
        detail: Entity = {"PostingType": word, "AccountRef": account}
        if account is payable:
            detail["Entity"] = {"Type": "Vendor", "EntityRef": name}
        kind = "JournalEntryLineDetail"
        return {"Id": number, "Amount": amount, "DetailType": kind, kind: detail}

    return books.add(
        "JournalEntry",
        {"TxnDate": day, "Adjustment": False, "Line": [line("0", "Debit", payable), line("1", "Credit", cost)]},
    )


def write_joint_check(books: Books, vendor_id: str, bank: Entity, amount: Decimal, day: str) -> Entity:
    """A person writes a check to two payees, coded to A/P for the vendor."""
    vendor = books.get("Vendor", vendor_id)
    kind = "AccountBasedExpenseLineDetail"
    detail = {"AccountRef": payable_account(books, None), "BillableStatus": "NotBillable"}
    return books.add(
        "Purchase",
        {
            "PaymentType": "Check",
            "AccountRef": bank,
            "EntityRef": {"value": vendor_id, "name": vendor["DisplayName"], "type": "Vendor"},
            "TxnDate": day,
            "TotalAmt": amount,
            "PrivateNote": "Joint check",
            "Line": [{"Id": "1", "Amount": amount, "DetailType": kind, kind: detail}],
        },
    )


def _is_payable(books: Books, line: Entity) -> bool:
    detail = line.get(str(line.get("DetailType"))) or {}
    account = books.find("Account", reference_id(detail, "AccountRef")) or {}
    return account.get("AccountType") == "Accounts Payable" and detail.get("PostingType") != "Credit"


def _vendor(line: Entity, entity: Entity) -> str | None:
    """The vendor stands on the line of a journal entry, on the head of a check."""
    named = (line.get("JournalEntryLineDetail") or {}).get("Entity") or {}
    return reference_id(named, "EntityRef") or reference_id(entity, "EntityRef")
