"""A connection's Retainage tab: the roll-forward of every commitment, and opening balances that an admin confirms."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents.retainage import Opening, confirm_openings
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.forms import typed_fields
from api.pages.rendering import page
from api.problems import Problem
from api.services import Services
from models.retainage import retainage_of_connection

router = APIRouter(prefix=ROOT)
BELOW = "/retainage"


@router.get("/{connection_id}" + BELOW)
async def retainage(
    connection_id: UUID, request: Request, visitor: ReadingAdmin, services: ServicesNow, done: str = ""
) -> Response:
    said = "Opening balances kept. Releases that waited for them go on by themselves." if done == "confirmed" else None
    return await _page(request, visitor, services, connection_id, done=said)


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    *,
    done: str | None = None,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, BELOW)
        rows = await retainage_of_connection(session, connection_id)
    return page(
        request,
        "retainage.html",
        visitor,
        status=problem.status if problem else 200,
        done=done,
        problem=problem,
        **frame,
        here=f"{frame['path']}{BELOW}",
        rows=rows,
        typed=typed or {},
    )


@router.post("/{connection_id}" + BELOW)
async def confirm(connection_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    typed = await typed_fields(request)
    try:
        await confirm_openings(services, visitor, connection_id, list(_openings(typed)))
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _page(request, visitor, services, connection_id, problem=problem, typed=typed)
    return RedirectResponse(f"{ROOT}/{connection_id}{BELOW}?done=confirmed", 303)


def _openings(typed: dict[str, str]) -> Iterator[Opening]:
    """The amounts that were changed; beside each its form carries what stood there when it was shown."""
    for name, text in typed.items():
        if name.startswith("opening.") and text.strip():
            commitment_id = name.removeprefix("opening.")
            shown = typed.get(f"was.{commitment_id}", "")
            if text != shown:
                yield Opening(commitment_id, _amount(text), _amount(shown) if shown else None)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.strip().replace(",", "").removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 16:
        raise Problem(422, "bad_amount", f"“{text[:40]}” is no amount. Type one such as 1204.18.")
    return amount
