"""A company file's queue of bills, written straight into the tables, and the books they point into."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from accounting.bill_types import BillDraft, BillLine, LineRole
from activities.desktop_bill import bill_request
from api.intents.company_files import HASHER
from models import web_connector
from models.copy_of_books import note_copy
from models.database import CompanySession
from models.desktop_queue import queue_writes
from models.desktop_readings import ensure_readings, finish_reading, readings_of
from models.tables import (
    Connection,
    ConnectionSettings,
    ConnectionState,
    PostingAttempt,
    PostingOperation,
    QuickBooksKind,
)
from models.writing_batches import NewAttempt, write_batch

USER, PASSWORD, FILE_ID = "inbuild-bench", "bench-password", "{0a1b2c3d-0000-4000-8000-0000000000be}"
PATH = "C:\\Books\\Bench.qbw"
VENDOR, AP, COST, JOB = "80000001-1", "80000030-1", "80000020-1", "80000040-1"
BOOKS: dict[str, Any] = {
    "pcs": [],
    "company_files": [
        {
            "key": "bench",
            "path": PATH,
            "zone": "America/New_York",
            "company": {"CompanyName": "Hartwell Construction"},
            "Vendor": [{"ListID": VENDOR, "Name": "Acme Electric"}],
            "Customer": [{"ListID": JOB, "Name": "Tower"}],
            "Account": [
                {"ListID": COST, "Name": "Subcontractors", "AccountType": "CostOfGoodsSold"},
                {"ListID": AP, "Name": "Accounts Payable", "AccountType": "AccountsPayable"},
            ],
        }
    ],
}


async def queue_bills(session: CompanySession, user_id: UUID, bills: int) -> None:
    """A connected company file with nothing to read and that many bills in its queue, all looked at just now."""
    connection_id, now = session.new_id(), session.now
    session.add(
        Connection(
            company_id=session.company_id,
            id=connection_id,
            kind=QuickBooksKind.DESKTOP,
            environment=web_connector.DESKTOP_ENVIRONMENT,
            quickbooks_company_id=FILE_ID,
            quickbooks_company_name="Hartwell Construction",
            state=ConnectionState.ACTIVE,
            state_since=now,
            connected_by=user_id,
            connected_at=now,
            country="US",
            home_currency="USD",
        )
    )
    await session.flush()
    session.add(ConnectionSettings(company_id=session.company_id, connection_id=connection_id, updated_at=now))
    login = await web_connector.make_login(session, USER, HASHER.hash(PASSWORD), FILE_ID)
    await web_connector.file_was_seen(session, login.id, connection_id, PATH)
    await ensure_readings(session, connection_id)
    for reading in await readings_of(session, connection_id):
        finish_reading(session, reading)
    await note_copy(session, connection_id, now)
    batch_id = await write_batch(
        session, connection_id, "9001", [_attempt(session, connection_id, number) for number in range(bills)]
    )
    found = await session.exec(
        select(PostingAttempt.id)
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.batch_id == batch_id)
        .order_by(col(PostingAttempt.position))
    )
    await queue_writes(session, connection_id, list(found), now)


def _attempt(session: CompanySession, connection_id: UUID, number: int) -> NewAttempt:
    invoice_id, marker = session.new_id(), f"inBuild {100_000 + number}"
    amounts = (Decimal("5100.00"), Decimal("5100.00"), Decimal("6800.00"), Decimal("-1700.00"))
    lines = tuple(
        BillLine(
            LineRole.COST if amount > 0 else LineRole.RETAINAGE_WITHHELD, COST, "Rough-in, floors 3 to 6", amount, JOB
        )
        for amount in amounts
    )
    draft = BillDraft(
        vendor_id=VENDOR,
        number=f"INV-{number}",
        full_number=f"INV-{number}",
        bill_date=date(2026, 6, 30),
        due_date=date(2026, 7, 30),
        terms_id=None,
        ap_account_id=AP,
        memo=f"Procore SC-001 #3, Tower · {marker}",
        currency="USD",
        lines=lines,
        total=sum(amounts, Decimal(0)),
    )
    return NewAttempt(
        invoice_id=invoice_id,
        commitment_id="1",
        operation=PostingOperation.CREATE_BILL,
        body=bill_request(draft, connection_id, invoice_id, marker),
        draft_hash="0" * 64,
        marker=marker,
        vendor_id=VENDOR,
        number=draft.number,
        total=draft.total,
        bill_date=draft.bill_date,
        withheld=Decimal("1700.00"),
        released=Decimal(0),
        mapping_versions="",
    )
