"""Vendors that a person wants created in QuickBooks: written down before they are sent, and what came of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from models.database import CompanySession
from models.events import audit, record_event
from models.rows import LEFT_ALONE, insert_rows
from models.tables import AttemptState, NewVendor


class AskedAlready(Exception):
    """The vendor is being created already."""


@dataclass(frozen=True)
class WantedVendor:
    """A vendor as a person wants it; ``body`` is what QuickBooks gets for ``display_name``."""

    procore_id: str
    procore_name: str
    display_name: str


@dataclass(frozen=True)
class VendorToCreate:
    """One that is not over yet. Its ``id`` is the key that QuickBooks remembers the request by."""

    id: UUID
    connection_id: UUID
    procore_id: str
    procore_name: str
    display_name: str
    body: bytes
    state: AttemptState
    asked_by: UUID

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", AttemptState(self.state))


async def ask_for_vendor(
    session: CompanySession, connection_id: UUID, wanted: WantedVendor, body: bytes, asked_by: UUID
) -> VendorToCreate:
    """Write the vendor down, to be created by the worker or a company file's next session. Raises AskedAlready."""
    vendor_id = session.new_id()
    row = {
        "company_id": session.company_id,
        "id": vendor_id,
        "connection_id": connection_id,
        "procore_id": wanted.procore_id,
        "procore_name": wanted.procore_name,
        "display_name": wanted.display_name,
        "body": body,
        "state": AttemptState.PREPARED,
        "asked_by": asked_by,
        "asked_at": session.now,
    }
    await insert_rows(session, NewVendor, [row], LEFT_ALONE)
    written = await session.exec(
        select(NewVendor.id).where(NewVendor.company_id == session.company_id, NewVendor.id == vendor_id)
    )
    if written.first() is None:
        raise AskedAlready
    record_event(session, "vendor", wanted.procore_id, "vendor_wanted", name=wanted.display_name)
    audit(session, "vendor_wanted", procore_id=wanted.procore_id, name=wanted.display_name)
    return VendorToCreate(
        vendor_id,
        connection_id,
        wanted.procore_id,
        wanted.procore_name,
        wanted.display_name,
        body,
        AttemptState.PREPARED,
        asked_by,
    )


TO_CREATE = """
    SELECT vendor.id, vendor.connection_id, vendor.procore_id, vendor.procore_name, vendor.display_name, vendor.body,
        vendor.state, vendor.asked_by
    FROM new_vendor AS vendor
    JOIN connection ON connection.company_id = %(company_id)s AND connection.id = vendor.connection_id
    WHERE vendor.company_id = %(company_id)s AND vendor.state IN ('prepared', 'sent', 'unclear')
        AND connection.state = 'active' AND connection.kind = 'online'
    ORDER BY vendor.asked_at, vendor.id
"""


async def vendors_to_create(session: CompanySession) -> list[VendorToCreate]:
    """Those that are not over and whose QuickBooks Online is there, in the order they were asked for.

    A company file's wait in its own queue.
    """
    return list(await session.ask(TO_CREATE, VendorToCreate))


MARK = """
    UPDATE new_vendor SET state = %(state)s, sent_at = coalesce(sent_at, %(now)s)
    WHERE company_id = %(company_id)s AND id = %(vendor_id)s
"""


async def mark_vendor(session: CompanySession, vendor_id: UUID, state: AttemptState) -> None:
    """Note that a request for it may have left, or that nobody knows what came of it."""
    await session.do(MARK, vendor_id=vendor_id, state=state.value, now=session.now)


END = """
    UPDATE new_vendor SET state = %(state)s, ended_at = %(now)s, quickbooks_id = %(quickbooks_id)s, answer = %(answer)s
    WHERE company_id = %(company_id)s AND id = %(vendor_id)s
"""


async def vendor_created(session: CompanySession, vendor: VendorToCreate, quickbooks_id: str) -> None:
    await _end(session, vendor, AttemptState.ACCEPTED, quickbooks_id, None)
    record_event(session, "vendor", vendor.procore_id, "vendor_created", name=vendor.display_name, id=quickbooks_id)


async def vendor_refused(session: CompanySession, vendor: VendorToCreate, sentence: str) -> None:
    """Note QuickBooks' refusal as the sentence people read."""
    await _end(session, vendor, AttemptState.REJECTED, None, sentence)
    record_event(session, "vendor", vendor.procore_id, "vendor_refused", name=vendor.display_name, reason=sentence)


async def _end(
    session: CompanySession, vendor: VendorToCreate, state: AttemptState, quickbooks_id: str | None, answer: str | None
) -> None:
    await session.do(
        END, vendor_id=vendor.id, state=state.value, now=session.now, quickbooks_id=quickbooks_id, answer=answer
    )


async def newest_wanted(
    session: CompanySession, connection_id: UUID, procore_ids: Iterable[str]
) -> dict[str, NewVendor]:
    """The last word about each of these vendors, by Procore's id; those nobody asked for are left out."""
    found = await session.exec(
        select(NewVendor)
        .where(NewVendor.company_id == session.company_id, NewVendor.connection_id == connection_id)
        .where(col(NewVendor.procore_id).in_(set(procore_ids)))
        .order_by(col(NewVendor.asked_at), col(NewVendor.id))
    )
    return {row.procore_id: row for row in found}
