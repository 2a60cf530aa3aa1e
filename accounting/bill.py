"""From an invoice to the one right bill, or to every reason why there is none yet."""

import json
from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from accounting.bill_lines import bill_lines
from accounting.bill_types import (
    BillDraft,
    Books,
    Held,
    NothingToPost,
    RetainageBalance,
    Terms,
    TransactionKind,
    WithheldIn,
)
from accounting.blockers import BlockerReason, Hold
from accounting.checks import has_lines, missing_in_books, tax_treatment, to_be_paid, wrong_amounts
from accounting.closed_periods import closed
from accounting.dates import due_date, terms_days
from accounting.desktop_draft import in_words_of_a_company_file
from accounting.duplicates import Match, Wanted, look_alikes, surely_the_same
from accounting.invoice import Invoice
from accounting.memo import LIEN_WAIVER_NOTE, PAY_WHEN_PAID_NOTE, carries_marker, marker, memo
from accounting.money import ZERO, dollars, has_fraction_of_cent
from accounting.numbers import BillNumber, bill_number
from accounting.quantities import ONE
from accounting.tax import TaxTreatment

__all__ = ["carries_marker", "draft_bill", "draft_hash", "in_these_books", "marker"]


def draft_bill(
    invoice: Invoice, books: Books, retainage: RetainageBalance, number_used_on_other_commitment: bool
) -> BillDraft | Held | NothingToPost:
    """The bill an invoice becomes, or the vendor credit where it is negative and a person said so.

    Held with every reason found, each once, in a stable order. Nothing to post when no line has any money and
    nothing is due; lines that net to zero still make a $0.00 bill. ``retainage`` is what is booked for the commitment
    before this invoice. A draft's lines sum to its total, and that to the amount due (plus tax where that comes on
    top of it, less the sign of a vendor credit), to the cent.
    """
    balance = _with_opening(retainage, books)
    wrong = list(wrong_amounts(invoice, books.decisions))
    if not wrong and not has_lines(invoice):
        return NothingToPost()
    bill_date = _bill_date(invoice, books)
    number = _number(invoice, books, number_used_on_other_commitment)
    holds = _once_each(
        [
            *wrong,
            *missing_in_books(invoice, books, balance),
            *closed(bill_date, books.closed_through, books.lock_date),
            *_in_the_books_already(invoice, books, bill_date, number),
        ]
    )
    if holds or books.vendor_id is None or books.customer_id is None:
        return Held(holds)
    draft = _draft(invoice, books, balance, bill_date, number, books.vendor_id, books.customer_id)
    if not draft.lines:
        # Books that know no retainage: everything billed is kept back, so nothing is due and nothing is cost yet.
        return NothingToPost()
    return _reviewed(in_words_of_a_company_file(draft) if books.is_company_file else draft, books)


def draft_hash(draft: BillDraft) -> str:
    """SHA-256, in hexadecimal, over everything in a draft: equal exactly when what a person was shown is equal."""
    canonical = json.dumps(draft, sort_keys=True, separators=(",", ":"), default=_canonical)
    return sha256(canonical.encode()).hexdigest()


def _draft(
    invoice: Invoice,
    books: Books,
    balance: RetainageBalance,
    bill_date: date,
    number: BillNumber,
    vendor_id: str,
    customer_id: str,
) -> BillDraft:
    lines = bill_lines(invoice, books, balance, customer_id)
    kind = TransactionKind.BILL
    if sum((line.amount for line in lines), ZERO) < 0:
        kind = TransactionKind.VENDOR_CREDIT
        lines = tuple(replace(line, amount=-line.amount, quantity=ONE) for line in lines)
    due, terms = due_date(bill_date, _commitment_terms(invoice, books), books.vendor_terms, books.default_terms)
    return BillDraft(
        vendor_id=vendor_id,
        number=number.number,
        full_number=number.full_number,
        bill_date=bill_date,
        due_date=due,
        terms_id=terms.terms_id,
        ap_account_id=books.ap_account_id,
        memo=memo(invoice, number, _notes(books)),
        currency=books.home_currency,
        lines=lines,
        total=sum((line.amount for line in lines), ZERO),
        kind=kind,
        location_id=books.location_id,
        tax_treatment=tax_treatment(invoice) or TaxTreatment.NONE,
    )


