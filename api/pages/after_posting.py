"""The buttons beside what differs between an invoice and its bill. What is refused is said on the invoice's page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.access import Accountant, ServicesNow
from api.intents import after_posting
from api.pages.invoice import show_invoice
from api.problems import Problem

router = APIRouter(prefix="/invoices/{invoice_id}/differences")

Shown = Annotated[str, Form(max_length=64)]


@router.post("/update")
async def update_bill(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, shown: Shown = ""
) -> Response:
    try:
        await after_posting.update_bill(services, visitor, invoice_id, shown)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await show_invoice(request, visitor, services, invoice_id, problem=problem)
    return RedirectResponse(f"/invoices/{invoice_id}?done=updating", 303)


@router.post("/keep")
async def keep_as_it_is(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    shown: Shown = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    try:
        await after_posting.keep_as_it_is(services, visitor, invoice_id, shown, note)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await show_invoice(request, visitor, services, invoice_id, problem=problem, typed=note)
    return RedirectResponse(f"/invoices/{invoice_id}?done=kept", 303)
