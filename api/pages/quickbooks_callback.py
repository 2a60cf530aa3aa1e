"""Where Intuit sends the browser back to after its consent page."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.access import SESSION_COMPANY, ServicesNow, SignedIn, Visitor, confirmed_admin
from api.intents import connecting
from api.problems import Problem
from api.services import INTUIT_CALLBACK

router = APIRouter()


@router.get(INTUIT_CALLBACK)
async def quickbooks_callback(request: Request, user: SignedIn, services: ServicesNow) -> Response:
    params = dict(request.query_params)
    company, attempt_id = await connecting.attempt_of_callback(services, user, params)
    visitor = Visitor(user, company)
    try:
        visitor = await confirmed_admin(services, visitor)
    except Problem as problem:
        # Whoever lost the right meanwhile connects nothing; while Procore is silent the same answer may be sent again.
        if problem.status == 403:
            await connecting.refuse(services, visitor, attempt_id, problem.message)
        raise
    await connecting.take_callback(services, visitor, attempt_id, params)
    request.session[SESSION_COMPANY] = str(company.company_id)
    return RedirectResponse("/settings/accounting-integrations", 303)
