"""Month end: *Approved, not in QuickBooks as of [date]*, and the same as CSV for the accrual entry."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from accounting.month_end import as_csv
from api.access import Accountant, ServicesNow
from api.money import Money
from models.month_end import month_end_list

router = APIRouter(tags=["month end"])


class MonthEndRowAnswer(BaseModel):
    project: str
    account: str
    invoices: int
    gross: Money
    retainage: Money
    net: Money
    reasons: list[str]


class MonthEndAnswer(BaseModel):
    title: str
    as_of: date
    invoices: int
    gross: Money
    retainage: Money
    net: Money
    rows: list[MonthEndRowAnswer]


@router.get("/month-end")
async def show(
    as_of: date, visitor: Accountant, services: ServicesNow, connection_id: UUID | None = None
) -> MonthEndAnswer:
    """By project and account; gross, retainage and net tie separately."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        listed = await month_end_list(session, as_of, connection_id)
    return MonthEndAnswer(
        title=listed.title,
        as_of=as_of,
        invoices=listed.invoices,
        gross=listed.gross,
        retainage=listed.retainage,
        net=listed.net,
        rows=[
            MonthEndRowAnswer(
                project=row.project,
                account=row.account,
                invoices=row.invoices,
                gross=row.gross,
                retainage=row.retainage,
                net=row.net,
                reasons=list(row.reasons),
            )
            for row in listed.rows
        ],
    )


@router.get("/month-end.csv")
async def download(
    as_of: date, visitor: Accountant, services: ServicesNow, connection_id: UUID | None = None
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        listed = await month_end_list(session, as_of, connection_id)
    headers = {"content-disposition": f'attachment; filename="not-in-quickbooks-{as_of.isoformat()}.csv"'}
    return Response(as_csv(listed).encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)
