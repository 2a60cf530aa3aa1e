"""A connected company file, the endpoint on a socket, and a Web Connector that speaks from our own served WSDL."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import pytest_asyncio
import zeep
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlmodel import col, select

from accounting.states import BEFORE_SENDING, InvoiceState
from models import web_connector
from models.copy_of_books import note_copy
from models.desktop_queue import external_guid, queue_writes
from models.desktop_readings import ensure_readings, finish_reading
from models.tables import (
    ConnectionState,
    DesktopExchange,
    DesktopReading,
    DesktopWrite,
    InvoiceRow,
    PostingAttempt,
    PostingOperation,
    QuickBooksKind,
    WebConnectorLogin,
)
from models.writing_batches import NewAttempt, write_batch
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.bills import NOT_BILLABLE, BillAdd, BillAddRq, ExpenseLineAdd
from providers.quickbooks_desktop.messages.element import to
from providers.quickbooks_desktop.values import guid
from simulators.server import serve
from tests.api.conftest import Office
from tests.api.seeding import PROJECT, add_connection, add_invoice, add_projects
from tests.api.web_connector.quickbooks import FILE_ID, which_file

USER, PASSWORD = "inbuild-desk", "right-password"
PATH = "C:\\Books\\Hartwell.qbw"
ENDPOINT = "/quickbooks-desktop/web-connector"


@cache
def quick_hash(password: str) -> str:
    """A real argon2id hash whose check costs a test next to nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


@dataclass
class Connector:
    """A Web Connector: eight operations through zeep, from the WSDL that we serve."""

    url: str
    service: Any
    ticket: str = ""

    async def call(self, operation: str, *values: Any) -> Any:
        return await asyncio.to_thread(getattr(self.service, operation), *values)

    async def sign_in(self, user: str = USER, password: str = PASSWORD) -> str:
        """What came with the ticket: the company file to open, or the word that says why there is none."""
        self.ticket, told = await self.call("authenticate", user, password)
        return str(told or "")

    async def ask(self, first_answer: str = "", path: str = PATH) -> str:
        """The message set that is handed out next; empty where there is none."""
        return str(await self.call("sendRequestXML", self.ticket, first_answer, path, "US", 13, 0) or "")

    async def tell(self, response: str, hresult: str = "", message: str = "") -> int:
        return int(await self.call("receiveResponseXML", self.ticket, response, hresult, message))

    async def last_error(self) -> str:
        return str(await self.call("getLastError", self.ticket))

    async def close(self) -> str:
        return str(await self.call("closeConnection", self.ticket))

    async def begin(self, first_answer: str | None = None) -> str:
        """A session up to its first message set."""
        assert await self.sign_in() not in {"nvu", "none", "busy"}
        return await self.ask(which_file() if first_answer is None else first_answer)


@pytest_asyncio.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serve(app) as url:
        yield url


@pytest_asyncio.fixture
async def connector(address: str) -> Connector:
    return await connector_at(address)


async def connector_at(address: str) -> Connector:
    client: Any = await asyncio.to_thread(zeep.Client, f"{address}{ENDPOINT}?wsdl")
    service = client.create_service("{http://developer.intuit.com/}InBuildSyncSoap", f"{address}{ENDPOINT}")
    return Connector(address, service)


