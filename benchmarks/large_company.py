"""A company with two years of invoices behind it, written straight into the tables: what its pages have to carry."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from accounting.states import InvoiceState
from benchmarks.beside_invoices import BesideInvoices
from benchmarks.many_invoices import (
    COMMITMENTS,
    EVENTS_EACH,
    PROJECT_IDS,
    PROJECTS,
    VENDOR_IDS,
    ManyInvoices,
    Row,
    standing_of,
)
from models.database import CompanySession, Database
from models.reconciliation import read_statement, store_statement
from models.rows import insert_rows
from models.tables import (
    BillDifference,
    Connection,
    ConnectionSettings,
    ConnectionState,
    Mirroring,
    PostingBatch,
    ProcoreCommitment,
    ProcoreProject,
    QuickBooksKind,
    ReconciledBooks,
    ReconciliationRun,
    ReferenceEntry,
    RunState,
    TakeBackState,
    TakeBackWay,
    TakingBack,
    TakingBackItem,
)

# QuickBooks knows more vendors than Procore.
QUICKBOOKS_VENDORS = 1_200
ACCOUNTS = 200
CHUNK = 5_000


class LargeCompany:
    """Writes the rows of ``invoices`` invoices for a company that exists; ``invoice_id`` is one with a bill."""

    def __init__(self, company_id: UUID, user_id: UUID, session: CompanySession, invoices: int) -> None:
        self._session = session
        self.company_id = company_id
        self._common: Row = {"company_id": company_id}
        self._user_id = user_id
        self._count = invoices
        self._connection_id = session.new_id()
        self._batch_id = session.new_id()
        self._invoices = ManyInvoices(session, self._connection_id, self._batch_id, invoices)
        self.taking_back_id = session.new_id()
        self._beside = BesideInvoices(session, self._connection_id, user_id)

    @property
    def connection_id(self) -> UUID:
        return self._connection_id

    @property
    def invoice_id(self) -> UUID:
        return self._invoices.id_of(self._invoices.first(InvoiceState.POSTED))

    @property
    def held_id(self) -> UUID:
        """An invoice that needs somebody; the first one there is."""
        return self._invoices.id_of(self._invoices.first(InvoiceState.NEEDS_YOU))

    async def write(self) -> None:
        await self._write_books()
        for table, rows in self._invoices.rows():
            await self._write_all(table, rows)
        await self._session.execute(
            sa.text("UPDATE company SET event_seq = :count WHERE id = :company_id"),
            {"count": self._count * EVENTS_EACH, **self._common},
        )
        await self._beside.write(PROJECT_IDS, VENDOR_IDS)
        await self._take_back()

    async def _take_back(self) -> None:
        """One bill taken back a while ago."""
        common = {**self._common, "requested_by": self._user_id, "requested_at": self._session.now}
        await self._write_all(
            TakingBack, iter([{**common, "id": self.taking_back_id, "way": TakeBackWay.REMOVE.value}])
        )
        place = self._invoices.first(InvoiceState.POSTED)
        row = {
            **self._own_id(),
            "taking_back_id": self.taking_back_id,
            "invoice_id": self._invoices.id_of(place),
            "bill_link_id": self._invoices.link_id_of(place),
            "batch_id": self._batch_id,
            "position": 1,
            "state": TakeBackState.DONE.value,
            "sentence": "",
            "may_reverse": False,
            "ended_at": self._session.now,
        }
        await self._write_all(TakingBackItem, iter([row]))

    async def reconcile(self, session: CompanySession) -> None:
        """A run of last night: its statement, and a difference for every invoice that changed after posting.

        Once the statistics are read, in a unit of work of its own.
        """
        self._session = session
        run = ReconciliationRun(
            **self._common,
            id=session.new_id(),
            is_nightly=True,
            asked_at=session.now,
            state=RunState.DONE,
            ended_at=session.now,
        )
        session.add(run)
        await session.flush()
        session.add(ReconciledBooks(**self._own_id(), run_id=run.id, connection_id=self._connection_id))
        await store_statement(session, run.id, (await read_statement(session)).rows())
        changed = (place for place in range(self._count) if standing_of(place).changed)
        await self._write_all(BillDifference, (self._difference(run.id, place) for place in changed))
        beside = BesideInvoices(session, self._connection_id, self._user_id)
        await beside.write_past_nights()
        await beside.write_alerts()

    def _difference(self, run_id: UUID, place: int) -> Row:
        return {
            **self._own_id(),
            "connection_id": self._connection_id,
            "invoice_id": self._invoices.id_of(place),
            "link_id": self._invoices.link_id_of(place),
            "field": "total",
            "line": "",
            "in_procore": "$1.00",
            "in_quickbooks": "$2.00",
            "posted": "$1.00",
            "changed_in": "quickbooks",
            "fingerprint": f"{place:064x}",
            "state": "open",
            "opened_at": self._session.now,
            "seen_in": run_id,
            "note": "",
        }

    async def _write_all(self, table: type[SQLModel], rows: Iterator[Row]) -> None:
        while chunk := list(islice(rows, CHUNK)):
            await insert_rows(self._session, table, chunk)

    async def _write_books(self) -> None:
        session, now = self._session, self._session.now
        session.add(
            Connection(
                **self._common,
                id=self._connection_id,
                kind=QuickBooksKind.ONLINE,
                environment="simulated",
                quickbooks_company_id="9130350000000001",
                quickbooks_company_name="Hartwell Construction LLC",
                state=ConnectionState.ACTIVE,
                state_since=now,
                connected_by=self._user_id,
                connected_at=now,
                country="US",
                home_currency="USD",
            )
        )
        session.add(Mirroring(**self._common, is_on=True, start_date=now.date(), changed_at=now))
        await session.flush()
        session.add(ConnectionSettings(**self._common, connection_id=self._connection_id, updated_at=now))
        session.add(
            PostingBatch(
                **self._common,
                id=self._batch_id,
                connection_id=self._connection_id,
                project_id="1",
                request_id="1",
                created_at=now,
            )
        )
        await session.flush()
        await self._write_all(ProcoreProject, (self._project(number) for number in range(PROJECTS)))
        await self._write_all(ProcoreCommitment, (self._commitment(number) for number in range(COMMITMENTS)))
        lists = (("Vendor", QUICKBOOKS_VENDORS), ("Account", ACCOUNTS), ("Customer", PROJECTS))
        await self._write_all(
            ReferenceEntry, (self._entry(entity, number) for entity, count in lists for number in range(count))
        )

    def _project(self, number: int) -> Row:
        return {
            **self._own_id(),
            "project_id": str(PROJECT_IDS[number]),
            "name": f"Project {number:03}",
            "time_zone": "America/New_York",
            "is_active": True,
            "is_visible": True,
            "next_look_at": self._session.now,
            "last_looked_at": self._session.now,
        }

    def _commitment(self, number: int) -> Row:
        return {
            **self._own_id(),
            "project_id": str(PROJECT_IDS[number % PROJECTS]),
            "commitment_id": str(number),
            "number": f"SC-{number:04}",
            "title": f"Commitment {number}",
            "read_at": self._session.now,
        }

    def _entry(self, entity: str, number: int) -> Row:
        name = f"{entity} {number:03}"
        return {
            **self._own_id(),
            "connection_id": self._connection_id,
            "entity": entity,
            "quickbooks_id": str(number),
            "name": name,
            "full_name": name,
            "name_key": name.casefold(),
            "active": True,
            "account_type": "Cost of Goods Sold" if entity == "Account" else None,
            "details": {},
            "read_at": self._session.now,
        }

    def _own_id(self) -> Row:
        return {**self._common, "id": self._session.new_id()}


async def read_statistics(database: Database) -> None:
    """What autovacuum would have done by the time so many rows have come together."""
    # VACUUM refuses to run inside a transaction, which every unit of work is.
    engine = database._engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text("VACUUM ANALYZE"))
