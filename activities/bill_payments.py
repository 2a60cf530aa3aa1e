"""Taking in what the books say of bill payments, from either QuickBooks: into our copy, and on to the invoices."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from accounting.money import ZERO
from accounting.payments import BILL, BillPayment, PaymentLine
from models.bill_payments import payments_are_gone, store_payments
from models.database import CompanySession
from models.payment_shares import settle_bills
from providers.quickbooks_desktop.messages import payments as desktop
from providers.quickbooks_online.types import BillPayment as OnlinePayment
from providers.quickbooks_online.types import Entity
from providers.quickbooks_online.types.bill_payment import CREDIT_CARD

ONLINE_KIND = OnlinePayment.entity_name
DESKTOP_CHECK, DESKTOP_CARD = "BillPaymentCheck", "BillPaymentCreditCard"
PAYMENT_KINDS = frozenset({ONLINE_KIND, DESKTOP_CHECK, DESKTOP_CARD})


def online_payment(entity: OnlinePayment, today: date) -> BillPayment:
    """QuickBooks Online's payment as the rules see it. One without a date (the API may leave it out) is of today."""
    return BillPayment(
        kind=ONLINE_KIND,
        id=entity.id,
        vendor_id=entity.vendor_ref.value,
        total=entity.total_amt,
        paid_on=entity.txn_date or today,
        number=entity.doc_number,
        is_card=entity.pay_type == CREDIT_CARD,
        is_to_be_printed=entity.is_to_be_printed,
        currency=entity.currency_ref.value if entity.currency_ref else "",
        lines=tuple(
            PaymentLine(link.txn_type, link.txn_id, line.amount)
            for line in entity.lines
            for link in line.linked_transactions[:1]
        ),
    )


def desktop_payment(ret: desktop.Payment, today: date) -> BillPayment:
    """QuickBooks Desktop's payment as the rules see it."""
    is_card = isinstance(ret, desktop.BillPaymentCreditCardRet)
    return BillPayment(
        kind=DESKTOP_CARD if is_card else DESKTOP_CHECK,
        id=ret.txn_id,
        vendor_id=ret.payee.list_id or "" if ret.payee else "",
        total=ret.amount or ZERO,
        paid_on=ret.paid_on or today,
        number=ret.number,
        is_card=is_card,
        is_to_be_printed=ret.is_to_be_printed,
        currency="",
        lines=tuple(PaymentLine(BILL, one.txn_id, one.amount or ZERO, one.discount or ZERO) for one in ret.applied),
    )


async def take_in_changes(
    session: CompanySession,
    connection_id: UUID,
    changed: Iterable[Entity],
    deleted: Sequence[tuple[str, str]] = (),
) -> set[str]:
    """Bring the payments up to what changed; the bills whose settlement is to be reckoned anew.

    ``deleted`` are transactions by (kind, id).
    """
    entities = list(changed)
    payments = [online_payment(one, session.now.date()) for one in entities if isinstance(one, OnlinePayment)]
    touched = {one.id for one in entities if one.entity_name == BILL}
    touched |= await store_payments(session, connection_id, payments)
    return touched | await take_in_deleted(session, connection_id, deleted)


async def take_in_deleted(session: CompanySession, connection_id: UUID, deleted: Sequence[tuple[str, str]]) -> set[str]:
    """As ``take_in_changes``, for what is gone from the books."""
    gone = [(kind, quickbooks_id) for kind, quickbooks_id in deleted if kind in PAYMENT_KINDS]
    touched = {quickbooks_id for kind, quickbooks_id in deleted if kind == BILL}
    return touched | (await payments_are_gone(session, connection_id, gone) if gone else set())


async def take_in_desktop(session: CompanySession, connection_id: UUID, payments: Sequence[desktop.Payment]) -> None:
    """Bring the payments up to a page of a company file's, and reckon anew the bills they touch."""
    kept = [desktop_payment(one, session.now.date()) for one in payments]
    await settle_bills(session, connection_id, await store_payments(session, connection_id, kept))
