"""Reconciliation of 2,000 linked pairs: every edit on either side is named, nothing else is, and all of it ties."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from accounting.differences import BillField
from accounting.payment_changes import WriteHold
from accounting.reconciliation import Change, InBooks, Origin, Totals, totals
from activities.reconciling import LEFT_OUT, PAGE, compare_page
from models.after_posting import keep_as_it_is
from models.bill_differences import DifferenceFilter, DifferenceMoved, explain, open_again, standing_differences
from models.comparisons import comparisons_of
from models.database import CompanySession, Database
from models.invoices import invoices_by_id
from models.reconciliation_runs import Selection, ask_for_run, books_of_run, statement_of
from models.tables import (
    BillComparison,
    BillDifference,
    BillLink,
    DifferenceState,
    InvoiceRow,
    LinkOrigin,
    Mapping,
    PostingAttempt,
    ReferenceEntry,
)
from tests.linked_company import Json, LinkedCompany, item, linked_company, reconcile
from tests.paid_pairs import PAYMENTS, Paid, pay

F = BillField
EVERYTHING = Selection()
Edit = Callable[[Json], None]


async def named(company: LinkedCompany, *states: DifferenceState) -> dict[int, set[tuple[str, str]]]:
    """(field, line) of the differences that stand in these states, by place."""
    place_of = {invoice_id: place for place, invoice_id in enumerate(company.invoice_ids)}
    async with company.session() as session:
        found = await session.exec(
            select(BillDifference).where(col(BillDifference.state).in_(states or (DifferenceState.OPEN,)))
        )
        told: dict[int, set[tuple[str, str]]] = {}
        for one in found:
            told.setdefault(place_of[one.invoice_id], set()).add((one.field, one.line))
    return told


async def told_totals(company: LinkedCompany, run_id: UUID, wanted: Selection = EVERYTHING) -> Totals:
    async with company.session() as session:
        return totals(row for _, row in await statement_of(session, run_id, wanted))


def put(**values: Any) -> Edit:
    return lambda told: told.update(values)


def billed(place: int, gross: str, withheld: str) -> Edit:
    """Another amount on one SOV line, and what is due with it."""

    def edit(told: Json) -> None:
        told["items"][place] = item(place + 1, told["items"][place]["cost_code_id"], Decimal(gross), Decimal(withheld))
        _sum_up(told)

    return edit


def _sum_up(told: Json) -> None:
    due = sum((Decimal(one["net_amount"]) for one in told["items"]), Decimal(0))
    told["summary"] = {"current_payment_due": str(due)}


def line_added(told: Json) -> None:
    told["items"].append(item(3, "2159", Decimal(75), Decimal(0)))
    _sum_up(told)


def line_removed(told: Json) -> None:
    del told["items"][1]
    _sum_up(told)


def recoded(told: Json) -> None:
    told["items"][0]["cost_code_id"] = "2159"


IN_PROCORE: dict[str, tuple[Edit, set[tuple[F, str]]]] = {
    "gross": (billed(0, "5000", "500"), {(F.TOTAL, ""), (F.LINE_AMOUNT, "line 1"), (F.RETAINAGE, "line 3")}),
    "retainage": (billed(1, "250.25", "25.02"), {(F.TOTAL, ""), (F.RETAINAGE, "line 3")}),
    "line added": (line_added, {(F.TOTAL, ""), (F.LINE, "added line 1")}),
    "line removed": (line_removed, {(F.TOTAL, ""), (F.LINE, "line 2")}),
    "cost code": (recoded, {(F.LINE_TARGET, "line 1")}),
    "date": (put(billing_date="2026-06-03"), {(F.DATE, "")}),
    "number": (put(invoice_number="INV-NEW"), {(F.NUMBER, "")}),
    "status": (put(status="revise_and_resubmit"), {(F.APPROVAL_WITHDRAWN, "")}),
    "nothing that counts": (put(updated_at="2026-08-01T09:00:00Z", attachments=[]), set()),
}


def on_line(place: int, amount: str | None = None, **references: str) -> Edit:
    def edit(told: Json) -> None:
        line = told["Line"][place]
        if amount is not None:
            line["Amount"] = amount
        for name, value in references.items():
            line["AccountBasedExpenseLineDetail"][name] = {"value": value}

    return edit


def without_line(place: int) -> Edit:
    def edit(told: Json) -> None:
        del told["Line"][place]

    return edit


def line_typed_in(told: Json) -> None:
    told["Line"].append({**json.loads(json.dumps(told["Line"][1])), "Id": "9", "Amount": "75.00"})


def voided(told: Json) -> None:
    for line in told["Line"]:
        line["Amount"] = "0.00"


IN_QUICKBOOKS: dict[str, tuple[Edit, set[tuple[F, str]]]] = {
    "vendor": (put(VendorRef={"value": "59"}), {(F.VENDOR, "")}),
    "number": (put(DocNumber="OTHER"), {(F.NUMBER, "")}),
    "date": (put(TxnDate="2026-04-01"), {(F.DATE, "")}),
    "A/P account": (put(APAccountRef={"value": "34"}), {(F.AP_ACCOUNT, "")}),
    "line amount": (on_line(1, "999.00"), {(F.TOTAL, ""), (F.LINE_AMOUNT, "line 2")}),
    "line account": (on_line(0, AccountRef="82"), {(F.LINE_TARGET, "line 1")}),
    "project": (on_line(0, CustomerRef="99"), {(F.LINE_PROJECT, "line 1")}),
    "class": (on_line(0, ClassRef="8"), {(F.LINE_CLASS, "line 1")}),
    "retainage": (on_line(2, "-1.00"), {(F.TOTAL, ""), (F.RETAINAGE, "line 3")}),
    "retainage gone": (without_line(2), {(F.TOTAL, ""), (F.RETAINAGE, "line 3")}),
    "line gone": (without_line(1), {(F.TOTAL, ""), (F.LINE, "line 2")}),
    "line added": (line_typed_in, {(F.TOTAL, ""), (F.LINE, "added line 1")}),
    "void": (voided, {(F.VOIDED, "")}),
    "nothing that counts": (put(PrivateNote="call me", DueDate="2027-01-01", SalesTermRef={"value": "9"}), set()),
}
"""Edits of bills, as people make them in QuickBooks."""

STEP = 35


async def edited(company: LinkedCompany) -> dict[int, set[tuple[str, str]]]:
    """Each kind of edit on a pair of its own, both sides at once on one; what has to be named, by place."""
    wanted: dict[int, set[tuple[str, str]]] = {}
    places = iter(range(5, company.count, STEP))

    def place_for(fields: set[tuple[F, str]]) -> int:
        place = next(places)
        if fields:
            wanted[place] = {(field.value, line) for field, line in fields}
        return place

    await company.edit_in_procore({place_for(fields): edit for edit, fields in IN_PROCORE.values()})
    await company.edit_in_quickbooks({place_for(fields): edit for edit, fields in IN_QUICKBOOKS.values()})
    await company.remove_in_procore(place_for({(F.REQUISITION_DELETED, "")}))
    await company.delete_in_quickbooks(place_for({(F.DELETED, "")}))
    # Another vendor in Procore: the place's own is the first, the third is mapped as well.
    other = next(place for place in places if place % 3 == 0)
    await company.edit_in_procore({other: put(vendor_id="8883", vendor_name="Vendor 2")})
    wanted[other] = {(F.VENDOR.value, "")}
    # Moved alike on both sides they agree; moved apart, each value is told.
    alike, apart = next(places), next(places)
    await company.edit_in_procore({place: put(invoice_number="INV-BOTH") for place in (alike, apart)})
    await company.edit_in_quickbooks({alike: put(DocNumber="INV-BOTH"), apart: put(DocNumber="INV-MINE")})
    wanted[apart] = {(F.NUMBER.value, "")}
    # Paid in every way: only cash that Procore should show by now, and does not, is told.
    paid = {next(places): one for one in PAYMENTS.values()}
    await pay(company, paid)
    return wanted | {place: {(F.PAID.value, "")} for place, one in paid.items() if one.differs}


async def test_every_edit_of_two_thousand_pairs_is_named_and_nothing_else(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, 2_000)
    approved = sum((Decimal(one["summary"]["current_payment_due"]) for one in company.requisitions), Decimal(0))
    gross = sum((Decimal(line["gross_amount"]) for one in company.requisitions for line in one["items"]), Decimal(0))

    wanted = await edited(company)
    run_id = await reconcile(company)
    assert await named(company) == wanted
    paid_apart = sum(1 for one in PAYMENTS.values() if one.differs)
    assert len(wanted) == len(IN_PROCORE) + len(IN_QUICKBOOKS) + 2 + paid_apart

    # The statement: what is approved now and what was withdrawn come to the bills as posted and what changed since.
    after = await told_totals(company, run_id)
    assert after.ties
    now = {row.name: row for row in (*after.approved, *after.changes)}
    withdrawn = [one for one in company.requisitions if one["status"] != "approved"]
    deleted = company.requisitions[next(place for place, told in wanted.items() if ("requisition_deleted", "") in told)]
    assert now[Origin.PROCORE].amounts.net == sum(
        Decimal(one["summary"]["current_payment_due"])
        for one in company.requisitions
        if one not in withdrawn and one is not deleted
    )
    assert now[Origin.WITHDRAWN].invoices == 2
    assert (after.billed.net, after.billed.gross) == (approved, gross)
    assert now[Change.AFTER_POSTING].invoices == 4
    # The books: what the linked bills come to there today.
    there = [
        Decimal(bill["TotalAmt"])
        for place, bill in enumerate(company.bills)
        if ("deleted", "") not in wanted.get(place, ())
    ]
    assert after.in_books.net == sum(there)
    assert {row.name: row.invoices for row in after.books} == {InBooks.EDITED: 5, InBooks.GONE: 2}

    # Every selection ties by itself, and all of them together are the whole.
    parts = [await told_totals(company, run_id, Selection(project_id=one)) for one in ("9001", "9002", "9003")]
    assert all(part.ties for part in parts)
    assert sum((part.approved_to_date.net for part in parts), Decimal(0)) == after.approved_to_date.net


async def test_what_a_person_explained_stays_explained_until_it_changes(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, 4)
    await company.edit_in_quickbooks({1: put(DocNumber="OTHER"), 2: put(DocNumber="ALSO")})
    await reconcile(company)

    async def row_of(place: int) -> BillDifference:
        async with company.session() as session:
            found = await session.exec(
                select(BillDifference).where(BillDifference.invoice_id == company.invoice_ids[place])
            )
            row: BillDifference = found.one()
            return row

    first = await row_of(1)
    async with company.session() as session:
        await explain(session, first.id, first.fingerprint, "The vendor renumbered it.", uuid4())
    await reconcile(company)
    assert (await named(company), await named(company, DifferenceState.EXPLAINED)) == (
        {2: {("number", "")}},
        {1: {("number", "")}},
    )
    assert (await row_of(1)).note == "The vendor renumbered it."

    # Another value: open again, and whoever still has the old page open explains nothing.
    await company.edit_in_quickbooks({1: put(DocNumber="THIRD")})
    await reconcile(company)
    assert set(await named(company)) == {1, 2}
    async with company.session() as session:
        with pytest.raises(DifferenceMoved):
            await explain(session, first.id, first.fingerprint, "The vendor renumbered it.", uuid4())

    # Back as it was posted: closed. The same edit once more is news, not explained by what was said before.
    await company.edit_in_quickbooks({1: put(DocNumber="INV-00001"), 2: put(DocNumber="INV-00002")})
    await reconcile(company)
    assert await named(company, DifferenceState.OPEN, DifferenceState.EXPLAINED) == {}
    await company.edit_in_quickbooks({1: put(DocNumber="OTHER")})
    await reconcile(company)
    again = await row_of(1)
    assert (again.state, again.note, again.closed_at) == (DifferenceState.OPEN, "", None)

    async with company.session() as session:
        await explain(session, again.id, again.fingerprint, "Ours after all.", uuid4())
        await open_again(session, again.id)
    assert await named(company) == {1: {("number", "")}}


async def test_cash_that_procore_does_not_show_is_explained_by_itself(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, len(PAYMENTS))
    await pay(company, dict(enumerate(PAYMENTS.values())))
    await company.edit_in_quickbooks({11: put(DocNumber="OTHER")})
    await reconcile(company)
    async with company.session() as session:
        shown = await standing_differences(session, DifferenceFilter(), 50)
    place_of = {invoice_id: place for place, invoice_id in enumerate(company.invoice_ids)}
    told = {place_of[one.invoice_id]: one for one in shown if one.field == F.PAID}
    assert {place: (one.in_procore, one.in_quickbooks) for place, one in told.items()} == {
        place: one.differs for place, one in enumerate(PAYMENTS.values()) if one.differs
    }

    # Kept as it is on the invoice's page, where only the number differs: the cash still stands open here.
    async with company.session() as session:
        invoice_id = company.invoice_ids[11]
        row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
        keep_as_it_is(session, row, (await comparisons_of(session, [invoice_id]))[invoice_id], uuid4(), "Renumbered.")
    await reconcile(company)
    assert (await named(company))[11] == {("paid", "")}
    async with company.session() as session:
        await explain(session, told[11].id, told[11].fingerprint, "Entered in the old system.", uuid4())
    await reconcile(company)
    assert (await named(company, DifferenceState.EXPLAINED))[11] == {("paid", ""), ("number", "")}

    # Opened again it says nothing of the number; another amount opens it by itself.
    async with company.session() as session:
        await open_again(session, told[11].id)
    await reconcile(company)
    assert (await named(company, DifferenceState.EXPLAINED))[11] == {("number", "")}
    async with company.session() as session:
        await explain(session, told[11].id, told[11].fingerprint, "Entered in the old system.", uuid4())
    await pay(company, {11: Paid(cash=Decimal(500), hold=WriteHold.REFUSED)})
    await reconcile(company)
    assert (await named(company))[11] == {("paid", "")}


async def test_another_mapping_is_for_bills_to_come(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, 3)
    async with company.session() as session:
        mapping = (await session.exec(select(Mapping).where(Mapping.procore_id == "2158"))).one()
        mapping.target_id = "82"
        session.add(mapping)
    await company.edit_in_procore({1: billed(1, "300", "0"), 2: put(updated_at="2026-08-01T09:00:00Z")})
    await reconcile(company)
    assert await named(company) == {1: {("total", ""), ("line_amount", "line 2")}}


async def test_a_comparison_goes_on_where_it_stopped_and_never_twice(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, PAGE + 10)
    await company.edit_in_quickbooks({place: put(DocNumber="OTHER") for place in (0, PAGE + 5)})
    async with company.session() as session:
        run = await ask_for_run(session, uuid4(), reread=False)
        # Asked for again while it is under way: it is the same run.
        assert (await ask_for_run(session, uuid4(), reread=False)).id == run.id
    for _ in range(2):
        async with company.session() as session:
            assert await compare_page(session, run.id, company.connection_id) is None
    with pytest.raises(RuntimeError, match="killed"):
        async with company.session() as session:
            await compare_page(session, run.id, company.connection_id)
            raise RuntimeError("killed before the commit")
    for _ in range(2):
        async with company.session() as session:
            told = await compare_page(session, run.id, company.connection_id)
        assert told is not None
        assert (told.pairs, told.open, told.explained) == (PAGE + 10, 2, 0)


async def test_two_who_ask_at_the_same_moment_get_one_run(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, 1)

    async def ask() -> UUID:
        async with company.session() as session:
            return (await ask_for_run(session, uuid4(), reread=False)).id

    async with company.session() as first:
        mine = await ask_for_run(first, uuid4(), reread=False)
        # These see none under way and begin one as well, which waits for what became of the first.
        others = asyncio.gather(ask(), ask())
        await asyncio.sleep(0.2)
    assert set(await others) == {mine.id}
    async with company.session() as session:
        assert len(await books_of_run(session, mine.id)) == 1


async def test_a_bill_nobody_is_linked_to_any_more_differs_from_nothing(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, 2)
    await company.edit_in_quickbooks({1: put(DocNumber="OTHER")})
    await reconcile(company)
    async with company.session() as session:
        link = (await session.exec(select(BillLink).where(BillLink.invoice_id == company.invoice_ids[1]))).one()
        link.ended_at = session.now
        session.add(link)
    await reconcile(company)
    assert await named(company) == {}


async def test_kept_on_the_invoice_or_explained_here_is_the_same_word(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, 3)
    renumbered = {place: put(DocNumber="OTHER", TxnDate="2026-04-01") for place in (1, 2)}
    await company.edit_in_quickbooks(renumbered)
    await reconcile(company)

    async def comparison_of_place(session: CompanySession, place: int) -> tuple[InvoiceRow, BillComparison]:
        invoice_id = company.invoice_ids[place]
        rows = await invoices_by_id(session, [invoice_id])
        return rows[invoice_id], (await comparisons_of(session, [invoice_id]))[invoice_id]

    async with company.session() as session:
        row, comparison = await comparison_of_place(session, 1)
        assert row.changed
        keep_as_it_is(session, row, comparison, uuid4(), "Agreed with the vendor.")
    await reconcile(company)
    assert {place: len(found) for place, found in (await named(company)).items()} == {2: 2}

    # The other way round: with the last difference explained the invoice is kept, and opened again it is not.
    async with company.session() as session:
        shown = [one for one in await standing_differences(session, DifferenceFilter(), 9) if one.state == "open"]
    for one in shown:
        async with company.session() as session:
            assert (await comparison_of_place(session, 2))[0].changed
            await explain(session, one.id, one.fingerprint, "Agreed with the vendor.", uuid4())
    async with company.session() as session:
        row, comparison = await comparison_of_place(session, 2)
        assert (row.changed, comparison.kept_note) == (False, "Agreed with the vendor.")
        await open_again(session, shown[0].id)
    async with company.session() as session:
        row, comparison = await comparison_of_place(session, 2)
        assert comparison.kept_fingerprint is None and comparison.due_at is not None


async def test_one_pair_that_trips_us_holds_up_no_other(database: Database, company_id: UUID) -> None:
    company = await linked_company(database, company_id, 4)
    await company.edit_in_quickbooks({1: put(DocNumber="OTHER"), 2: put(DocNumber="ALSO")})
    async with company.session() as session:
        attempt = (
            await session.exec(select(PostingAttempt).where(PostingAttempt.subject_id == company.invoice_ids[1]))
        ).one()
        attempt.body = b"{}"
        session.add(attempt)
    run_id = await reconcile(company)
    assert set(await named(company)) == {2}
    async with company.session() as session:
        (books,) = await books_of_run(session, run_id)
    assert (books.compared, books.open_differences, books.trouble) == (3, 1, LEFT_OUT)


async def test_a_pair_that_a_person_linked_is_compared_and_an_inactive_vendor_is_no_difference(
    database: Database, company_id: UUID
) -> None:
    company = await linked_company(database, company_id, 4)
    by_person = company.invoice_ids[:2]
    async with company.session() as session:
        # Nothing of it was posted by us.
        await session.execute(sa.delete(PostingAttempt).where(col(PostingAttempt.subject_id).in_(by_person)))
        await session.execute(
            sa.update(BillLink).where(col(BillLink.invoice_id).in_(by_person)).values(origin=LinkOrigin.BY_PERSON)
        )
        await session.execute(
            sa.update(ReferenceEntry).where(col(ReferenceEntry.entity) == "Vendor").values(active=False)
        )
    await reconcile(company)
    assert await named(company) == {}
    await company.edit_in_quickbooks({1: put(DocNumber="OTHER"), 3: put(DocNumber="OTHER")})
    await reconcile(company)
    assert await named(company) == {1: {("number", "")}, 3: {("number", "")}}
