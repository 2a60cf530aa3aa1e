"""Procore's company directory as far as it helps to recognise a vendor in QuickBooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.suggestions import Party
from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import InvoiceRow, ProcoreVendorRow
from models.vendor_walk import vendors_of


@dataclass(frozen=True)
class SeenVendor:
    """A vendor as Procore's directory shows it; empty where Procore says nothing."""

    vendor_id: str
    name: str
    legal_name: str = ""
    number: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    is_active: bool = True


async def directory_read_at(session: CompanySession) -> datetime | None:
    """When the directory was last read (UTC); None before, and while it is empty."""
    found = await session.exec(
        select(sa.func.max(ProcoreVendorRow.read_at)).where(ProcoreVendorRow.company_id == session.company_id)
    )
    return found.one()


async def store_vendors(session: CompanySession, seen: Sequence[SeenVendor]) -> None:
    """Insert or refresh; a vendor that Procore does not list any more stays as inactive."""
    read_at = session.now
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "vendor_id": one.vendor_id,
            "name": one.name,
            "legal_name": one.legal_name,
            "number": one.number,
            "email": one.email,
            "phone": one.phone,
            "address": one.address,
            "is_active": one.is_active,
            "read_at": read_at,
        }
        for one in {one.vendor_id: one for one in seen}.values()
    ]
    if rows:
        await insert_rows(session, ProcoreVendorRow, rows, OnConflict(("company_id", "vendor_id")))
    await session.execute(
        sa.update(ProcoreVendorRow)
        .where(col(ProcoreVendorRow.company_id) == session.company_id)
        .where(col(ProcoreVendorRow.read_at) < read_at)
        .values(is_active=False)
        .execution_options(synchronize_session=False)
    )


LISTED = """
    SELECT vendor_id AS id, name, number, email, phone, address FROM procore_vendor
    WHERE company_id = %(company_id)s
"""


async def vendor_parties(session: CompanySession) -> dict[str, Party]:
    """Everybody who may send an invoice, by Procore's vendor id: the directory, and who is on an invoice already."""
    parties = {one.id: one for one in await session.ask(LISTED, Party)}
    for vendor_id, name in await session.execute(vendors_of(session, InvoiceRow)):
        parties.setdefault(vendor_id, Party(vendor_id, name))
    return parties


@dataclass(frozen=True)
class Contact:
    """How a vendor is written to and called, as far as Procore's directory tells; empty where it does not."""

    legal_name: str = ""
    email: str = ""
    phone: str = ""


async def contact_of(session: CompanySession, vendor_id: str) -> Contact:
    """The directory's word about one vendor."""
    found = await session.exec(
        select(ProcoreVendorRow).where(
            ProcoreVendorRow.company_id == session.company_id, ProcoreVendorRow.vendor_id == vendor_id
        )
    )
    row = found.first()
    return Contact(row.legal_name, row.email, row.phone) if row else Contact()
