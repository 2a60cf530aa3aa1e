"""From an invoice to the one right bill, or to every reason why there is none yet."""

import json
from dataclasses import asdict
from decimal import Decimal
from hashlib import sha256

from accounting.bill_types import BillDraft, BillLine, Books, Held, LineRole, NothingToPost, RetainageBalance, Terms
from accounting.blockers import Hold
from accounting.checks import cost_account, missing_in_books, released, withheld, wrong_amounts
from accounting.dates import due_date, terms_days
from accounting.invoice import Invoice
from accounting.memo import carries_marker, line_description, marker, memo, retainage_description
from accounting.money import ZERO, to_cents
from accounting.numbers import bill_number

__all__ = ["carries_marker", "draft_bill", "draft_hash", "marker"]


def draft_bill(
    invoice: Invoice, books: Books, retainage: RetainageBalance, number_used_on_other_commitment: bool
) -> BillDraft | Held | NothingToPost:
    """The bill an invoice becomes: one line per SOV line at gross, retainage withheld and released as further lines.

    Held with every reason found, each once, in a stable order. Nothing to post when no line has any money and
    nothing is due; lines that net to zero still make a $0.00 bill. ``retainage`` is what is booked for the commitment
    before this invoice. A draft's lines sum to its total, and that to the invoice's amount due, to the cent.
    """
    wrong = list(wrong_amounts(invoice))
    if not wrong and not _has_lines(invoice):
        return NothingToPost()
    holds = _once_each([*wrong, *missing_in_books(invoice, books, retainage)])
    if holds or books.vendor_id is None or books.customer_id is None:
        return Held(holds)
    lines = _lines(invoice, books, books.customer_id)
    number = bill_number(
        invoice.number,
        invoice.commitment_number,
        invoice.sequence,
        number_used_on_other_commitment,
        books.number_limit,
    )
    due, terms = due_date(
        invoice.billing_date, _commitment_terms(invoice, books), books.vendor_terms, books.default_terms
    )
    return BillDraft(
        vendor_id=books.vendor_id,
        number=number.number,
        full_number=number.full_number,
        bill_date=invoice.billing_date,
        due_date=due,
        terms_id=terms.terms_id,
        ap_account_id=books.ap_account_id,
        memo=memo(invoice, number),
        currency=books.home_currency,
        lines=lines,
        total=sum((line.amount for line in lines), ZERO),
    )


def draft_hash(draft: BillDraft) -> str:
    """SHA-256, in hexadecimal, over everything in a draft: equal exactly when what a person was shown is equal."""
    canonical = json.dumps(asdict(draft), sort_keys=True, separators=(",", ":"), default=_canonical)
    return sha256(canonical.encode()).hexdigest()


def _once_each(holds: list[Hold]) -> tuple[Hold, ...]:
    """The first hold of each reason and subject key: what one click clears is asked for once."""
    first: dict[tuple[str, str], Hold] = {}
    for hold in holds:
        first.setdefault((hold.reason, hold.subject_key), hold)
    return tuple(first.values())


def _has_lines(invoice: Invoice) -> bool:
    return any(line.gross != 0 for line in invoice.lines) or withheld(invoice) != 0 or released(invoice) != 0


def _lines(invoice: Invoice, books: Books, customer_id: str) -> tuple[BillLine, ...]:
    lines = [
        BillLine(
            role=LineRole.COST,
            account_id=account_id,
            description=line_description(line),
            amount=to_cents(line.gross),
            customer_id=customer_id,
            class_id=books.class_id,
        )
        for line in invoice.lines
        if line.gross != 0 and (account_id := cost_account(line, books)) is not None
    ]
    for role, verb, amount in (
        (LineRole.RETAINAGE_WITHHELD, "withheld", -withheld(invoice)),
        (LineRole.RETAINAGE_RELEASED, "released", released(invoice)),
    ):
        if amount != 0 and books.retainage_account_id is not None:
            lines.append(
                BillLine(
                    role=role,
                    account_id=books.retainage_account_id,
                    description=retainage_description(verb, invoice),
                    amount=to_cents(amount),
                    customer_id=customer_id,
                    class_id=books.class_id,
                )
            )
    return tuple(lines)


def _commitment_terms(invoice: Invoice, books: Books) -> Terms | None:
    """The commitment's terms as mapped, else as its text says, with QuickBooks' id where it has terms of those days."""
    if books.commitment_terms is not None:
        return books.commitment_terms
    days = terms_days(invoice.payment_terms)
    if days is None:
        return None
    known = (terms for terms in (books.vendor_terms, books.default_terms) if terms is not None and terms.days == days)
    return next(known, Terms(days))


def _canonical(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
