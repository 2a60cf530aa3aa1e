"""What the invoice pages ask for: filters, order, counts, the work list, what waits, and the last days."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.invoice import InvoiceSource
from accounting.states import Badge, InvoiceState, Settled
from foundation.clock import ManualClock
from models.company_zone import company_zone
from models.connections import connection_by_id, pause_posting
from models.database import Actor, CompanySession, Database
from models.freshness import freshness
from models.invoice_badges import badge_of
from models.invoice_choices import known_codes, reasons_now, vendor_names
from models.invoice_pages import (
    InvoiceFilter,
    InvoiceOrder,
    InvoicePage,
    SortColumn,
    Unapproved,
    badge_counts,
    list_invoices,
)
from models.invoice_retry import try_again
from models.last_error import last_error
from models.mirroring import mirroring_row
from models.posted_days import posted_days
from models.rows import insert_rows
from models.tables import ActorKind, BillLink, ConnectionState, InvoiceRow, LinkOrigin, ProcoreProject
from models.uploads import approve_uploads
from models.work_list import waiting_groups, work_list
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.companies import add_company

ADMIN = Actor(ActorKind.USER, str(uuid4()))
APEX = Hold(BlockerReason.VENDOR_UNMAPPED, "Apex Glass", "8890")
REFUSED = Hold(BlockerReason.REFUSED_BY_QUICKBOOKS, "Business validation error (code 6000)", "6000")
UNDATED = Hold(BlockerReason.APPROVAL_DATE_UNKNOWN)


FACT_NAMES = ("state", "settled", "changed", "approval_withdrawn", "removed_in_quickbooks")


class Books:
    """A company with a connection and a few invoices, and sessions on it."""

    def __init__(self, database: Database, company_id: UUID) -> None:
        self.database = database
        self.company_id = company_id
        self.connection_id = UUID(int=0)
        self.ids: dict[str, UUID] = {}

    def session(self) -> AbstractAsyncContextManager[CompanySession]:
        return self.database.company(self.company_id, ADMIN)

    async def listed(
        self,
        wanted: InvoiceFilter,
        limit: int = 50,
        offset: int = 0,
        order: InvoiceOrder | None = None,
    ) -> InvoicePage:
        async with self.session() as session:
            return await list_invoices(session, wanted, limit, offset, order or InvoiceOrder())

    async def numbers(self, wanted: InvoiceFilter, order: InvoiceOrder | None = None) -> list[str]:
        return [row.number for row in (await self.listed(wanted, order=order)).rows]

    async def change(self, number: str, **values: object) -> None:
        async with self.session() as session:
            row = (await session.exec(select(InvoiceRow).where(col(InvoiceRow.id) == self.ids[number]))).one()
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)


@pytest_asyncio.fixture
async def books(database: Database, company_id: UUID) -> Books:
    made = Books(database, company_id)
    async with made.session() as session:
        made.connection_id = await add_connection(session, uuid4())
        await add_projects(session)
        for number, due, vendor, project_id, holds in (
            ("INV-1", "100.00", "Ernie's Electrical", "9001", ()),
            ("INV-2", "250.00", "Apex Glass", "9002", (APEX,)),
            ("INV-3", "75.50", "Apex Glass", "9001", (APEX, REFUSED)),
            ("INV-4", "900.00", "Ćosić Steel", "9002", (UNDATED,)),
        ):
            made.ids[number] = await add_invoice(
                session,
                number,
                connection_id=made.connection_id,
                source_id=number,
                due=Decimal(due),
                vendor=vendor,
                project_id=project_id,
                holds=holds,
            )
    return made


async def upload(books: Books, number: str) -> None:
    """Make an invoice one that was uploaded and that nobody approved yet."""
    await books.change(number, source=InvoiceSource.UPLOAD, approved_at=None)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (InvoiceFilter(), ["INV-4", "INV-3", "INV-2", "INV-1"]),
        (InvoiceFilter(badge=Badge.NEEDS_YOU, project_id="9002"), ["INV-4", "INV-2"]),
        (InvoiceFilter(waits_for=BlockerReason.VENDOR_UNMAPPED), ["INV-3", "INV-2"]),
        (InvoiceFilter(waits_for=BlockerReason.REFUSED_BY_QUICKBOOKS, subject_key="6000"), ["INV-3"]),
        (InvoiceFilter(waits_for=BlockerReason.REFUSED_BY_QUICKBOOKS, subject_key="610"), []),
        (InvoiceFilter(waits_for=BlockerReason.PAUSED), []),
        (InvoiceFilter(search="apex"), ["INV-3", "INV-2"]),
        (InvoiceFilter(search="ćosić"), ["INV-4"]),
        (InvoiceFilter(search="70001"), ["INV-1"]),
        (InvoiceFilter(search="_"), []),
        (InvoiceFilter(search="9" * 40), []),
        (InvoiceFilter(source=InvoiceSource.UPLOAD), []),
        (InvoiceFilter(vendor_id="8881"), ["INV-4", "INV-3", "INV-2", "INV-1"]),
        (InvoiceFilter(vendor_id="1"), []),
    ],
)
async def test_every_filter_and_their_combinations(books: Books, wanted: InvoiceFilter, numbers: list[str]) -> None:
    assert await books.numbers(wanted) == numbers


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        (InvoiceOrder(SortColumn.DUE), ["INV-4", "INV-2", "INV-1", "INV-3"]),
        (InvoiceOrder(SortColumn.DUE, descending=False), ["INV-3", "INV-1", "INV-2", "INV-4"]),
        (InvoiceOrder(SortColumn.PROJECT, descending=False), ["INV-3", "INV-1", "INV-4", "INV-2"]),
        (InvoiceOrder(SortColumn.NUMBER, descending=False), ["INV-1", "INV-2", "INV-3", "INV-4"]),
    ],
)
async def test_every_order_has_one_answer(books: Books, order: InvoiceOrder, numbers: list[str]) -> None:
    assert await books.numbers(InvoiceFilter(), order) == numbers


async def test_counts_are_of_everything_that_matches_and_badges_of_the_rest_of_the_filter(books: Books) -> None:
    page = await books.listed(InvoiceFilter(badge=Badge.NEEDS_YOU), limit=1)
    assert (len(page.rows), page.total, page.total_due) == (1, 3, Decimal("1225.50"))
    assert {(one.badge, one.count, one.due) for one in page.badges} == {
        (Badge.WAITING, 1, Decimal("100.00")),
        (Badge.NEEDS_YOU, 3, Decimal("1225.50")),
    }
    beyond = await books.listed(InvoiceFilter(badge=Badge.NEEDS_YOU), offset=3)
    assert (beyond.rows, beyond.total) == ((), 3)


async def test_a_filter_by_badge_finds_every_combination_that_shows_it_and_no_other(books: Books) -> None:
    booleans = (False, True)
    every = list(product(InvoiceState, Settled, booleans, booleans, booleans))
    async with books.session() as session:
        row = (await session.exec(select(InvoiceRow).where(col(InvoiceRow.id) == books.ids["INV-1"]))).one()
        columns = {name: value for name, value in row.model_dump().items() if name not in {"reference", "traceparent"}}
        rows = [
            {
                **columns,
                "id": session.new_id(),
                "source_id": f"s-{place}",
                **dict(zip(FACT_NAMES, facts, strict=True)),
            }
            for place, facts in enumerate(every)
        ]
        await insert_rows(session, InvoiceRow, rows)
    for badge in Badge:
        expected = sum(badge_of(*facts) is badge for facts in every)
        found = await books.listed(InvoiceFilter(badge=badge, search="INV-1"), limit=500)
        standing = badge is Badge.WAITING
        assert len(found.rows) == found.total == expected + standing, badge
        assert {row.badge for row in found.rows} <= {badge}


async def test_another_companys_invoices_are_in_no_list_and_no_count(books: Books, database: Database) -> None:
    other = Books(database, await add_company(database, "Cascade"))
    async with other.session() as session:
        assert await badge_counts(session) == []
        assert await vendor_names(session) == []
        assert await work_list(session, 10) == []
        assert await waiting_groups(session) == []
        assert await try_again(session, list(books.ids.values())) == []
        assert await approve_uploads(session, list(books.ids.values()), uuid4()) == []
    assert await books.numbers(InvoiceFilter(waits_for=BlockerReason.REFUSED_BY_QUICKBOOKS)) == ["INV-3"]


async def test_a_pause_is_a_reason_to_filter_by(books: Books) -> None:
    async with books.session() as session:
        await pause_posting(session, books.connection_id, True, uuid4())
    async with books.session() as session:
        assert BlockerReason.PAUSED in await reasons_now(session)
    # What else holds an invoice does not hide that its connection would not take it.
    held = ["INV-4", "INV-3", "INV-2", "INV-1"]
    assert await books.numbers(InvoiceFilter(waits_for=BlockerReason.PAUSED)) == held
    await books.change("INV-1", state=InvoiceState.POSTED)
    assert await books.numbers(InvoiceFilter(waits_for=BlockerReason.PAUSED)) == held[:-1]


async def test_uploads_nobody_approved_are_a_reason_too(books: Books) -> None:
    await upload(books, "INV-1")
    found = await books.listed(InvoiceFilter(waits_for=Unapproved.UNAPPROVED))
    assert [(row.number, row.may_be_approved, row.reason) for row in found.rows] == [
        ("INV-1", True, "Uploaded; waits for approval in inBuild.")
    ]


async def test_vendors_are_each_named_once_in_order(books: Books) -> None:
    await books.change("INV-2", vendor_id="8890")
    await books.change("INV-3", vendor_id="8890")
    await books.change("INV-4", vendor_id="9")
    async with books.session() as session:
        assert await vendor_names(session) == [
            ("8890", "Apex Glass"),
            ("8881", "Ernie's Electrical"),
            ("9", "Ćosić Steel"),
        ]


async def test_codes_of_known_lines_are_offered_with_procores_id(books: Books) -> None:
    async with books.session() as session:
        assert await known_codes(session) == {"26-050.S": "2158"}


async def test_what_waits_waits_for_its_first_reason(books: Books) -> None:
    async with books.session() as session:
        for number, holds in (("W-1", (Hold(BlockerReason.QUOTA, "QuickBooks"),)), ("W-2", ())):
            books.ids[number] = await add_invoice(
                session,
                number,
                connection_id=books.connection_id,
                source_id=number,
                due=Decimal(10),
                holds=holds,
            )
    await upload(books, "W-2")
    async with books.session() as session:
        assert [(one.reason, one.count, one.due) for one in await waiting_groups(session)] == [
            (None, 1, Decimal("100.00")),
            (BlockerReason.QUOTA, 1, Decimal("10.00")),
            (Unapproved.UNAPPROVED, 1, Decimal("10.00")),
        ]
        connection = await connection_by_id(session, books.connection_id)
        assert connection is not None
        connection.state = ConnectionState.EXPIRED
        session.add(connection)
        await session.flush()
        assert [one.reason for one in await waiting_groups(session)] == [
            BlockerReason.CONNECTION_EXPIRED,
            BlockerReason.QUOTA,
            Unapproved.UNAPPROVED,
        ]


async def test_trying_again_frees_what_the_next_draft_would_find_again_and_nothing_else(books: Books) -> None:
    async with books.session() as session:
        assert set(await try_again(session, list(books.ids.values()))) == {books.ids["INV-2"], books.ids["INV-3"]}
    async with books.session() as session:
        assert await try_again(session, list(books.ids.values())) == []
    assert await books.numbers(InvoiceFilter(badge=Badge.NEEDS_YOU)) == ["INV-4"]
    await books.change("INV-4", state=InvoiceState.SENDING)
    async with books.session() as session:
        assert await try_again(session, [books.ids["INV-4"]]) == []


async def test_only_uploads_nobody_approved_are_approved_and_only_once(books: Books) -> None:
    await upload(books, "INV-1")
    approver = uuid4()
    async with books.session() as session:
        assert await approve_uploads(session, list(books.ids.values()), approver) == [books.ids["INV-1"]]
    async with books.session() as session:
        assert await approve_uploads(session, list(books.ids.values()), uuid4()) == []
        row = (await session.exec(select(InvoiceRow).where(col(InvoiceRow.id) == books.ids["INV-1"]))).one()
    assert (row.approved_at is not None, row.approved_by) == (True, approver)


async def link(session: CompanySession, books: Books, number: str, at: datetime, total: str) -> None:
    session.add(
        BillLink(
            company_id=session.company_id,
            id=session.new_id(),
            invoice_id=books.ids[number],
            connection_id=books.connection_id,
            transaction_type="Bill",
            quickbooks_id=number,
            sync_token="0",
            number=number,
            total=Decimal(total),
            commitment_id="701",
            origin=LinkOrigin.POSTED,
            linked_at=at,
        )
    )


async def test_days_are_the_companys_own_also_when_clocks_change(books: Books, clock: ManualClock) -> None:
    # In New York the night to November 1, 2026 has 25 hours.
    clock.set(datetime(2026, 11, 2, 4, 30, tzinfo=UTC))
    async with books.session() as session:
        await link(session, books, "INV-1", datetime(2026, 11, 1, 3, 59, tzinfo=UTC), "1.00")
        await link(session, books, "INV-2", datetime(2026, 11, 1, 4, 0, tzinfo=UTC), "2.00")
        await link(session, books, "INV-3", datetime(2026, 11, 2, 4, 29, tzinfo=UTC), "3.00")
        await link(session, books, "INV-4", datetime(2026, 10, 20, tzinfo=UTC), "9.00")
    async with books.session() as session:
        assert await company_zone(session) == "America/New_York"
        days = await posted_days(session, "America/New_York", 3)
    assert [(one.day.isoformat(), one.count, one.total) for one in days] == [
        ("2026-10-30", 0, Decimal(0)),
        ("2026-10-31", 1, Decimal("1.00")),
        ("2026-11-01", 2, Decimal("5.00")),
    ]


async def test_a_company_without_a_readable_zone_counts_in_utc(books: Books) -> None:
    async with books.session() as session:
        for project in await session.exec(select(ProcoreProject)):
            project.time_zone = "Mars/Olympus"
            session.add(project)
    async with books.session() as session:
        assert await company_zone(session) == "UTC"


async def test_our_copy_is_late_a_quarter_of_an_hour_after_the_last_look(books: Books, clock: ManualClock) -> None:
    async with books.session() as session:
        (await mirroring_row(session)).is_on = True
        project = (await session.exec(select(ProcoreProject).limit(1))).one()
        project.last_looked_at = session.now
        session.add(project)
        assert not (await freshness(session)).late
    clock.set(clock.now() + timedelta(minutes=16))
    async with books.session() as session:
        assert (await freshness(session)).late
        (await mirroring_row(session)).is_on = False
        await session.flush()
        assert not (await freshness(session)).late


async def test_the_last_error_is_the_newest_that_still_stands(books: Books) -> None:
    async with books.session() as session:
        error = await last_error(session)
        assert error is not None
        assert (error.invoice_number, error.sentence) == (
            "INV-3",
            "QuickBooks refused the bill: Business validation error (code 6000)",
        )
        await try_again(session, [books.ids["INV-3"]])
        assert await last_error(session) is None
