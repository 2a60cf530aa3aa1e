"""How bill payments, checks and card charges are answered.

Source: the annotated qbXML reference (qbxmlops 13.0, US edition) of the QuickBooks SDK.
"""

from __future__ import annotations

from lxml import etree

from simulators.quickbooks_desktop.books import Entity, Settlement
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.ret_parts import Parts, line_parts, link, reference
from simulators.quickbooks_desktop.wire import aggregate


def payment_parts(file: CompanyFile, kind: str, payment: Entity, *, lines: bool) -> Parts:
    """The fields of a bill payment after its TxnNumber; `lines` brings what it is applied to."""
    source = "BankAccountRef" if kind == "BillPaymentCheck" else "CreditCardAccountRef"
    parts: Parts = [
        ("PayeeEntityRef", _payee(file, payment)),
        ("APAccountRef", reference(file, "APAccountRef", "Account", payment)),
        ("TxnDate", payment["TxnDate"]),
        (source, reference(file, source, "Account", payment)),
        ("Amount", payment["Amount"]),
        ("RefNumber", payment.get("RefNumber")),
        ("Memo", payment.get("Memo")),
    ]
    if kind == "BillPaymentCheck":
        parts.append(("IsToBePrinted", bool(payment.get("IsToBePrinted"))))
    applied = [_applied(file, payment, each) for each in file.used_of(payment["TxnID"])] if lines else []
    return [*parts, ("AppliedToTxnRet", applied)]


def _applied(file: CompanyFile, payment: Entity, settled: Settlement) -> etree._Element:
    bill = file.find("Bill", settled.bill_id) or {}
    includes = file.switches.applied_includes_discount
    amount = settled.amount + settled.discount if includes else settled.amount
    parts: Parts = [
        ("TxnID", settled.bill_id),
        ("TxnType", "Bill"),
        ("TxnDate", bill.get("TxnDate")),
        ("RefNumber", bill.get("RefNumber")),
        ("BalanceRemaining", file.open_amount(bill) if bill else None),
        ("Amount", amount),
    ]
    if settled.discount:
        shown = {"DiscountAccountRef": settled.discount_account}
        parts += [
            ("DiscountAmount", settled.discount),
            ("DiscountAccountRef", reference(file, "DiscountAccountRef", "Account", shown)),
        ]
    credits = [each for each in file.settlements_of(settled.bill_id) if each.against == payment["TxnID"]]
    sign = -1 if file.switches.linked_amounts == "negative" else 1
    links = [link(file, each.payer_kind, each.payer_id, sign * each.amount) for each in credits]
    return aggregate("AppliedToTxnRet", [*parts, ("LinkedTxn", links)])


def _payee(file: CompanyFile, transaction: Entity) -> etree._Element | None:
    found = reference(file, "VendorRef", "Vendor", transaction)
    if found is not None:
        found.tag = "PayeeEntityRef"
    return found


def spending_parts(file: CompanyFile, kind: str, transaction: Entity, *, lines: bool) -> Parts:
    """The fields of a check or card charge after its TxnNumber; they differ in where the number stands."""
    number = ("RefNumber", transaction.get("RefNumber"))
    is_check = kind == "Check"
    parts: Parts = [
        ("AccountRef", reference(file, "AccountRef", "Account", transaction)),
        ("PayeeEntityRef", _payee(file, transaction)),
        *([number] if is_check else []),
        ("TxnDate", transaction["TxnDate"]),
        ("Amount", transaction["Amount"]),
        *([] if is_check else [number]),
        ("Memo", transaction.get("Memo")),
    ]
    if is_check:
        parts.append(("IsToBePrinted", bool(transaction.get("IsToBePrinted"))))
    return parts + (line_parts(file, transaction) if lines else [])
