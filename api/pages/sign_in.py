"""Signing in with Procore, signing out, and choosing the company to work in."""

import hmac
import secrets
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api import people
from api.access import SESSION_COMPANY, SESSION_EPOCH, SESSION_USER, ServicesNow, SignedIn
from api.intents.signing_in import sign_in
from api.problems import Problem, not_found
from api.user_tokens import forget

router = APIRouter()

SIGN_IN_STATE = "sign_in_state"
NEXT = "next"
SUPPORT_PAGE = "/support"


def own_path(path: str | None) -> str:
    """A path of ours to return to; anything that could lead elsewhere becomes the home page."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\n" in path or "\r" in path:
        return "/"
    return path


@router.get("/sign-in")
async def begin(request: Request, services: ServicesNow, next: str | None = None) -> Response:
    state = secrets.token_urlsafe(32)
    request.session[SIGN_IN_STATE] = state
    request.session[NEXT] = own_path(next)
    return RedirectResponse(services.procore_oauth.authorize_url(state), 303)


@router.get("/sign-in/callback")
async def callback(
    request: Request, services: ServicesNow, state: str = "", code: str = "", error: str = ""
) -> Response:
    expected = str(request.session.pop(SIGN_IN_STATE, ""))
    back_to = own_path(request.session.pop(NEXT, "/"))
    if not expected or not hmac.compare_digest(state.encode(), expected.encode()):
        raise Problem(400, "sign_in_state", "This sign-in was not started here or is too old. Start again.")
    if error:
        raise Problem(403, "sign_in_refused", "You did not let inBuild Sync sign you in. Start again when you want to.")
    if not code:
        raise Problem(400, "sign_in_code", "Procore's answer carried no sign-in. Start again.")
    signed_in = await sign_in(services, code)
    # A new session for the new person: nothing of an earlier one stays.
    request.session.clear()
    request.session[SESSION_USER] = str(signed_in.user_id)
    request.session[SESSION_EPOCH] = signed_in.session_epoch
    if signed_in.company_id is not None:
        request.session[SESSION_COMPANY] = str(signed_in.company_id)
    elif back_to == "/" and signed_in.is_support:
        # Support works in no company: the home page would have nothing to show.
        back_to = SUPPORT_PAGE
    return RedirectResponse(back_to, 303)


@router.post("/sign-out")
async def sign_out(request: Request, services: ServicesNow) -> Response:
    user_id, epoch = request.session.get(SESSION_USER), request.session.get(SESSION_EPOCH, 0)
    request.session.clear()
    if user_id and await people.end_sessions(services, UUID(user_id), epoch):
        await forget(services, UUID(user_id))
    return RedirectResponse("/", 303)


@router.post("/companies/{company_id}/choose")
async def choose_company(company_id: UUID, request: Request, user: SignedIn) -> Response:
    if not any(company.company_id == company_id for company in user.companies):
        raise not_found("company")
    request.session[SESSION_COMPANY] = str(company_id)
    return RedirectResponse("/", 303)
