"""Shares of bill payments on their way to Procore: what is known of each, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from uuid import UUID

from accounting.dates import UnknownTimeZone, zone
from accounting.payment_changes import ShareFacts, WriteHold
from accounting.payments import BillPayment, PaymentMethod, Share
from accounting.settlement import as_confirmed
from models.database import CompanySession
from models.events import record_event
from models.tables import PaymentShare

SHARES = """
    SELECT share.id, share.connection_id, share.invoice_id, share.bill_id, share.cash, share.credit, share.discount,
        share.other, share.is_unclear,
        share.confirmed_cash, share.changed_at, share.hold, share.procore_payment_id, share.procore_amount,
        share.procore_paid_on, share.procore_check_number, share.procore_is_ours, share.said, share.is_due,
        payment.kind, payment.quickbooks_id, payment.vendor_id, payment.total, payment.paid_on, payment.number,
        payment.is_card, payment.is_to_be_printed, payment.currency,
        invoice.source, invoice.source_id, invoice.number AS invoice_number, invoice.billing_date,
        invoice.currency AS invoice_currency, invoice.project_id, invoice.commitment_id,
        coalesce(project.time_zone, '') AS time_zone,
        settings.write_back, settings.write_back_from, settings.posting_paused,
        coalesce(booked.total, share.cash) AS bill_total,
        (
            SELECT coalesce(sum(coalesce(every.confirmed_cash, every.cash)), 0) FROM payment_share AS every
            WHERE every.company_id = share.company_id AND every.invoice_id = share.invoice_id
                AND every.bill_id = share.bill_id
        ) AS paid_in_all,
        (
            SELECT attempt.body FROM posting_attempt AS attempt
            WHERE attempt.company_id = share.company_id AND attempt.subject_kind = 'payment_share'
                AND attempt.subject_id = share.id AND attempt.operation = 'create_contract_payment'
                AND attempt.state IN ('prepared', 'sent', 'unclear')
        ) AS unclear_body
    FROM payment_share AS share
    JOIN bill_payment AS payment ON payment.company_id = share.company_id AND payment.id = share.payment_id
    JOIN invoice ON invoice.company_id = share.company_id AND invoice.id = share.invoice_id
    JOIN connection_settings AS settings
        ON settings.company_id = share.company_id AND settings.connection_id = share.connection_id
    LEFT JOIN procore_project AS project
        ON project.company_id = share.company_id AND project.project_id = invoice.project_id
    LEFT JOIN quickbooks_transaction AS booked
        ON booked.company_id = share.company_id AND booked.connection_id = share.connection_id
        AND booked.transaction_type = 'Bill' AND booked.quickbooks_id = share.bill_id
    WHERE share.company_id = %(company_id)s
"""
SHARES_BY_ID = f"{SHARES} AND share.id = ANY(%(ids)s) ORDER BY invoice.commitment_id, payment.paid_on, share.id"
SHARES_OF_INVOICES = f"{SHARES} AND share.invoice_id = ANY(%(invoice_ids)s) ORDER BY share.id"
SHARES_OF_INVOICE = f"{SHARES} AND share.invoice_id = %(invoice_id)s ORDER BY payment.paid_on, payment.number, share.id"


@dataclass(frozen=True)
class ShareSheet:
    """One share with everything that decides what becomes of it in Procore.

    ``paid_in_all`` is the cash of all shares of its bill. ``unclear_body`` is what was sent to create its contract
    payment while the answer is not known.
    """

    id: UUID
    connection_id: UUID
    invoice_id: UUID
    bill_id: str
    cash: Decimal
    credit: Decimal
    discount: Decimal
    other: Decimal
    is_unclear: bool
    confirmed_cash: Decimal | None
    changed_at: datetime
    hold: WriteHold | None
    procore_payment_id: str | None
    procore_amount: Decimal | None
    procore_paid_on: date | None
    procore_check_number: str | None
    procore_is_ours: bool
    said: str | None
    is_due: bool
    kind: str
    quickbooks_id: str
    vendor_id: str
    total: Decimal
    paid_on: date
    number: str
    is_card: bool
    is_to_be_printed: bool
    currency: str
    source: str
    source_id: str
    invoice_number: str
    billing_date: date
    invoice_currency: str
    project_id: str
    commitment_id: str
    time_zone: str
    write_back: bool
    write_back_from: date | None
    posting_paused: bool
    bill_total: Decimal
    paid_in_all: Decimal
    unclear_body: bytes | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "hold", WriteHold(self.hold) if self.hold else None)

    @property
    def payment(self) -> BillPayment:
        """The payment's head; what it did for other bills is none of this share's business."""
        return BillPayment(
            kind=self.kind,
            id=self.quickbooks_id,
            vendor_id=self.vendor_id,
            total=self.total,
            paid_on=self.paid_on,
            number=self.number,
            is_card=self.is_card,
            is_to_be_printed=self.is_to_be_printed,
            currency=self.currency,
            lines=(),
        )

    @property
    def decided(self) -> Share:
        """What the payment did for the bill, with what a person said of it."""
        told = Share(self.bill_id, self.cash, self.credit, self.discount, self.other, self.is_unclear)
        return told if self.confirmed_cash is None else as_confirmed(told, self.confirmed_cash)

    @property
    def wanted_cash(self) -> Decimal:
        return self.decided.cash

    @property
    def check_number(self) -> str:
        """What Procore shows as the check's number: empty for what is no check."""
        return self.number.strip() if self.payment.method is PaymentMethod.CHECK else ""

    @property
    def zone(self) -> tzinfo:
        """The project's; UTC for a project whose zone nobody knows, so that nothing waits for that alone."""
        try:
            return zone(self.time_zone)
        except UnknownTimeZone:
            return UTC

    def facts(self, now: datetime, *, uses_procore_pay: bool) -> ShareFacts:
        """What decides whether it may be written at this instant."""
        return ShareFacts(
            cash=self.wanted_cash,
            paid_on=self.paid_on,
            today=now.astimezone(self.zone).date(),
            is_to_be_printed=self.is_to_be_printed,
            is_unclear=self.decided.is_unclear,
            currency=self.currency,
            invoice_currency=self.invoice_currency,
            commitment_id=self.commitment_id,
            paid_in_all=self.paid_in_all,
            bill_total=self.bill_total,
            write_back=self.write_back,
            write_back_from=self.write_back_from,
            is_paused=self.posting_paused,
            uses_procore_pay=uses_procore_pay,
        )


