"""A company whose invoices all have bills, written set by set: what a comparison of thousands has to go through.

Each bill is what the accounting rule makes of its requisition; a test then edits either side as people do.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.bill_types import BillDraft
from accounting.states import InvoiceState
from activities.bill_bytes import transaction_bytes
from activities.reconciling import compare_page, measure
from activities.refreshing_books import booked
from activities.requisition_reading import read
from foundation.clock import ManualClock
from models.bill_links import store_transactions
from models.connection_cards import AccountChoices, choose_accounts
from models.database import Actor, CompanySession, Database
from models.drafting import drafting_of
from models.invoices import import_invoices
from models.projects import SeenProject, store_projects
from models.reconciliation import control_of, one_snapshot, read_statement, store_statement
from models.reconciliation_runs import ask_for_run, end_run
from models.reference_lists import ListEntry, store_list
from models.requisition_amounts import store_measured, unmeasured
from models.requisitions import store_requisitions
from models.rows import insert_rows
from models.tables import (
    ActorKind,
    BillLink,
    InvoiceRow,
    Mapping,
    MappingAuthor,
    MappingKind,
    PostingAttempt,
    PostingBatch,
    QuickBooksTransaction,
)
from providers.procore.requisitions import Requisition, read_requisition
from providers.quickbooks_online.types import Bill
from tests.api.seeding import ACCOUNTS, EXPENSE, PAYABLE, RETAINAGE, add_connection

ACTOR = Actor(ActorKind.COMMAND, "test")
PROJECTS = {"9001": "Harbor Point Tower", "9002": "Mill Street School", "9003": "Quarry Road Depot"}
CUSTOMERS = {"9001": "12", "9002": "13", "9003": "14"}
VENDORS = {"8881": "56", "8882": "57", "8883": "58"}
COST_CODES = {"2158": EXPENSE, "2159": "82"}
CHUNK = 500

Json = dict[str, Any]


def requisition(place: int) -> Json:
    """The ``place``-th requisition as Procore tells it: two lines, ten percent of the first withheld."""
    first, second = Decimal(1000 + place), Decimal("250.25")
    withheld = (first / 10).quantize(Decimal("0.01"))
    return {
        "id": 58000 + place,
        "project_id": list(PROJECTS)[place % 3],
        "commitment_id": 700 + place,
        "commitment_type": "WorkOrderContract",
        "number": 3,
        "invoice_number": f"INV-{place:05}",
        "vendor_id": list(VENDORS)[place % 3],
        "vendor_name": f"Vendor {place % 3}",
        "status": "approved",
        "billing_date": date(2026, 5 + place % 3, 28).isoformat(),
        "created_at": "2026-05-01T15:00:00Z",
        "updated_at": "2026-07-02T09:00:00Z",
        "summary": {"current_payment_due": str(first - withheld + second)},
        "items": [item(1, "2158", first, withheld), item(2, "2159", second, Decimal(0))],
    }


def item(place: int, cost_code: str, gross: Decimal, withheld: Decimal) -> Json:
    return {
        "id": place,
        "cost_code_id": cost_code,
        "description_of_work": f"Line {place}",
        "gross_amount": str(gross),
        "net_amount": str(gross - withheld),
    }


@dataclass
class LinkedCompany:
    """A company with a connection and ``count`` linked pairs; requisitions and bills by their place."""

    database: Database
    company_id: UUID
    count: int
    connection_id: UUID
    invoice_ids: list[UUID]
    requisitions: list[Json]
    bills: list[Json]

    def session(self) -> Any:
        return self.database.company(self.company_id, ACTOR)

    async def edit_in_procore(self, edits: dict[int, Callable[[Json], None]]) -> None:
        """Change requisitions as a person does, and let a look keep what it sees."""
        for place, edit in edits.items():
            edit(self.requisitions[place])
        async with self.session() as session:
            readings = [reading_of(self.requisitions[place]) for place in edits]
            await store_requisitions(session, [one.seen for one in readings], keep_verdict=True)

    async def remove_in_procore(self, place: int) -> None:
        async with self.session() as session:
            row = (await session.exec(select(InvoiceRow).where(InvoiceRow.id == self.invoice_ids[place]))).one()
            row.approval_withdrawn = True
            session.add(row)

    async def edit_in_quickbooks(self, edits: dict[int, Callable[[Json], None]]) -> None:
        """Change bills as a person does, and let the next change query bring them into the copy."""
        for place, edit in edits.items():
            bill = self.bills[place]
            edit(bill)
            bill["SyncToken"] = str(int(bill["SyncToken"]) + 1)
            bill["TotalAmt"] = str(sum((Decimal(line["Amount"]) for line in bill["Line"]), Decimal(0)))
        async with self.session() as session:
            await store_transactions(
                session,
                [booked(self.connection_id, Bill.model_validate(self.bills[place]), session.now) for place in edits],
            )

    async def delete_in_quickbooks(self, place: int) -> None:
        async with self.session() as session:
            await session.execute(
                sa.update(QuickBooksTransaction)
                .where(col(QuickBooksTransaction.quickbooks_id) == str(place))
                .values(is_deleted=True)
            )


async def reconcile(company: LinkedCompany) -> UUID:
    """A run as the workflow makes it, without its reading of QuickBooks; its id."""
    async with company.session() as session:
        run_id: UUID = (await ask_for_run(session, uuid4(), reread=False)).id
    await make_run(company, run_id)
    return run_id


async def make_run(company: LinkedCompany, run_id: UUID) -> None:
    """What the worker does with a run that was asked for."""
    told = None
    while told is None:
        async with company.session() as session:
            told = await compare_page(session, run_id, company.connection_id)
    async with company.session() as session:
        while page := await unmeasured(session, "", 1_000):
            await store_measured(session, [one for text in page if (one := measure(text)) is not None])
    async with company.session() as session:
        await one_snapshot(session)
        statement = await read_statement(session)
        await store_statement(session, run_id, statement.rows())
        await end_run(session, run_id, await control_of(session))
    # The next run is a later one.
    assert isinstance(company.database.clock, ManualClock)
    company.database.clock.advance(timedelta(minutes=1))


async def linked_company(database: Database, company_id: UUID, count: int) -> LinkedCompany:
    """Write the company. The bill of place n has the id n in QuickBooks."""
    requisitions = [requisition(place) for place in range(count)]
    async with database.company(company_id, ACTOR) as session:
        connection_id = await _books(session)
        readings = [reading_of(one) for one in requisitions]
        await store_requisitions(session, [one.seen for one in readings])
        invoice_ids = await import_invoices(session, [one.invoice for one in readings], connection_id)
        batch = PostingBatch(
            company_id=company_id,
            id=session.new_id(),
            connection_id=connection_id,
            project_id="9001",
            request_id="1",
            created_at=session.now,
        )
        session.add(batch)
        await session.flush()
        bills: list[Json] = []
        for begin in range(0, count, CHUNK):
            chunk = invoice_ids[begin : begin + CHUNK]
            bills += await _post(session, connection_id, batch.id, begin, chunk)
    return LinkedCompany(database, company_id, count, connection_id, invoice_ids, requisitions, bills)


def reading_of(told: Json) -> Any:
    requisition = read_requisition(json.dumps(told))
    assert isinstance(requisition, Requisition), requisition
    return read(requisition)


async def _books(session: CompanySession) -> UUID:
    connection_id = await add_connection(session, uuid4())
    await store_projects(
        session, [SeenProject(project_id, name, "America/New_York", True) for project_id, name in PROJECTS.items()]
    )
    lists = {
        "Vendor": {one: f"Vendor {place}" for place, one in enumerate(VENDORS.values())},
        "Customer": {CUSTOMERS[project_id]: name for project_id, name in PROJECTS.items()},
        "Account": {"82": "Materials"},
        "Class": {"7": "Field", "8": "Office"},
    }
    for entity, entries in lists.items():
        kind = "Cost of Goods Sold" if entity == "Account" else None
        told = [ListEntry(entity, one, name, name, True, kind) for one, name in entries.items()]
        if entity != "Account":
            await store_list(session, connection_id, entity, told, session.now)
        else:
            await _add_accounts(session, connection_id, told)
    await choose_accounts(session, connection_id, AccountChoices(EXPENSE, RETAINAGE, PAYABLE, 30), uuid4())
    mappings = (
        *((MappingKind.VENDOR, one, "Vendor", target) for one, target in VENDORS.items()),
        *((MappingKind.PROJECT, one, "Customer", target) for one, target in CUSTOMERS.items()),
        *((MappingKind.COST_CODE, one, "Account", target) for one, target in COST_CODES.items()),
    )
    for kind, procore_id, entity, target in mappings:
        session.add(
            Mapping(
                company_id=session.company_id,
                id=session.new_id(),
                connection_id=connection_id,
                kind=kind,
                procore_id=procore_id,
                procore_name=procore_id,
                target_entity=entity,
                target_id=target,
                version=1,
                author_kind=MappingAuthor.PERSON,
                created_at=session.now,
            )
        )
    await session.flush()
    return connection_id


async def _add_accounts(session: CompanySession, connection_id: UUID, more: list[ListEntry]) -> None:
    await store_list(session, connection_id, "Account", (*ACCOUNTS, *more), session.now)


async def _post(
    session: CompanySession, connection_id: UUID, batch_id: UUID, begin: int, invoice_ids: list[UUID]
) -> list[Json]:
    """As if each had been sent and accepted: an attempt, a link, the bill in the copy of the books."""
    found = await session.exec(select(InvoiceRow).where(col(InvoiceRow.id).in_(invoice_ids)))
    by_id = {row.id: row for row in found}
    rows = [by_id[invoice_id] for invoice_id in invoice_ids]
    draftings = await drafting_of(session, connection_id, rows)
    common = {"company_id": session.company_id, "connection_id": connection_id}
    attempts, links, bills = [], [], []
    for place, row in enumerate(rows, start=begin):
        draft = draftings[row.id].draft()
        assert isinstance(draft, BillDraft), draft
        body = transaction_bytes(draft)
        withheld = -sum((line.amount for line in draft.lines if line.amount < 0), Decimal(0))
        bills.append(
            {**json.loads(body, parse_float=str), "Id": str(place), "SyncToken": "0", "TotalAmt": str(draft.total)}
        )
        attempts.append(
            {
                **common,
                "id": session.new_id(),
                "batch_id": batch_id,
                "position": place,
                "subject_kind": "invoice",
                "subject_id": row.id,
                "operation": "create_bill",
                "generation": 1,
                "body": body,
                "draft_hash": f"{place:064x}",
                "memo_marker": f"inBuild {place}",
                "lookup_vendor_id": draft.vendor_id,
                "lookup_number": draft.number,
                "lookup_total": draft.total,
                "retainage_withheld": withheld,
                "retainage_released": Decimal(0),
                "bill_date": draft.bill_date,
                "mapping_versions": "",
                "state": "accepted",
                "created_at": session.now,
                "quickbooks_id": str(place),
                "adopted": False,
            }
        )
        links.append(
            {
                **common,
                "id": session.new_id(),
                "invoice_id": row.id,
                "transaction_type": "Bill",
                "quickbooks_id": str(place),
                "sync_token": "0",
                "number": draft.number,
                "total": draft.total,
                "retainage_withheld": withheld,
                "retainage_released": Decimal(0),
                "commitment_id": row.commitment_id,
                "origin": "posted",
                "linked_at": session.now,
            }
        )
    await insert_rows(session, PostingAttempt, attempts)
    await insert_rows(session, BillLink, links)
    await store_transactions(session, [booked(connection_id, Bill.model_validate(bill), session.now) for bill in bills])
    await session.execute(
        sa.update(InvoiceRow).where(col(InvoiceRow.id).in_(invoice_ids)).values(state=InvoiceState.POSTED)
    )
    return bills
