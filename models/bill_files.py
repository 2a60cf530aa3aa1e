"""The files of posted bills: which are to be attached, and what came of each. Their bytes stay where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from models.database import CompanySession
from models.events import record_event
from models.requisitions import texts_of
from models.rows import LEFT_ALONE, insert_rows
from models.tables import BillFile, BillLink, Document, FileOrigin, FileState


@dataclass(frozen=True)
class BillWithFiles:
    """A bill in QuickBooks Online whose invoice's files are to be attached."""

    link_id: UUID
    connection_id: UUID
    transaction_type: str
    quickbooks_id: str
    invoice_id: UUID
    source: str
    source_id: str
    reference: int
    number: str


@dataclass(frozen=True)
class KnownFile:
    """A file as its source names it."""

    origin: FileOrigin
    origin_id: str
    file_name: str


@dataclass(frozen=True)
class FileToDo:
    """A file that is not attached yet; its ``id`` is the key of the upload. ``sent_at`` is when that began (UTC)."""

    id: UUID
    origin: FileOrigin
    origin_id: str
    file_name: str
    state: FileState
    failure_count: int
    sent_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", FileOrigin(self.origin))
        object.__setattr__(self, "state", FileState(self.state))


@dataclass(frozen=True)
class ShownFile:
    """A file as the invoice's page shows it."""

    file_name: str
    state: FileState
    note: str


# Bills whose books may be written to now.
_OF_OPEN_BOOKS = """
    FROM bill_link AS link
    JOIN invoice ON invoice.company_id = %(company_id)s AND invoice.id = link.invoice_id
    JOIN connection ON connection.company_id = %(company_id)s AND connection.id = link.connection_id
    JOIN company ON company.id = %(company_id)s
    LEFT JOIN connection_settings AS settings
        ON settings.company_id = %(company_id)s AND settings.connection_id = link.connection_id
    WHERE link.company_id = %(company_id)s AND link.ended_at IS NULL
        AND connection.state = 'active' AND NOT coalesce(settings.posting_paused, false) AND company.feature_enabled
"""
DUE = f"""
    SELECT link.id AS link_id, link.connection_id, link.transaction_type, link.quickbooks_id, link.invoice_id,
        invoice.source, invoice.source_id, invoice.reference, link.number
    {_OF_OPEN_BOOKS} AND link.files_due_at <= %(now)s ORDER BY link.files_due_at, link.id LIMIT %(limit)s
"""
NEXT_FILES = f"SELECT min(link.files_due_at) AS at {_OF_OPEN_BOOKS} AND link.files_due_at > %(now)s"


async def bills_with_files(session: CompanySession, limit: int) -> list[BillWithFiles]:
    """Bills whose files are due now."""
    return list(await session.ask(DUE, BillWithFiles, now=session.now, limit=limit))


async def documents_of(session: CompanySession, invoice_id: UUID) -> list[Document]:
    """What was uploaded with an invoice, encrypted, oldest first."""
    found = await session.exec(
        select(Document)
        .where(Document.company_id == session.company_id, Document.invoice_id == invoice_id)
        .order_by(col(Document.created_at), col(Document.id))
    )
    return list(found)


async def requisition_text(session: CompanySession, requisition_id: str) -> str | None:
    """A requisition as Procore last told it, as JSON; None for one never seen."""
    return (await texts_of(session, [requisition_id])).get(requisition_id)


TO_DO = """
    SELECT id, origin, origin_id, file_name, state, failure_count, sent_at FROM bill_file
    WHERE company_id = %(company_id)s AND link_id = %(link_id)s AND state IN ('waiting', 'sent')
    ORDER BY position, id
"""


async def files_to_do(session: CompanySession, link_id: UUID, known: Sequence[KnownFile]) -> list[FileToDo]:
    """Write down the files that are not known yet; those of the bill that are not over."""
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "link_id": link_id,
            "position": position,
            "origin": one.origin,
            "origin_id": one.origin_id,
            "file_name": one.file_name,
            "state": FileState.WAITING,
            "note": "",
            "failure_count": 0,
            "created_at": session.now,
        }
        for position, one in enumerate(known, start=1)
    ]
    if rows:
        await insert_rows(session, BillFile, rows, LEFT_ALONE)
    return list(await session.ask(TO_DO, FileToDo, link_id=link_id))


