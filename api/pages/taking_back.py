"""Taking bills back: the question before it, how it goes, and *Post again*. Company admins only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from api.access import Accountant, ChangingAdmin, Member, ServicesNow, Visitor
from api.intents import posting_again, taking_back
from api.intents.taking_back import MOST_AT_ONCE, dialog_sentence
from api.pages.invoice import show_invoice
from api.pages.list_address import ListAddress
from api.pages.rendering import page
from api.problems import Problem
from api.services import Services
from models.tables import TakeBackState, TakeBackWay

router = APIRouter()

WORDS = {
    TakeBackState.WAITING: ("Waiting for QuickBooks", "info"),
    TakeBackState.DONE: ("Taken back", "success"),
    TakeBackState.REFUSED: ("Stays in QuickBooks", "warning"),
}


@router.get("/invoices/{invoice_id}/take-back")
async def ask_about_one(
    invoice_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    way: TakeBackWay = TakeBackWay.REMOVE,
) -> Response:
    return await _question(request, visitor, services, [invoice_id], way, cancel=f"/invoices/{invoice_id}")


@router.post("/invoices/take-back")
async def ask_about_many(
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    invoice: Annotated[list[UUID] | None, Form(max_length=MOST_AT_ONCE)] = None,
    back_to: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    # Only what the list itself could have said is taken from the form.
    back = ListAddress.read(QueryParams(back_to.partition("?")[2])).here
    return await _question(request, visitor, services, invoice or [], TakeBackWay.REMOVE, cancel=back)


async def _question(
    request: Request,
    visitor: Visitor,
    services: Services,
    invoice_ids: list[UUID],
    way: TakeBackWay,
    *,
    cancel: str,
    problem: Problem | None = None,
) -> Response:
    choice = await taking_back.choice_of(services, visitor, invoice_ids)
    return page(
        request,
        "take_back.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        choice=choice,
        way=way,
        cancel=cancel,
        sentence=dialog_sentence(choice, way) if choice.bills else None,
    )


@router.post("/takings-back")
async def take_back(
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    invoice: Annotated[list[UUID], Form(max_length=MOST_AT_ONCE)],
    way: Annotated[TakeBackWay, Form()],
) -> Response:
    try:
        asked = await taking_back.ask(services, visitor, invoice, way)
    except Problem as problem:
        return await _question(request, visitor, services, invoice, way, cancel="/invoices", problem=problem)
    return RedirectResponse(f"/takings-back/{asked.id}", 303)


@router.get("/takings-back/{taking_back_id}")
async def progress(taking_back_id: UUID, request: Request, visitor: Member, services: ServicesNow) -> Response:
    shown = await taking_back.show(services, visitor, taking_back_id)
    return page(
        request,
        "taking_back.html",
        visitor,
        shown=shown,
        waiting=len(shown.of(TakeBackState.WAITING)),
        done=len(shown.of(TakeBackState.DONE)),
        refused=len(shown.of(TakeBackState.REFUSED)),
        words=WORDS,
    )


@router.post("/invoices/{invoice_id}/post-again")
async def post_again(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    shown: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    try:
        await posting_again.post_again(services, visitor, invoice_id, shown)
    except Problem as problem:
        if problem.status != 409:
            raise
        return await show_invoice(request, visitor, services, invoice_id, problem=problem)
    return RedirectResponse(f"/invoices/{invoice_id}?done=again", 303)
