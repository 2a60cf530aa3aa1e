"""The stream that open pages listen to, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.access import Member
from api.live import News

router = APIRouter()


@router.get("/live")
async def live(
    request: Request,
    visitor: Member,
    since: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> Response:
    """``since`` is what the page had seen when it was made; a browser that comes back names what it last heard."""
    news: News = request.app.state.news
    known = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else since

    async def told() -> AsyncIterator[ServerSentEvent]:
        async for number in news.of(visitor.company_id, visitor.actor, known):
            yield ServerSentEvent(event="news", data=str(number), id=str(number))

    return EventSourceResponse(told())
