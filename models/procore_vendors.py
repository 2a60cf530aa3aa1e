"""Procore's company directory as far as it helps to recognise a vendor in QuickBooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.suggestions import Party
from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import InvoiceRow, ProcoreVendorRow


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


class ListedVendor(Protocol):
    """A vendor as Procore lists it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def legal_name(self) -> str: ...
    @property
    def origin_code(self) -> str | None: ...
    @property
    def email_address(self) -> str: ...
    @property
    def business_phone(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def zip(self) -> str: ...
    @property
    def is_active(self) -> bool: ...


def seen_vendor(listed: ListedVendor) -> SeenVendor:
    return SeenVendor(
        vendor_id=listed.id,
        name=listed.name,
        legal_name=listed.legal_name,
        number=listed.origin_code or "",
        email=listed.email_address,
        phone=listed.business_phone,
        address=" ".join(part for part in (listed.address, listed.city, listed.zip[:5]) if part),
        is_active=listed.is_active,
    )


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


async def vendor_parties(session: CompanySession) -> dict[str, Party]:
    """Everybody who may send an invoice, by Procore's vendor id: the directory, and who is on an invoice already."""
    listed = await session.exec(select(ProcoreVendorRow).where(ProcoreVendorRow.company_id == session.company_id))
    parties = {
        one.vendor_id: Party(one.vendor_id, one.name, one.number, one.email, one.phone, one.address) for one in listed
    }
    billing = await session.exec(
        select(InvoiceRow.vendor_id, sa.func.max(InvoiceRow.vendor_name))
        .where(InvoiceRow.company_id == session.company_id)
        .group_by(col(InvoiceRow.vendor_id))
    )
    for vendor_id, name in billing:
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
