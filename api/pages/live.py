"""The stream that open pages listen to, as server-sent events."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from api.access import Member
from api.live import News

router = APIRouter()


@router.get("/live")
async def live(request: Request, visitor: Member) -> Response:
    news: News = request.app.state.news

    async def told() -> AsyncIterator[ServerSentEvent]:
        async for number in news.of(visitor.company_id, visitor.actor):
            yield ServerSentEvent(event="news", data=str(number), id=str(number))

    return EventSourceResponse(told())