async def shares_by_id(session: CompanySession, share_ids: Iterable[UUID]) -> list[ShareSheet]:
    """By commitment, in the order the payments were made."""
    return await session.ask(SHARES_BY_ID, ShareSheet, ids=list(share_ids))


async def shares_of_invoices(session: CompanySession, invoice_ids: Iterable[UUID]) -> list[ShareSheet]:
    """Those that are gone from the books among them."""
    return await session.ask(SHARES_OF_INVOICES, ShareSheet, invoice_ids=list(invoice_ids))


async def shares_of_invoice(session: CompanySession, invoice_id: UUID) -> list[ShareSheet]:
    """In the order the payments were made; those that are gone from the books among them."""
    return await session.ask(SHARES_OF_INVOICE, ShareSheet, invoice_id=invoice_id)


KNOWN_IDS = """
    SELECT share.procore_payment_id AS id FROM payment_share AS share
    JOIN invoice ON invoice.company_id = share.company_id AND invoice.id = share.invoice_id
    WHERE share.company_id = %(company_id)s AND share.procore_payment_id IS NOT NULL
        AND invoice.commitment_id = %(commitment_id)s
"""


@dataclass(frozen=True)
class _KnownId:
    id: str


async def known_payment_ids(session: CompanySession, commitment_id: str) -> set[str]:
    """The contract payments of a commitment that shares of ours stand for already."""
    return {one.id for one in await session.ask(KNOWN_IDS, _KnownId, commitment_id=commitment_id)}


@dataclass(frozen=True)
class Stands:
    """A contract payment of ours as it stands in Procore from now on."""

    payment_id: str
    amount: Decimal
    paid_on: date | None
    check_number: str
    is_ours: bool


async def stands_in_procore(session: CompanySession, share: ShareSheet, stands: Stands, event: str) -> None:
    """Note what stands in Procore for a share, and tell it on the invoice's timeline as ``event``."""
    row = await _locked(session, share)
    row.procore_payment_id, row.procore_amount = stands.payment_id, stands.amount
    row.procore_paid_on, row.procore_check_number = stands.paid_on, stands.check_number
    row.procore_is_ours, row.hold, row.said, row.written_at = stands.is_ours, None, None, session.now
    _is_done(row, share)
    session.add(row)
    paid_on = stands.paid_on.isoformat() if stands.paid_on else None
    record_event(
        session,
        "invoice",
        share.invoice_id,
        event,
        procore_payment_id=stands.payment_id,
        amount=f"{stands.amount}",
        paid_on=paid_on,
        check_number=stands.check_number,
    )


async def is_out_of_procore(session: CompanySession, share: ShareSheet) -> None:
    """Note that nothing stands in Procore for a share any more."""
    row = await _locked(session, share)
    record_event(
        session,
        "invoice",
        share.invoice_id,
        "payment_removed",
        procore_payment_id=row.procore_payment_id,
        amount=f"{row.procore_amount}",
    )
    row.procore_payment_id = row.procore_amount = row.procore_paid_on = row.procore_check_number = None
    row.procore_is_ours, row.hold, row.said, row.written_at = False, None, None, None
    _is_done(row, share)
    session.add(row)


async def hold_share(
    session: CompanySession,
    share: ShareSheet,
    hold: WriteHold | None,
    said: str | None,
    until: datetime | None,
    stands: Stands | None = None,
) -> None:
    """Note why a share was not written now, None where there is nothing to write.

    It is looked at again at ``until``, or when the books say something. ``stands`` is what Procore shows for it.
    """
    row = await _locked(session, share)
    if stands is not None:
        row.procore_amount, row.procore_paid_on = stands.amount, stands.paid_on
        row.procore_check_number = stands.check_number
    if hold is not None and (row.hold, row.said) != (hold, said):
        record_event(session, "invoice", share.invoice_id, "payment_held", hold=hold.value, said=said)
    row.hold, row.said = hold, said
    if until is None:
        _is_done(row, share)
    else:
        row.not_before, row.leased_until = until, None
    session.add(row)


async def confirm_cash(session: CompanySession, share: ShareSheet, cash: Decimal, by: UUID) -> None:
    """A person said how much of a share was cash; that counts until the books say something new of it."""
    row = await _locked(session, share)
    row.confirmed_cash, row.confirmed_by = cash, by
    row.is_due, row.not_before, row.hold, row.said = True, None, None, None
    session.add(row)
    record_event(session, "invoice", share.invoice_id, "payment_confirmed", amount=f"{cash}")


def _is_done(row: PaymentShare, share: ShareSheet) -> None:
    row.leased_until = row.not_before = None
    # What the books have said meanwhile is still to be looked at.
    row.is_due = row.is_due and row.changed_at != share.changed_at


async def _locked(session: CompanySession, share: ShareSheet) -> PaymentShare:
    row = await session.get(PaymentShare, (session.company_id, share.id), with_for_update=True)
    if row is None:
        raise LookupError(f"there is no share {share.id}")
    return row
