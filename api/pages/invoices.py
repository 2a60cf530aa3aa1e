"""The list of invoices, and one invoice with its timeline."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from accounting.invoice import InvoiceSource
from accounting.states import Badge
from api.access import Accountant, Member, ServicesNow
from api.intents import uploading
from api.pages.rendering import page
from api.problems import not_found
from api.sent_bill import read_sent_bill
from api.timelines import timeline_of
from models.invoice_choices import project_names
from models.invoice_pages import InvoiceFilter, badge_counts, list_invoices
from models.invoice_sheet import invoice_sheet

router = APIRouter()

PAGE_SIZE = 25
SOURCES = {InvoiceSource.PROCORE_REQUISITION: "Procore", InvoiceSource.UPLOAD: "Upload"}


@router.get("/invoices")
async def invoices(
    request: Request,
    visitor: Member,
    services: ServicesNow,
    status: str = "",
    project: Annotated[str, Query(max_length=32)] = "",
    search: Annotated[str, Query(max_length=100)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    badge = Badge(status) if status in list(Badge) else None
    wanted = InvoiceFilter(badge=badge, project_id=project or None, search=search.strip())
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await list_invoices(session, wanted, PAGE_SIZE, (number - 1) * PAGE_SIZE)
        counts = await badge_counts(session)
        projects = await project_names(session)
    return page(
        request,
        "invoices.html",
        visitor,
        found=found,
        counts=counts,
        everything=sum(one.count for one in counts),
        projects=projects,
        wanted_badge=badge.value if badge else "",
        project=project,
        search=search.strip(),
        number=number,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        first=(number - 1) * PAGE_SIZE + 1,
        sources=SOURCES,
    )


@router.get("/invoices/{invoice_id}")
async def invoice(invoice_id: UUID, request: Request, visitor: Member, services: ServicesNow) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        sheet = await invoice_sheet(session, invoice_id)
        if sheet is None:
            raise not_found("invoice")
        told = await timeline_of(session, invoice_id)
    row = sheet.invoice
    return page(
        request,
        "invoice.html",
        visitor,
        sheet=sheet,
        invoice=row,
        source=SOURCES[row.source],
        sent=read_sent_bill(sheet.bill) if sheet.bill else None,
        told=told,
        may_approve=visitor.may_work_on_invoices and row.source is InvoiceSource.UPLOAD and row.approved_at is None,
    )


@router.post("/invoices/{invoice_id}/approve")
async def approve(invoice_id: UUID, visitor: Accountant, services: ServicesNow) -> Response:
    await uploading.approve(services, visitor, invoice_id)
    return RedirectResponse(f"/invoices/{invoice_id}", 303)
