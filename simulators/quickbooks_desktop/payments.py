"""Bill payments, as a person enters them on the Pay Bills page, and what settles bills beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulators.quickbooks_desktop.books import CREDITS, PAYMENTS, Entity, Settlement
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.refusals import bad_value, cannot_save, not_found, required
from simulators.quickbooks_desktop.removals import touch_settled


@dataclass(frozen=True)
class Share:
    """What one payment does for one bill: its own money, a discount taken, a credit set against the bill."""

    bill: str
    amount: Decimal
    discount: Decimal = Decimal(0)
    credit_kind: str = "VendorCredit"
    credit: str | None = None
    credit_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Means:
    """How a payment is made. `number` is the check number; a date of None is today."""

    by_card: bool = False
    day: str | None = None
    number: str | None = None
    memo: str | None = None
    to_print: bool = False


def pay(file: CompanyFile, shares: Sequence[Share], means: Means) -> Entity:
    """One payment for one or several bills of one vendor; returns it.

    Raises 3120 for an unknown bill, 3180 for bills of several vendors, 3210 for more than is open, 3171.
    """
    bills = [_bill(file, share.bill) for share in shares]
    if not bills:
        raise required("AppliedToTxnAdd")
    if len({bill["VendorRef"] for bill in bills}) > 1:
        raise cannot_save("BillPayment", "One payment pays the bills of one vendor.")
    day = means.day or file.time.today(file.clock.timestamp()).isoformat()
    kind = "BillPaymentCreditCard" if means.by_card else "BillPaymentCheck"
    file.check_date(kind, day)
    for share, bill in zip(shares, bills, strict=True):
        _check_share(file, share, bill, Decimal(0))
    source = _first_account(file, "CreditCard" if means.by_card else "Bank")
    payment: Entity = {
        "VendorRef": bills[0]["VendorRef"],
        "APAccountRef": bills[0]["APAccountRef"],
        "TxnDate": day,
        "CreditCardAccountRef" if means.by_card else "BankAccountRef": source,
        "Amount": sum((share.amount for share in shares), Decimal(0)),
        "RefNumber": means.number,
        "Memo": means.memo,
    }
    if not means.by_card:
        payment["IsToBePrinted"] = means.to_print
    file.add_transaction(kind, payment)
    _settle(file, kind, payment, shares)
    return payment


def reallocate(file: CompanyFile, identity: str, shares: Sequence[Share]) -> Entity:
    """A person opens a payment and ticks other bills or amounts; its total follows. Raises as `pay` does."""
    kind, payment = _payment(file, identity)
    file.check_date(kind, payment["TxnDate"])
    for share in shares:
        before = [each for each in file.used_of(identity) if each.bill_id == share.bill]
        given_back = sum((each.amount + each.discount for each in before), Decimal(0))
        _check_share(file, share, _bill(file, share.bill), given_back)
    touch_settled(file, identity)
    file.books.settlements = [each for each in file.books.settlements if identity not in (each.payer_id, each.against)]
    payment["Amount"] = sum((share.amount for share in shares), Decimal(0))
    file.touch(payment)
    _settle(file, kind, payment, shares)
    return payment


def settle_by(file: CompanyFile, kind: str, identity: str, bill_id: str, amount: Decimal | None) -> Settlement:
    """Set a vendor credit, journal entry or check coded to A/P against a bill, without any payment.

    No amount: as much as both allow. Raises 3120, and 3210 for more than is open.
    """
    bill, credit = _bill(file, bill_id), file.find(kind, identity)
    if kind not in CREDITS or credit is None:
        raise not_found(identity)
    most = min(file.open_amount(bill), file.open_credit(kind, credit))
    amount = most if amount is None else amount
    if not 0 < amount <= most:
        raise bad_value(f"{amount:.2f}", "CreditApplied", f"{most:.2f} is open")
    settled = Settlement(kind, identity, bill_id, amount)
    file.books.settlements.append(settled)
    touch_settled(file, identity)
    return settled


def _settle(file: CompanyFile, kind: str, payment: Entity, shares: Sequence[Share]) -> None:
    discount_account = _discount_account(file)
    for share in shares:
        own = Settlement(kind, payment["TxnID"], share.bill, share.amount, share.discount, discount_account)
        file.books.settlements.append(own)
        if share.credit is not None:
            file.books.settlements.append(
                Settlement(share.credit_kind, share.credit, share.bill, share.credit_amount, against=payment["TxnID"])
            )
    touch_settled(file, payment["TxnID"])


def _check_share(file: CompanyFile, share: Share, bill: Entity, given_back: Decimal) -> None:
    asked = share.amount + share.discount + share.credit_amount
    if share.amount < 0 or asked <= 0 or asked > file.open_amount(bill) + given_back:
        raise bad_value(f"{asked:.2f}", "PaymentAmount", f"{file.open_amount(bill):.2f} is open on the bill")
    if share.credit is not None:
        credit = file.find(share.credit_kind, share.credit)
        if credit is None:
            raise not_found(share.credit)
        if share.credit_amount > file.open_credit(share.credit_kind, credit):
            raise bad_value(f"{share.credit_amount:.2f}", "AppliedAmount", "more than is left of the credit")


def _bill(file: CompanyFile, identity: str) -> Entity:
    bill = file.find("Bill", identity)
    if bill is None:
        raise not_found(identity)
    return bill


def _payment(file: CompanyFile, identity: str) -> tuple[str, Entity]:
    for kind in PAYMENTS:
        payment = file.find(kind, identity)
        if payment is not None:
            return kind, payment
    raise not_found(identity)


def _first_account(file: CompanyFile, account_type: str) -> str:
    for identity, account in file.books.lists["Account"].items():
        if account["AccountType"] == account_type and account["IsActive"]:
            return identity
    raise required("BankAccountRef" if account_type == "Bank" else "CreditCardAccountRef")


def _discount_account(file: CompanyFile) -> str | None:
    found = file.by_name("Account", "Purchase Discounts")
    return None if found is None else str(found["ListID"])
