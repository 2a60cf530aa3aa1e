"""The forms of an invoice's page: its preview approved, and every exit from what holds it."""

from collections.abc import Awaitable
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.access import Accountant, ServicesNow, Visitor
from api.intents import creating_vendor, deciding
from api.pages.invoice import show_invoice
from api.problems import Problem
from api.services import Services

router = APIRouter(prefix="/invoices/{invoice_id}")

Key = Annotated[str, Form(max_length=128)]


async def back_to_invoice(
    request: Request, visitor: Visitor, services: Services, invoice_id: UUID, deciding_it: Awaitable[object], said: str
) -> Response:
    """Back to the invoice with what was done; what is refused is said there, with everything as it was."""
    try:
        await deciding_it
    except Problem as problem:
        if problem.status == 404:
            raise
        return await show_invoice(request, visitor, services, invoice_id, problem=problem)
    return RedirectResponse(f"/invoices/{invoice_id}?done={said}", 303)


@router.post("/review")
async def review(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    shown: Annotated[str, Form(alias="hash", max_length=64)],
) -> Response:
    approving = deciding.review(services, visitor, invoice_id, shown)
    return await back_to_invoice(request, visitor, services, invoice_id, approving, "reviewed")


@router.post("/vendor-credit")
async def vendor_credit(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, amount: Annotated[Decimal, Form()]
) -> Response:
    saying = deciding.vendor_credit(services, visitor, invoice_id, amount)
    return await back_to_invoice(request, visitor, services, invoice_id, saying, "decided")


@router.post("/small-difference")
async def small_difference(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, amount: Annotated[Decimal, Form()]
) -> Response:
    saying = deciding.accept_difference(services, visitor, invoice_id, amount)
    return await back_to_invoice(request, visitor, services, invoice_id, saying, "decided")


@router.post("/excess-to-cost")
async def excess_to_cost(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, amount: Annotated[Decimal, Form()]
) -> Response:
    saying = deciding.excess_to_cost(services, visitor, invoice_id, amount)
    return await back_to_invoice(request, visitor, services, invoice_id, saying, "decided")


@router.post("/lien-waiver")
async def lien_waiver(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    missing: Annotated[bool, Form()] = False,
) -> Response:
    saying = deciding.lien_waiver(services, visitor, invoice_id, missing=missing)
    return await back_to_invoice(request, visitor, services, invoice_id, saying, "decided")


@router.post("/let-in")
async def let_in(invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow) -> Response:
    letting = deciding.let_in(services, visitor, invoice_id)
    return await back_to_invoice(request, visitor, services, invoice_id, letting, "decided")


@router.post("/bill-date")
async def bill_date(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    chosen: Annotated[str, Form(alias="bill_date", max_length=10)] = "",
    other_year: Annotated[bool, Form()] = False,
) -> Response:
    try:
        day = date.fromisoformat(chosen)
    except ValueError:
        wrong = Problem(422, "no_date", "Choose the bill's date, then save it.")
        return await show_invoice(request, visitor, services, invoice_id, problem=wrong)
    choosing = deciding.choose_date(services, visitor, invoice_id, day, other_year=other_year)
    return await back_to_invoice(request, visitor, services, invoice_id, choosing, "decided")


@router.post("/use-bill")
async def use_bill(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, key: Key
) -> Response:
    linking = deciding.use_bill(services, visitor, invoice_id, key)
    return await back_to_invoice(request, visitor, services, invoice_id, linking, "linked")


@router.post("/unlink")
async def unlink(invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow) -> Response:
    unlinking = deciding.unlink(services, visitor, invoice_id)
    return await back_to_invoice(request, visitor, services, invoice_id, unlinking, "unlinked")


@router.post("/post-as-new")
async def post_as_new(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    keys: Annotated[list[str] | None, Form(alias="key")] = None,
) -> Response:
    saying = deciding.post_as_new(services, visitor, invoice_id, [one[:128] for one in keys or []])
    return await back_to_invoice(request, visitor, services, invoice_id, saying, "decided")


@router.post("/dont-post")
async def dont_post(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    why: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    saying = deciding.dont_post(services, visitor, invoice_id, why)
    return await back_to_invoice(request, visitor, services, invoice_id, saying, "dont_post")


@router.post("/post-after-all")
async def post_after_all(invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow) -> Response:
    saying = deciding.post_after_all(services, visitor, invoice_id)
    return await back_to_invoice(request, visitor, services, invoice_id, saying, "after_all")


@router.post("/create-vendor")
async def create_vendor(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    connection_id: Annotated[UUID, Form()],
    procore_id: Annotated[str, Form(max_length=64)],
    name: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    creating = creating_vendor.create_vendor(services, visitor, connection_id, procore_id, name)
    return await back_to_invoice(request, visitor, services, invoice_id, creating, "creating")
