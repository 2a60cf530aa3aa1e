"""A connection's Retainage tab: the roll-forward of every commitment, and opening balances that an admin confirms."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents.retainage import Opening, confirm_openings
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.forms import typed_fields
from api.pages.rendering import page, query
from api.problems import Problem
from api.services import Services
from models.retainage import commitments_of, retainage_of_connection

router = APIRouter(prefix=ROOT)
BELOW = "/retainage"
SHOWN = 50


@router.get("/{connection_id}" + BELOW)
async def retainage(
    connection_id: UUID,
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    done: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    said = "Opening balances kept. Releases that waited for them go on by themselves." if done == "confirmed" else None
    return await _page(request, visitor, services, connection_id, done=said, number=number)


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    *,
    number: int = 1,
    done: str | None = None,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, BELOW)
        known = await commitments_of(session, connection_id)
        number = min(number, max(1, -(-len(known) // SHOWN)))
        rows = await retainage_of_connection(session, connection_id, known[(number - 1) * SHOWN : number * SHOWN])
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
        number=number,
        total=len(known),
        pages=max(1, -(-len(known) // SHOWN)),
        typed=typed or {},
    )


@router.post("/{connection_id}" + BELOW)
async def confirm(connection_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    typed = await typed_fields(request)
    number = int(text) if (text := typed.get("page", "1")[:6]).isdecimal() and int(text) else 1
    try:
        await confirm_openings(services, visitor, connection_id, list(_openings(typed)))
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _page(request, visitor, services, connection_id, number=number, problem=problem, typed=typed)
    return RedirectResponse(f"{ROOT}/{connection_id}{BELOW}?{query(done='confirmed', page=number)}", 303)


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
