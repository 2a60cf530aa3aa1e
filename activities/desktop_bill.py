"""A draft as the bill of a company file: in characters QuickBooks Desktop holds, within its lengths, as qbXML."""

import hashlib
from dataclasses import replace
from uuid import UUID

from accounting.bill_types import BillDraft, BillLine
from accounting.numbers import QBD_REF_NUMBER_LIMIT
from models.desktop_queue import external_guid
from providers.quickbooks_desktop.characters import REPLACEMENT, known_to_quickbooks, shortened
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.bills import NOT_BILLABLE, BillAdd, BillAddRq, ExpenseLineAdd
from providers.quickbooks_desktop.messages.element import to
from providers.quickbooks_desktop.values import guid

# qbXML 13.0: BillAdd Memo.
TEXT_LIMIT = 4095
HASH_LENGTH = 4


def as_desktop_bill(draft: BillDraft) -> BillDraft:
    """The draft in the words that will stand in the company file, so that it is found by them again.

    A number with characters QuickBooks Desktop lacks keeps what it has of others and gets four hexadecimal digits of
    the whole; the vendor's own then stands in the memo, as far as it can be written there.
    """
    number = bill_number(draft.number)
    memo = known_to_quickbooks(draft.memo)
    own = known_to_quickbooks(draft.full_number).replace("inBuild ", "inBuild-")
    if number != draft.number and own not in memo:
        memo = f"Invoice {shortened(own, TEXT_LIMIT // 4)}, {memo}"
    return replace(
        draft,
        number=number,
        memo=shortened_head(memo, TEXT_LIMIT),
        lines=tuple(
            replace(line, description=shortened(known_to_quickbooks(line.description), TEXT_LIMIT))
            for line in draft.lines
        ),
    )


def bill_number(number: str) -> str:
    """At most 20 characters of Windows-1252; two numbers that differ stay apart."""
    known = known_to_quickbooks(number)
    if known == number and len(known) <= QBD_REF_NUMBER_LIMIT:
        return known
    digest = hashlib.sha1(number.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    tail = known.replace(REPLACEMENT, "").strip()[-(QBD_REF_NUMBER_LIMIT - HASH_LENGTH - 1) :].strip()
    return f"{tail}-{digest[:HASH_LENGTH].upper()}".lstrip("-")


def shortened_head(memo: str, limit: int) -> str:
    """A memo cut at its beginning: our marker stands at its end."""
    return memo if len(memo) <= limit else "..." + memo[-(limit - 3) :]


def bill_request(draft: BillDraft, connection_id: UUID, invoice_id: UUID, marker: str) -> bytes:
    """The request as it will be handed out, for a draft that is ``as_desktop_bill``. Plain ASCII.

    Every line has its job and a billable status; due date and A/P account are always sent.
    """
    bill = BillAdd(
        vendor=to(draft.vendor_id),
        ap_account=to(draft.ap_account_id) if draft.ap_account_id else None,
        bill_date=draft.bill_date,
        due_date=draft.due_date,
        number=draft.number,
        terms=to(draft.terms_id) if draft.terms_id else None,
        memo=draft.memo,
        external_guid=guid(external_guid(connection_id, invoice_id)),
        expenses=tuple(_expense(line) for line in draft.lines),
    )
    return request_text(BillAddRq(request_id=marker.replace(" ", "-"), bill=bill)).encode("ascii")


def _expense(line: BillLine) -> ExpenseLineAdd:
    return ExpenseLineAdd(
        account=to(line.account_id),
        amount=line.amount,
        memo=line.description or None,
        customer=to(line.customer_id),
        tracking_class=to(line.class_id) if line.class_id else None,
        billable_status=NOT_BILLABLE,
    )
