"""Where Procore and Intuit call us. No session and no cookie.

Each of Procore's hooks shows the secret it was registered with; Intuit signs what it sends.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from api.access import ServicesNow
from api.called_hooks import Caller
from api.intents.receiving import Receiving
from api.intents.receiving_books import receive_news
from providers.quickbooks_online.webhooks import SIGNATURE_HEADER

router = APIRouter(tags=["webhooks"])


class ReceivedAnswer(BaseModel):
    """``accepted`` is False for an event that was handled before, or that is not of the hook's project or of any
    QuickBooks company connected here.
    """

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


@router.post("/webhooks/intuit")
async def receive_from_intuit(request: Request, services: ServicesNow) -> ReceivedAnswer:
    signature = request.headers.get(SIGNATURE_HEADER, "")
    return ReceivedAnswer(accepted=await receive_news(services, await request.body(), signature))
