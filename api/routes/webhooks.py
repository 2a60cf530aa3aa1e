"""Where Procore calls us. No session and no cookie: each hook shows the secret it was registered with."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.access import ServicesNow
from api.called_hooks import Caller
from api.intents.receiving import receive_procore_event

router = APIRouter(tags=["webhooks"])


class ReceivedAnswer(BaseModel):
    """``accepted`` is False for an event that was handled before, or that is not of the hook's project."""

    accepted: bool


@router.post("/webhooks/procore/{address}")
async def receive(address: str, request: Request, services: ServicesNow) -> ReceivedAnswer:
    caller = Caller(address, request.headers.get("authorization", ""))
    return ReceivedAnswer(accepted=await receive_procore_event(services, caller, await request.body()))


@router.head("/webhooks/procore/{address}")
async def probe(address: str) -> Response:
    """Procore has been seen to probe an address before it calls; the answer tells nothing about the address."""
    return Response(status_code=204)
