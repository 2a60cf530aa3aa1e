"""How bills are made in one connection's books: an admin's settings, and what differs for a project."""

from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from accounting.bill_settings import BillDateBasis, BillSettings, LienWaivers, LineGrouping, RetainageMethod
from accounting.blockers import BlockerReason
from accounting.coding import TargetKind
from models.database import CompanySession
from models.events import audit, record_event
from models.freeing import Resolved, free
from models.tables import ConnectionSettings, ProjectBillSettings

R = BlockerReason
# What another setting may resolve: these are found again by the next draft where they still stand.
RESOLVED_BY_SETTINGS = (
    R.COST_CODE_UNMAPPED,
    R.RETAINAGE_ACCOUNT_MISSING,
    R.RETAINAGE_OPENING_BALANCE,
    R.PERIOD_CLOSED,
    R.LOCK_DATE,
    R.LIEN_WAIVER,
    R.REVIEW,
)


@dataclass(frozen=True)
class BillChoices:
    """What an admin chose for the bills of a connection; each field is the setting of that name."""

    posting_basis: TargetKind
    default_item_id: str | None
    line_grouping: LineGrouping
    bill_date_basis: BillDateBasis
    retainage_method: RetainageMethod
    lien_waivers: LienWaivers
    review_before_posting: bool
    billable: bool
    confirm_exact_names: bool
    lock_date: date | None


class SettingsOutdated(Exception):
    """Somebody saved other settings since these were shown."""


def choices_of(settings: ConnectionSettings) -> BillChoices:
    return BillChoices(**{field.name: getattr(settings, field.name) for field in fields(BillChoices)})


def rules_of(settings: ConnectionSettings, pay_when_paid: bool) -> BillSettings:
    """The settings as the accounting rules see them."""
    return BillSettings(
        line_grouping=settings.line_grouping,
        bill_date_basis=settings.bill_date_basis,
        retainage=settings.retainage_method,
        lien_waivers=settings.lien_waivers,
        pay_when_paid=pay_when_paid,
        review_before_posting=settings.review_before_posting,
        billable=settings.billable,
    )


async def choose_bill_settings(
    session: CompanySession, connection_id: UUID, choices: BillChoices, version: int, chosen_by: UUID
) -> ConnectionSettings:
    """Store an admin's choice and let what it may resolve be drafted again.

    Raises SettingsOutdated unless ``version`` is the one in force.
    """
    found = await session.exec(
        select(ConnectionSettings)
        .where(ConnectionSettings.company_id == session.company_id, ConnectionSettings.connection_id == connection_id)
        .with_for_update()
    )
    settings = found.one()
    if settings.version != version:
        raise SettingsOutdated
    old = choices_of(settings)
    changed = {
        field.name: [_plain(getattr(old, field.name)), _plain(getattr(choices, field.name))]
        for field in fields(BillChoices)
        if getattr(old, field.name) != getattr(choices, field.name)
    }
    if not changed:
        return settings
    for name in changed:
        setattr(settings, name, getattr(choices, name))
    settings.version += 1
    settings.updated_at, settings.updated_by = session.now, chosen_by
    session.add(settings)
    record_event(session, "connection", connection_id, "settings_changed", changed=changed)
    audit(session, "connection_settings_changed", connection_id=str(connection_id), changed=changed)
    await free(session, Resolved(RESOLVED_BY_SETTINGS, connection_id=connection_id))
    return settings


async def set_pay_when_paid(
    session: CompanySession, connection_id: UUID, project_id: str, on: bool, set_by: UUID
) -> ProjectBillSettings:
    """Whether a project's bills say ``PAY WHEN PAID`` first in their memo; for bills drafted from now on."""
    found = await session.exec(
        select(ProjectBillSettings)
        .where(ProjectBillSettings.company_id == session.company_id)
        .where(ProjectBillSettings.connection_id == connection_id, ProjectBillSettings.project_id == project_id)
        .with_for_update()
    )
    row = found.first()
    if row is None:
        row = ProjectBillSettings(
            company_id=session.company_id,
            connection_id=connection_id,
            project_id=project_id,
            pay_when_paid=on,
            updated_at=session.now,
            updated_by=set_by,
        )
    elif row.pay_when_paid == on:
        return row
    else:
        row.pay_when_paid, row.updated_at, row.updated_by = on, session.now, set_by
        row.version += 1
    session.add(row)
    record_event(session, "project", project_id, "pay_when_paid", on=on, connection_id=str(connection_id))
    return row


async def pay_when_paid_projects(session: CompanySession, connection_id: UUID) -> frozenset[str]:
    found = await session.exec(
        select(ProjectBillSettings.project_id)
        .where(ProjectBillSettings.company_id == session.company_id)
        .where(ProjectBillSettings.connection_id == connection_id, col(ProjectBillSettings.pay_when_paid).is_(True))
    )
    return frozenset(found)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
