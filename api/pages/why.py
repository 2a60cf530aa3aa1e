"""*Why is this invoice not in QuickBooks?*: paste its Procore number, id or address; one sentence, who, the way on."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.access import Member, ServicesNow
from api.pages.rendering import page
from api.problems import Problem
from models.why import why_of

router = APIRouter(prefix="/why")


@router.get("")
async def why(
    request: Request,
    visitor: Member,
    services: ServicesNow,
    of: Annotated[str, Query(max_length=500)] = "",
    at: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """``at`` is a past moment in UTC, as a field for date and time sends it."""
    moment, problem = _moment(at)
    answers = None
    if of.strip() and problem is None:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            answers = await why_of(session, of, moment)
    status = problem.status if problem else 200
    return page(
        request, "why.html", visitor, status=status, of=of, at=at, moment=moment, answers=answers, problem=problem
    )


def _moment(at: str) -> tuple[datetime | None, Problem | None]:
    if not at:
        return None, None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None, Problem(422, "bad_moment", "That is no date and time. Choose one, or leave it empty for now.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), None