SENT = """
    UPDATE bill_file SET state = 'sent', sent_at = %(now)s, size = %(size)s, sha256 = %(sha256)s
    WHERE company_id = %(company_id)s AND id = %(file_id)s
"""


async def file_is_sent(session: CompanySession, file_id: UUID, size: int, sha256: str) -> None:
    """Note, before its first byte leaves, that an upload of these bytes begins."""
    await session.do(SENT, file_id=file_id, size=size, sha256=sha256, now=session.now)


UNSENT = """
    UPDATE bill_file SET state = 'waiting', sent_at = NULL WHERE company_id = %(company_id)s AND id = %(file_id)s
"""


async def file_is_unsent(session: CompanySession, file_id: UUID) -> None:
    """Note that surely nothing of the upload was done."""
    await session.do(UNSENT, file_id=file_id)


ENDED = """
    UPDATE bill_file SET state = %(state)s, ended_at = %(now)s, quickbooks_id = %(quickbooks_id)s, note = %(note)s
    WHERE company_id = %(company_id)s AND id = %(file_id)s
"""


async def file_is_attached(session: CompanySession, bill: BillWithFiles, file: FileToDo, quickbooks_id: str) -> None:
    state = FileState.ATTACHED.value
    await session.do(ENDED, file_id=file.id, state=state, now=session.now, quickbooks_id=quickbooks_id, note="")
    record_event(session, "invoice", bill.invoice_id, "file_attached", file=file.file_name, bill_id=bill.quickbooks_id)


async def file_is_left_out(session: CompanySession, bill: BillWithFiles, file: FileToDo, note: str) -> None:
    """Note why a file is not on the bill: a sentence for people. The bill itself is none the worse for it."""
    state = FileState.LEFT_OUT.value
    await session.do(ENDED, file_id=file.id, state=state, now=session.now, quickbooks_id=None, note=note)
    record_event(session, "invoice", bill.invoice_id, "file_left_out", file=file.file_name, reason=note)


FAILED = """
    UPDATE bill_file SET failure_count = failure_count + 1 WHERE company_id = %(company_id)s AND id = %(file_id)s
"""


async def file_failed(session: CompanySession, file_id: UUID) -> None:
    """Count an exception that nobody expected."""
    await session.do(FAILED, file_id=file_id)


FILES_DONE = """
    UPDATE bill_link SET files_due_at = NULL
    WHERE company_id = %(company_id)s AND id = %(link_id)s AND NOT EXISTS (
        SELECT FROM bill_file
        WHERE bill_file.company_id = %(company_id)s AND bill_file.link_id = %(link_id)s
            AND bill_file.state IN ('waiting', 'sent')
    )
"""


async def files_are_done(session: CompanySession, link_id: UUID) -> None:
    """Nothing is left to attach to the bill, unless something is."""
    await session.do(FILES_DONE, link_id=link_id)


LATER = "UPDATE bill_link SET files_due_at = %(at)s WHERE company_id = %(company_id)s AND id = %(link_id)s"


async def files_wait(session: CompanySession, link_id: UUID, at: datetime) -> None:
    """Look at a bill's files again at an instant, not before."""
    await session.do(LATER, link_id=link_id, at=at)


@dataclass(frozen=True)
class _At:
    at: datetime | None


async def next_files_due(session: CompanySession) -> datetime | None:
    """When the earliest bill that has to wait wants its files looked at again; None when none does."""
    (found,) = await session.ask(NEXT_FILES, _At, now=session.now)
    return found.at


async def shown_files(session: CompanySession, invoice_id: UUID) -> list[ShownFile]:
    """The files of an invoice's live bill, in their order."""
    found = await session.exec(
        select(BillFile)
        .join(BillLink, (col(BillLink.company_id) == col(BillFile.company_id)) & (col(BillLink.id) == BillFile.link_id))
        .where(BillFile.company_id == session.company_id, BillLink.invoice_id == invoice_id)
        .where(BillLink.company_id == session.company_id, col(BillLink.ended_at).is_(None))
        .order_by(col(BillFile.position), col(BillFile.id))
    )
    return [ShownFile(row.file_name, row.state, row.note) for row in found]
