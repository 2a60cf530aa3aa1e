"""Where Procore calls us. No session and no cookie: each hook shows the secret it was registered with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from api.called_hooks import Caller
from api.intents.receiving import Receiving

router = APIRouter(tags=["webhooks"])


class ReceivedAnswer(BaseModel):
    """``accepted`` is False for an event that was handled before, or that is not of the hook's project."""

    accepted: bool


def receiving_of(request: Request) -> Receiving:
    receiving: Receiving = request.app.state.receiving
    return receiving


@router.post("/webhooks/procore/{address}")
async def receive(
    address: str, request: Request, receiving: Annotated[Receiving, Depends(receiving_of)]
) -> ReceivedAnswer:
    caller = Caller(address, request.headers.get("authorization", ""))
    return ReceivedAnswer(accepted=await receiving.receive(caller, await request.body()))


@router.head("/webhooks/procore/{address}")
async def probe(address: str) -> Response:
    """Procore has been seen to probe an address before it calls; the answer tells nothing about the address."""
    return Response(status_code=204)
