"""How payments settle bills and credits: balances, LinkedTxn and SyncToken of both follow the allocations."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.books import Books, Entity, money, reference_id
from simulators.quickbooks_online.moments import pacific_date
from simulators.quickbooks_online.references import payable_account

SETTLED_KINDS = ("Bill", "VendorCredit")


def allocations(payment: Entity) -> list[tuple[str, str, Decimal]]:
    """(kind, id, amount) of every bill or credit that the payment's lines name."""
    found = []
    for line in payment.get("Line") or []:
        for link in line.get("LinkedTxn") or []:
            found.append((str(link.get("TxnType")), str(link.get("TxnId")), money(line.get("Amount"))))
    return found


def applied_to(books: Books, kind: str, entity_id: str) -> Decimal:
    """How much all payments together have applied to a bill or credit."""
    return sum(books.applied.get((kind, entity_id), {}).values(), Decimal(0))


def link_type(payment: Entity) -> str:
    """The LinkedTxn.TxnType under which a bill shows the payment."""
    return "BillPaymentCreditCard" if payment.get("PayType") == "CreditCard" else "BillPaymentCheck"


def apply_payment(books: Books, payment: Entity, *, silently: bool = False) -> None:
    """Let a stored payment take effect on what it settles. `silently`: as part of loading, nothing changed."""
    for kind, entity_id, amount in allocations(payment):
        shares = books.applied.setdefault((kind, entity_id), {})
        shares[payment["Id"]] = shares.get(payment["Id"], Decimal(0)) + amount
        _show(books, kind, entity_id, -amount, silently, add=payment)


def withdraw_payment(books: Books, payment: Entity) -> None:
    """Undo the effect of a payment that is voided, deleted or about to be changed."""
    for kind, entity_id, amount in allocations(payment):
        books.applied.get((kind, entity_id), {}).pop(payment["Id"], None)
        _show(books, kind, entity_id, amount, silently=False, drop=payment["Id"])


def release(books: Books, kind: str, entity_id: str) -> None:
    """Take a bill or credit out of every payment: the money stays with the vendor, unapplied."""
    for payment_id in list(books.applied.get((kind, entity_id), {})):
        payment = books.get("BillPayment", payment_id)
        withdraw_payment(books, payment)
        kept = [line for line in payment["Line"] if not _names(line, kind, entity_id)]
        apply_payment(books, books.replace("BillPayment", payment | {"Line": kept}))


def _names(line: Entity, kind: str, entity_id: str) -> bool:
    return any(link.get("TxnType") == kind and link.get("TxnId") == entity_id for link in line.get("LinkedTxn") or [])


def _show(
    books: Books,
    kind: str,
    entity_id: str,
    difference: Decimal,
    silently: bool,
    add: Entity | None = None,
    drop: str | None = None,
) -> None:
    settled = books.find(kind, entity_id) if kind in SETTLED_KINDS else None
    if settled is None:
        return
    links = [link for link in settled.get("LinkedTxn", []) if link["TxnId"] != drop]
    if add is not None and all(link["TxnId"] != add["Id"] for link in links):
        links.append({"TxnId": add["Id"], "TxnType": link_type(add)})
    shown = {name: content for name, content in settled.items() if name != "LinkedTxn"}
    shown["Balance"] = money(settled["Balance"]) + difference
    if links:
        shown["LinkedTxn"] = links
    if kind == "Bill" and not silently:
        books.adjust_vendor_balance(reference_id(settled, "VendorRef"), difference)
    if silently or not books.switches.payment_bumps_bill:
        books.entities[kind][entity_id] = shown
    else:
        books.replace(kind, shown)


def apply_credits_unasked(books: Books, vendor_id: str | None) -> None:
    """With `AutomaticBillPayment` on, link the vendor's open credits to its open bills by zero payments."""
    if not books.preference("VendorAndPurchasesPrefs", "AutomaticBillPayment"):
        return
    while True:
        bill = _first_open(books, "Bill", vendor_id)
        credit = _first_open(books, "VendorCredit", vendor_id)
        if bill is None or credit is None:
            return
        apply_credit(books, bill, credit)


def apply_credit(books: Books, bill: Entity, credit: Entity) -> Entity:
    """Settle as much of the bill as the credit covers by a payment of zero; returns that payment."""
    amount = min(money(bill["Balance"]), money(credit["Balance"]))
    payment = books.add(
        "BillPayment",
        {
            "VendorRef": bill["VendorRef"],
            "APAccountRef": bill.get("APAccountRef") or payable_account(books, None),
            "PayType": "Check",
            "CheckPayment": {"PrintStatus": "NotSet"},
            "TxnDate": pacific_date(books.clock.timestamp()).isoformat(),
            "PrivateNote": "Created by QB Online to link credits to charges.",
            "CurrencyRef": bill.get("CurrencyRef"),
            "TotalAmt": Decimal(0),
            "Line": [
                {"Amount": amount, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]},
                {"Amount": amount, "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "VendorCredit"}]},
            ],
        },
    )
    apply_payment(books, payment)
    return payment


def _first_open(books: Books, kind: str, vendor_id: str | None) -> Entity | None:
    found = [
        entity
        for entity in books.entities[kind].values()
        if reference_id(entity, "VendorRef") == vendor_id and money(entity["Balance"]) > 0
    ]
    return min(found, key=lambda entity: (entity["TxnDate"], int(entity["Id"])), default=None)
