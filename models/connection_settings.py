"""How an admin wants bills to be made in one connection's books: read, changed as a whole, and who changed it last."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from accounting.bill_settings import (
    BillDateSource,
    ChangedInvoice,
    LineGrouping,
    MissingLienWaiver,
    RetainageBooking,
)
from accounting.blockers import BlockerReason
from accounting.coding import TargetKind
from models.database import CompanySession
from models.due_shares import shares_are_due
from models.events import audit, record_event
from models.freeing import Resolved, free
from models.mappings import connection_settings
from models.tables import AppUser, ConnectionSettings, Membership

R = BlockerReason
# What a choice may resolve: these are found again by the next draft where they still stand.
RESOLVED_BY_SETTINGS = (
    R.VENDOR_UNMAPPED,
    R.PROJECT_UNMAPPED,
    R.COST_CODE_UNMAPPED,
    R.MAPPING_REFUSED,
    R.AP_ACCOUNT_MISSING,
    R.RETAINAGE_ACCOUNT_MISSING,
    R.RETAINAGE_OPENING_BALANCE,
    R.REFUSED_BY_QUICKBOOKS,
    R.PERIOD_CLOSED,
    R.LOCK_DATE,
    R.LIEN_WAIVER,
    R.REVIEW,
)


class SettingsChangedMeanwhile(Exception):
    """Somebody else has changed these settings since they were shown; ``settings`` is how they stand now."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self.settings = settings
        super().__init__(f"version {settings.version}")


@dataclass(frozen=True)
class ConnectionChoices:
    """Everything an admin chooses for a connection.

    Accounts and the item are QuickBooks ids, None where none is chosen; terms are days; quiet hours are wall-clock
    times in ``quiet_time_zone``.
    """

    default_account_id: str | None
    default_item_id: str | None
    retainage_account_id: str | None
    ap_account_id: str | None
    default_terms_days: int
    posting_basis: TargetKind
    line_grouping: LineGrouping
    bill_date_source: BillDateSource
    retainage_booking: RetainageBooking
    missing_lien_waiver: MissingLienWaiver
    changed_invoice: ChangedInvoice
    billable: bool
    review_before_posting: bool
    confirm_exact_matches: bool
    all_projects: bool
    lock_date: date | None
    write_back: bool
    write_back_from: date | None
    quiet_from: time | None
    quiet_until: time | None
    quiet_time_zone: str


NAMES = tuple(one.name for one in fields(ConnectionChoices))
WRITE_BACK = frozenset({"write_back", "write_back_from"})


def choices_of(settings: ConnectionSettings) -> ConnectionChoices:
    return ConnectionChoices(**{name: getattr(settings, name) for name in NAMES})


async def change_settings(
    session: CompanySession, connection_id: UUID, wanted: ConnectionChoices, shown_version: int | None, by: UUID
) -> ConnectionSettings:
    """Store an admin's choices and let the invoices that waited for them be drafted again.

    ``shown_version`` is what the form was made from; None overwrites whatever stands. Raises SettingsChangedMeanwhile.
    """
    settings = await connection_settings(session, connection_id, lock=True)
    old = choices_of(settings)
    if old == wanted:
        return settings
    if shown_version is not None and settings.version != shown_version:
        raise SettingsChangedMeanwhile(settings)
    changed = {
        name: [_as_json(getattr(old, name)), _as_json(getattr(wanted, name))]
        for name in NAMES
        if getattr(old, name) != getattr(wanted, name)
    }
    for name in changed:
        setattr(settings, name, getattr(wanted, name))
    settings.version += 1
    settings.updated_at, settings.updated_by = session.now, by
    session.add(settings)
    record_event(session, "connection", connection_id, "settings_changed", changed=changed)
    audit(session, "connection_settings_changed", connection_id=str(connection_id), changed=changed)
    await free(session, Resolved(RESOLVED_BY_SETTINGS, connection_id=connection_id))
    if settings.write_back and settings.write_back_from is not None and changed.keys() & WRITE_BACK:
        await shares_are_due(session, connection_id, settings.write_back_from)
    return settings


def _as_json(value: object) -> Any:
    match value:
        case StrEnum():
            return value.value
        case date() | time():
            return value.isoformat()
        case _:
            return value


async def last_changed_by(session: CompanySession, connection_id: UUID) -> tuple[str, datetime] | None:
    """Who changed a connection's settings last, and when; None while they are as they came."""
    found = await session.exec(
        select(AppUser.name, ConnectionSettings.updated_at)
        .join(Membership, col(Membership.user_id) == col(AppUser.id))
        .join(
            ConnectionSettings,
            (col(ConnectionSettings.company_id) == col(Membership.company_id))
            & (col(ConnectionSettings.updated_by) == col(AppUser.id)),
        )
        .where(Membership.company_id == session.company_id, ConnectionSettings.connection_id == connection_id)
    )
    return found.first()
