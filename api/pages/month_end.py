"""Month end: *Approved, not in QuickBooks as of [date]*, by project and account, and as CSV for the accrual entry."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.access import Accountant, ServicesNow
from api.pages.rendering import page
from api.problems import Problem
from models.month_end import month_end_list

router = APIRouter(prefix="/month-end")
SHOWN = 50


@router.get("")
async def month_end(
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    as_of: Annotated[str, Query(max_length=10)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """Without a day, the last day of the month before this one."""
    today = services.clock.now().date()
    last = today.replace(day=1) - timedelta(days=1)
    problem = None
    try:
        day = date.fromisoformat(as_of) if as_of else last
    except ValueError:
        day, problem = last, Problem(422, "bad_day", "That is no date. Choose the day the books are closed for.")
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        listed = await month_end_list(session, day, limit=SHOWN, offset=(number - 1) * SHOWN)
        pages = max(1, -(-listed.count // SHOWN))
        if number > pages:
            # An address kept from a longer list.
            number = pages
            listed = await month_end_list(session, day, limit=SHOWN, offset=(number - 1) * SHOWN)
    return page(
        request,
        "month_end.html",
        visitor,
        status=problem.status if problem else 200,
        listed=listed,
        day=day,
        number=number,
        pages=pages,
        problem=problem,
    )
