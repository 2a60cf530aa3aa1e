"""How a connection's bills are made: item or account, lines, dates, retainage, review, lock date. Company admins."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from accounting.account_choice import item_refusal
from accounting.bill_settings import BillDateBasis, LienWaivers, LineGrouping, RetainageMethod
from accounting.coding import TargetKind
from api.access import ChangingAdmin, ReadingAdmin, ServicesNow
from api.intents.mapping import check_connection
from api.problems import Problem, not_found
from api.telling import tell
from models import bill_settings, mappings, projects, reference_lists
from models.bill_settings import BillChoices, SettingsOutdated
from models.coding import as_item
from models.tables import ConnectionSettings

router = APIRouter(tags=["connections"])


class BillSettingsBody(BaseModel):
    """``version`` is the one that was shown."""

    model_config = ConfigDict(extra="forbid")

    version: int
    posting_basis: TargetKind
    default_item_id: Annotated[str, Field(max_length=64)] | None
    line_grouping: LineGrouping
    bill_date_basis: BillDateBasis
    retainage_method: RetainageMethod
    lien_waivers: LienWaivers
    review_before_posting: bool
    billable: bool
    confirm_exact_names: bool
    lock_date: date | None


class BillSettingsAnswer(BaseModel):
    """``books_closed_through`` is QuickBooks' own closing date, as last read."""

    connection_id: UUID
    version: int
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
    books_closed_through: date | None
    pay_when_paid_projects: list[str]


class PayWhenPaidBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: bool


class PayWhenPaidAnswer(BaseModel):
    project_id: str
    on: bool


@router.get("/connections/{connection_id}/bill-settings")
async def show(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> BillSettingsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        settings = await mappings.connection_settings(session, connection_id)
        paid = await bill_settings.pay_when_paid_projects(session, connection_id)
    return _answer(settings, paid)


@router.put("/connections/{connection_id}/bill-settings")
async def choose(
    connection_id: UUID, body: BillSettingsBody, visitor: ChangingAdmin, services: ServicesNow
) -> BillSettingsAnswer:
    """409 where somebody else changed them, 422 for an item that cannot stand on a bill."""
    choices = BillChoices(**body.model_dump(exclude={"version"}))
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            await check_connection(session, connection_id)
            if choices.default_item_id is not None:
                entries = await reference_lists.entries_by_key(
                    session, connection_id, {"Item": {choices.default_item_id}}
                )
                refused = item_refusal(as_item(entries.get(("Item", choices.default_item_id))))
                if refused is not None:
                    raise Problem(422, "item_refused", refused)
            settings = await bill_settings.choose_bill_settings(
                session, connection_id, choices, body.version, visitor.user_id
            )
            paid = await bill_settings.pay_when_paid_projects(session, connection_id)
    except SettingsOutdated:
        raise Problem(
            409,
            "settings_outdated",
            "Somebody changed these settings since you saw them. Nothing was saved; look again.",
        ) from None
    reason = "the settings of bills were changed"
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))
    return _answer(settings, paid)


@router.put("/connections/{connection_id}/projects/{project_id}/pay-when-paid")
async def pay_when_paid(
    connection_id: UUID,
    project_id: Annotated[str, Path(max_length=32)],
    body: PayWhenPaidBody,
    visitor: ChangingAdmin,
    services: ServicesNow,
) -> PayWhenPaidAnswer:
    """Whether this project's bills say PAY WHEN PAID first in their memo."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        if project_id not in await projects.projects_by_id(session, [project_id]):
            raise not_found("project")
        await bill_settings.set_pay_when_paid(session, connection_id, project_id, body.on, visitor.user_id)
    return PayWhenPaidAnswer(project_id=project_id, on=body.on)


def _answer(settings: ConnectionSettings, pay_when_paid_projects: frozenset[str]) -> BillSettingsAnswer:
    return BillSettingsAnswer(
        connection_id=settings.connection_id,
        version=settings.version,
        posting_basis=settings.posting_basis,
        default_item_id=settings.default_item_id,
        line_grouping=settings.line_grouping,
        bill_date_basis=settings.bill_date_basis,
        retainage_method=settings.retainage_method,
        lien_waivers=settings.lien_waivers,
        review_before_posting=settings.review_before_posting,
        billable=settings.billable,
        confirm_exact_names=settings.confirm_exact_names,
        lock_date=settings.lock_date,
        books_closed_through=settings.books_closed_through,
        pay_when_paid_projects=sorted(pay_when_paid_projects),
    )