def _with_opening(retainage: RetainageBalance, books: Books) -> RetainageBalance:
    """What was in the books before the first bill of ours is the oldest."""
    if books.retainage_opening == 0:
        return retainage
    opening = WithheldIn(books.retainage_opening_account_id, books.retainage_opening)
    return replace(
        retainage,
        opening=retainage.opening + books.retainage_opening,
        withheld_in=(opening, *retainage.withheld_in),
    )


def _notes(books: Books) -> list[str]:
    notes = [LIEN_WAIVER_NOTE] if books.decisions.lien_waiver_missing else []
    return [*notes, PAY_WHEN_PAID_NOTE] if books.settings.pay_when_paid else notes


def _in_the_books_already(invoice: Invoice, books: Books, bill_date: date, number: BillNumber) -> Iterator[Hold]:
    if books.posted_in is not None:
        yield Hold(BlockerReason.POSTED_ELSEWHERE, books.posted_in, "posted elsewhere")
    for wanted in _as_compared(invoice, books, bill_date, number):
        for one in look_alikes(wanted, books.look_alikes):
            if one.key not in books.decisions.not_duplicates:
                yield Hold(BlockerReason.LIKELY_DUPLICATE, one.words, one.key)


def in_these_books(invoice: Invoice, books: Books, number_used_on_other_commitment: bool) -> tuple[Match, ...]:
    """What in the books looks like the invoice, each once, and whether it surely is the invoice's own bill.

    Empty while its vendor or its job is not mapped: then nobody can say.
    """
    bill_date = _bill_date(invoice, books)
    number = _number(invoice, books, number_used_on_other_commitment)
    found: dict[str, Match] = {}
    for wanted in _as_compared(invoice, books, bill_date, number):
        for one in look_alikes(wanted, books.look_alikes):
            before = found.get(one.key)
            found[one.key] = Match(one, surely_the_same(wanted, one) or (before is not None and before.is_sure))
    return tuple(found.values())


def _bill_date(invoice: Invoice, books: Books) -> date:
    return books.decisions.bill_date or books.bill_date or invoice.billing_date


def _number(invoice: Invoice, books: Books, number_used_on_other_commitment: bool) -> BillNumber:
    return bill_number(
        invoice.number,
        invoice.commitment_number,
        invoice.sequence,
        number_used_on_other_commitment,
        books.number_limit,
    )


def _as_compared(invoice: Invoice, books: Books, bill_date: date, number: BillNumber) -> Iterator[Wanted]:
    """The bill at hand under each number it may stand in the books by; nothing where there is nothing to compare."""
    if not books.look_alikes or books.vendor_id is None or books.customer_id is None:
        return
    # A number put together by us is looked for as it will stand in the books, the vendor's own as the vendor wrote it.
    for written in dict.fromkeys((number.number, number.full_number)):
        yield Wanted(
            vendor_id=books.vendor_id,
            number=written,
            customer_id=books.customer_id,
            bill_date=bill_date,
            net=to_be_paid(invoice),
            gross=invoice.gross,
        )


def _reviewed(draft: BillDraft, books: Books) -> BillDraft | Held:
    """The draft itself, unless a person must approve exactly this one first: any change voids an approval."""
    if not books.settings.review_before_posting or books.decisions.approved_hash == draft_hash(draft):
        return draft
    again = "it has changed since it was approved, " if books.decisions.approved_hash else ""
    return Held((Hold(BlockerReason.REVIEW, f"{again}{dollars(draft.total)}, {draft.number}", "review"),))


def _once_each(holds: list[Hold]) -> tuple[Hold, ...]:
    """The first hold of each reason and subject key: what one click clears is asked for once."""
    first: dict[tuple[str, str], Hold] = {}
    for hold in holds:
        first.setdefault((hold.reason, hold.subject_key), hold)
    return tuple(first.values())


def _commitment_terms(invoice: Invoice, books: Books) -> Terms | None:
    """The commitment's terms as mapped, else as its text says, with QuickBooks' id where it has terms of those days."""
    if books.commitment_terms is not None:
        return books.commitment_terms
    days = terms_days(invoice.payment_terms)
    if days is None:
        return None
    known = (terms for terms in (books.vendor_terms, books.default_terms) if terms is not None and terms.days == days)
    return next(known, Terms(days))


def _canonical(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}" if has_fraction_of_cent(value) else f"{value:.2f}"
    return vars(value) if is_dataclass(value) else str(value)