@dataclass
class Desk:
    """Hartwell's connected company file, and what stands in our tables about it."""

    office: Office
    connection_id: UUID
    login_id: UUID
    invoices: list[UUID] = field(default_factory=list)

    def session(self) -> Any:
        return self.office.database.company(self.office.company_id, self.office.actor)

    async def queue(
        self, *numbers: str, bill_date: date = date(2026, 6, 30), credit: bool = False
    ) -> list[PostingAttempt]:
        """Bills as the worker leaves them: attempts written down, looked at just now, waiting for a session."""
        async with self.session() as session:
            rows = []
            for number in numbers:
                source = f"{7000 + len(self.invoices)}"
                invoice_id = await add_invoice(session, number, connection_id=self.connection_id, source_id=source)
                self.invoices.append(invoice_id)
                await session.flush()
                rows.append((await self._rows(session, [invoice_id]))[0])
            return await self._write_down(session, rows, bill_date, credit)

    async def queue_again(self) -> list[str]:
        """Bills that surely were not made leave anew, as the worker has it; their numbers."""
        async with self.session() as session:
            rows = [row for row in await self._rows(session, self.invoices) if row.state in BEFORE_SENDING]
            if rows:
                await self._write_down(session, rows, date(2026, 6, 30))
            return [row.number for row in rows]

    async def _rows(self, session: Any, invoice_ids: Sequence[UUID]) -> list[InvoiceRow]:
        found = await session.exec(
            select(InvoiceRow)
            .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.id).in_(invoice_ids))
            .order_by(col(InvoiceRow.id))
        )
        return list(found)

    async def _write_down(
        self, session: Any, rows: Sequence[InvoiceRow], bill_date: date, credit: bool = False
    ) -> list[PostingAttempt]:
        new = []
        for row in rows:
            row.state = InvoiceState.SENDING
            session.add(row)
            one = new_attempt(self.connection_id, row, row.number, bill_date)
            new.append(as_credit(one) if credit else one)
        batch_id = await write_batch(session, self.connection_id, PROJECT, new)
        attempts = await self._attempts(session, batch_id)
        await queue_writes(session, self.connection_id, [one.id for one in attempts], session.now)
        return attempts

    async def _attempts(self, session: Any, batch_id: UUID) -> list[PostingAttempt]:
        found = await session.exec(
            select(PostingAttempt)
            .where(PostingAttempt.company_id == session.company_id, PostingAttempt.batch_id == batch_id)
            .order_by(col(PostingAttempt.position))
        )
        return list(found)

    async def attempts(self) -> list[PostingAttempt]:
        async with self.session() as session:
            found = await session.exec(
                select(PostingAttempt)
                .where(PostingAttempt.company_id == session.company_id)
                .order_by(col(PostingAttempt.created_at), col(PostingAttempt.position))
            )
            return list(found)

    async def writes(self) -> list[DesktopWrite]:
        async with self.session() as session:
            found = await session.exec(
                select(DesktopWrite)
                .where(DesktopWrite.company_id == session.company_id)
                .order_by(col(DesktopWrite.queued_at), col(DesktopWrite.position))
            )
            return list(found)

    async def write(self) -> DesktopWrite:
        (only,) = await self.writes()
        return only

    async def exchanges(self) -> list[DesktopExchange]:
        async with self.session() as session:
            found = await session.exec(
                select(DesktopExchange)
                .where(DesktopExchange.company_id == session.company_id)
                .order_by(col(DesktopExchange.handed_out_at), col(DesktopExchange.position))
            )
            return list(found)

    async def readings_are_done(self) -> None:
        """Nothing is due to be read: sessions are about bills only."""
        async with self.session() as session:
            await ensure_readings(session, self.connection_id)
            await session.flush()
            found = await session.exec(
                select(DesktopReading)
                .where(DesktopReading.company_id == session.company_id)
                .where(DesktopReading.connection_id == self.connection_id)
            )
            for reading in found:
                reading.newest = "2026-01-01T00:00:00"
                finish_reading(session, reading)
            await note_copy(session, self.connection_id, session.now)

    async def login(self) -> WebConnectorLogin:
        async with self.session() as session:
            login = await web_connector.login_by_id(session, self.login_id)
        assert login is not None
        return login

    def stamp(self, number: int = 0) -> str:
        return guid(external_guid(self.connection_id, self.invoices[number]))


def new_attempt(connection_id: UUID, row: InvoiceRow, number: str, bill_date: date) -> NewAttempt:
    request = BillAddRq(
        request_id=f"inBuild-{row.reference}",
        bill=BillAdd(
            vendor=to("80000001-1700000000"),
            ap_account=to("80000030-1700000000"),
            bill_date=bill_date,
            due_date=bill_date,
            number=number,
            memo=f"Procore SC-001 #3 · inBuild {row.reference}",
            external_guid=guid(external_guid(connection_id, row.id)),
            expenses=(
                ExpenseLineAdd(
                    account=to("80000020-1700000000"),
                    amount=Decimal("15300.00"),
                    customer=to("80000040-1700000000"),
                    billable_status=NOT_BILLABLE,
                ),
            ),
        ),
    )
    return NewAttempt(
        invoice_id=row.id,
        commitment_id=row.commitment_id,
        operation=PostingOperation.CREATE_BILL,
        body=request_text(request).encode("ascii"),
        draft_hash="0" * 64,
        marker=f"inBuild {row.reference}",
        vendor_id="80000001-1700000000",
        number=number,
        total=Decimal("15300.00"),
        bill_date=bill_date,
        withheld=Decimal("100.00"),
        released=Decimal(0),
        mapping_versions="",
    )


def as_credit(attempt: NewAttempt) -> NewAttempt:
    """The same as a vendor credit: it has no due date."""
    body = re.sub(b"<DueDate>[^<]*</DueDate>", b"", attempt.body.replace(b"BillAdd", b"VendorCreditAdd"))
    return replace(attempt, operation=PostingOperation.CREATE_VENDOR_CREDIT, body=body)


@pytest_asyncio.fixture
async def desk(office: Office) -> Desk:
    async with office.database.company(office.company_id, office.actor) as session:
        await add_projects(session)
        connection_id = await add_connection(
            session, office.admin_id, kind=QuickBooksKind.DESKTOP, state=ConnectionState.ACTIVE, realm_id=FILE_ID
        )
        login = await web_connector.make_login(session, USER, quick_hash(PASSWORD), FILE_ID)
        await web_connector.file_was_seen(session, login.id, connection_id, None)
    made = Desk(office, connection_id, login.id)
    await made.readings_are_done()
    return made
