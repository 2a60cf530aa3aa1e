"""The forms of an invoice's page that choose, for this invoice only, where it goes in QuickBooks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from api.access import Accountant, ServicesNow
from api.intents import recoding
from api.pages.invoice_decisions import back_to_invoice

router = APIRouter(prefix="/invoices/{invoice_id}/recode")

Name = Annotated[str, Form(max_length=500)]


@router.post("/vendor")
async def vendor(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, name: Name = ""
) -> Response:
    choosing = recoding.choose_vendor(services, visitor, invoice_id, name)
    return await back_to_invoice(request, visitor, services, invoice_id, choosing, "recoded")


@router.post("/line")
async def line(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    position: Annotated[int, Form(ge=0, le=100_000)],
    name: Name = "",
) -> Response:
    choosing = recoding.recode_to_name(services, visitor, invoice_id, position, name)
    return await back_to_invoice(request, visitor, services, invoice_id, choosing, "recoded")


@router.post("/take-back")
async def take_back(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    about: Annotated[str, Form(max_length=128)],
) -> Response:
    taking = recoding.take_back(services, visitor, invoice_id, about)
    return await back_to_invoice(request, visitor, services, invoice_id, taking, "not_recoded")
