"""Where the QuickBooks Web Connector calls us: SOAP in, SOAP out. Plain GETs answer anybody, as it demands.

Intuit: QuickBooks Web Connector Programmer's Guide, QBWC1003 and QBWC1048: the address and the support page must
answer a GET without any sign-in.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from api.access import ServicesNow
from api.intents.company_files import SERVICE_PATH, SUPPORT_PATH
from api.pages.rendering import page
from api.web_connector.conversation import Conversation
from providers.quickbooks_desktop.soap import CONTENT_TYPES, SOAP_11, NoCall, read_call, write_answer, write_fault
from providers.quickbooks_desktop.wsdl import wsdl

router = APIRouter(tags=["web connector"], include_in_schema=False)


@router.post(SERVICE_PATH)
async def call(request: Request, services: ServicesNow) -> Response:
    """One call of the Web Connector. What is no call gets a fault; what is one always gets its documented answer."""
    try:
        called = read_call(await request.body())
    except NoCall as reason:
        return Response(write_fault(str(reason), is_ours=False), 400, media_type=CONTENT_TYPES[SOAP_11])
    address = request.client.host if request.client else ""
    conversation = Conversation(services, request.app.state.sign_in_throttle, address)
    answered = await conversation.answer(called)
    return Response(write_answer(called, answered), media_type=CONTENT_TYPES[called.envelope])


@router.get(SERVICE_PATH)
async def described(request: Request, services: ServicesNow) -> Response:
    if "wsdl" in {name.lower() for name in request.query_params}:
        return Response(wsdl(services.settings.public_base_url + SERVICE_PATH), media_type="text/xml")
    return PlainTextResponse("inBuild Sync answers the QuickBooks Web Connector here.")


@router.get(SUPPORT_PATH)
async def support(request: Request) -> Response:
    return page(request, "web_connector_support.html")
