"""Reconciliation of a company file's bills: the edits people make in QuickBooks Desktop are named, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.bill_types import BillDraft
from accounting.desktop_draft import in_words_of_a_company_file
from accounting.differences import BillField as F
from activities.desktop_bill import bill_request
from activities.desktop_lists import bill_row
from models.bill_links import store_transactions
from models.connections import connection_by_id
from models.copy_of_books import mark_deleted
from models.database import Database
from models.drafting import drafting_of
from models.tables import InvoiceRow, PostingAttempt, QuickBooksKind
from providers.quickbooks_desktop.messages.bills import BillAdd, BillAddRq, BillRet, ExpenseLineRet
from providers.quickbooks_desktop.messages.element import to
from tests.activities.test_reconciliation import named
from tests.linked_company import LinkedCompany, linked_company, reconcile

PAIRS = 50
Edit = Callable[[BillRet], BillRet]


def put(**values: Any) -> Edit:
    return lambda bill: bill.model_copy(update=values)


def lines(edit: Callable[[list[ExpenseLineRet]], object]) -> Edit:
    def edited(bill: BillRet) -> BillRet:
        kept = list(bill.expenses)
        edit(kept)
        total = sum((line.amount or Decimal(0) for line in kept), Decimal(0))
        return bill.model_copy(update={"expenses": tuple(kept), "amount_due": total, "open_amount": total})

    return edited


def on_line(place: int, **values: Any) -> Edit:
    return lines(lambda kept: kept.__setitem__(place, kept[place].model_copy(update=values)))


def voided(bill: BillRet) -> BillRet:
    none = tuple(line.model_copy(update={"amount": Decimal(0)}) for line in bill.expenses)
    nothing = {"amount_due": Decimal(0), "open_amount": Decimal(0), "memo": f"VOID: {bill.memo}", "expenses": none}
    return bill.model_copy(update=nothing)


EDITS: dict[str, tuple[Edit, set[tuple[F, str]]]] = {
    "vendor": (put(vendor=to("59")), {(F.VENDOR, "")}),
    "number": (put(number="OTHER"), {(F.NUMBER, "")}),
    "date": (put(bill_date=date(2026, 4, 1)), {(F.DATE, "")}),
    "A/P account": (put(ap_account=to("34")), {(F.AP_ACCOUNT, "")}),
    "line amount": (on_line(1, amount=Decimal("999.00")), {(F.TOTAL, ""), (F.LINE_AMOUNT, "line 2")}),
    "line account": (on_line(0, account=to("82")), {(F.LINE_TARGET, "line 1")}),
    "project": (on_line(0, customer=to("99")), {(F.LINE_PROJECT, "line 1")}),
    "class": (on_line(0, tracking_class=to("8")), {(F.LINE_CLASS, "line 1")}),
    "retainage": (on_line(2, amount=Decimal("-1.00")), {(F.TOTAL, ""), (F.RETAINAGE, "line 3")}),
    "retainage gone": (lines(lambda kept: kept.pop(2)), {(F.TOTAL, ""), (F.RETAINAGE, "line 3")}),
    "line gone": (lines(lambda kept: kept.pop(1)), {(F.TOTAL, ""), (F.LINE, "line 2")}),
    "line added": (
        lines(lambda kept: kept.append(kept[1].model_copy(update={"line_id": "9", "amount": Decimal(75)}))),
        {(F.TOTAL, ""), (F.LINE, "added line 1")},
    ),
    "void": (voided, {(F.VOIDED, "")}),
    "nothing that counts": (put(memo="call me", due_date=date(2027, 1, 1), terms=to("9")), set()),
}


async def in_a_company_file(company: LinkedCompany) -> list[BillRet]:
    """The same pairs as QuickBooks Desktop has them, each bill as it was made from what was sent."""
    bills = []
    async with company.session() as session:
        connection = await connection_by_id(session, company.connection_id)
        assert connection is not None
        connection.kind = QuickBooksKind.DESKTOP
        found = await session.exec(select(InvoiceRow).where(col(InvoiceRow.id).in_(company.invoice_ids)))
        draftings = await drafting_of(session, company.connection_id, list(found))
        for place, invoice_id in enumerate(company.invoice_ids):
            draft = draftings[invoice_id].draft()
            assert isinstance(draft, BillDraft), draft
            words = in_words_of_a_company_file(draft)
            body = bill_request(words, company.connection_id, invoice_id, f"inBuild {place}")
            await session.execute(
                sa.update(PostingAttempt).where(col(PostingAttempt.subject_id) == invoice_id).values(body=body)
            )
            bills.append(_made(place, BillAddRq.from_xml(body).bill, draft.total))
    await read(company, bills)
    return bills


def _made(place: int, sent: BillAdd, total: Decimal) -> BillRet:
    expenses = tuple(
        ExpenseLineRet(
            line_id=f"{place}-{number}",
            account=line.account,
            amount=line.amount,
            memo=line.memo,
            customer=line.customer,
            tracking_class=line.tracking_class,
            billable_status=line.billable_status,
        )
        for number, line in enumerate(sent.expenses)
    )
    return BillRet(
        txn_id=str(place),
        edit_sequence="0",
        vendor=sent.vendor,
        ap_account=sent.ap_account,
        bill_date=sent.bill_date,
        due_date=sent.due_date,
        number=sent.number,
        terms=sent.terms,
        memo=sent.memo or "",
        external_guid=sent.external_guid,
        amount_due=total,
        open_amount=total,
        expenses=expenses,
    )


async def read(company: LinkedCompany, bills: list[BillRet]) -> None:
    async with company.session() as session:
        rows = [bill_row(company.connection_id, bill, session.now) for bill in bills]
        await store_transactions(session, rows)


async def test_every_edit_in_a_company_file_is_named_and_nothing_else(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, PAIRS)
    bills = await in_a_company_file(company)
    await reconcile(company)
    assert await named(company) == {}
    wanted = {
        3 * place: {(field.value, line) for field, line in fields}
        for place, (_, fields) in enumerate(EDITS.values())
        if fields
    }
    edited = [edit(bills[3 * place]) for place, (edit, _) in enumerate(EDITS.values())]
    await read(company, [bill.model_copy(update={"edit_sequence": "1"}) for bill in edited])
    gone = PAIRS - 1
    async with company.session() as session:
        await mark_deleted(session, company.connection_id, [("Bill", f"{gone}")])
    await reconcile(company)
    assert await named(company) == {**wanted, gone: {("deleted", "")}}
