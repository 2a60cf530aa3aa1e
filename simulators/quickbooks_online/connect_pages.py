"""Intuit's side of connecting: the consent page, token, revocation and discovery endpoints (reference 1)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from simulators.oauth import Decision, OAuthError
from simulators.oauth_request import read_form
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.templates import render

AUTHORIZE = "/connect/oauth2"
TOKEN = "/oauth2/v1/tokens/bearer"
REVOKE = "/v2/oauth2/tokens/revoke"


def connect_routes(simulation: Simulation) -> list[Route]:
    """The OAuth endpoints under the paths that Intuit's hosts have."""

    async def authorize(request: Request) -> Response:
        _label(request, "authorize")
        try:
            grant = await simulation.oauth.consent(request)
        except OAuthError as error:
            if error.redirect_uri:
                return simulation.oauth.error_response(error)
            return render("error.html", 400, title="This app cannot be connected", reason=_reason(error))
        problem = None
        if request.method == "POST":
            form = dict(await read_form(request))
            if form.get("decision") != "connect":
                return _see_other(simulation.oauth.decide(grant, None))
            realm_id, user = form.get("realm_id", ""), form.get("user", "")
            books = simulation.companies.get(realm_id)
            if books is None:
                problem = "Choose the company to connect."
            elif user and user not in books.users:
                problem = f"{user} is not an administrator of {books.name}."
            else:
                decision = Decision(user or books.users[0], realm_id, {"realmId": realm_id})
                return _see_other(simulation.oauth.decide(grant, decision))
        users = sorted({user for books in simulation.companies.values() for user in books.users})
        return render(
            "consent.html",
            400 if problem else 200,
            app_name=grant.client.shown_name,
            companies=list(simulation.companies.values()),
            users=users,
            problem=problem,
            query=str(request.url.query),
        )

    async def token(request: Request) -> Response:
        rotations, refreshes = simulation.policy.rotations, simulation.policy.refreshes
        answer = await simulation.oauth.token(request)
        if simulation.policy.rotations > rotations:
            _label(request, "refresh rotated")
        elif simulation.policy.refreshes > refreshes:
            _label(request, "refresh")
        else:
            _label(request, "token")
        return _traced(answer)

    async def revoke(request: Request) -> Response:
        _label(request, "revoke")
        return _traced(await simulation.oauth.revoke(request))

    async def discovery(request: Request) -> Response:
        base = simulation.public_url or str(request.base_url).rstrip("/")
        content: dict[str, Any] = {
            "issuer": f"{base}/op/v1",
            "authorization_endpoint": base + AUTHORIZE,
            "token_endpoint": base + TOKEN,
            "revocation_endpoint": base + REVOKE,
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "email", "profile", "address", "phone"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
        return JSONResponse(content)

    return [
        Route(AUTHORIZE, authorize, methods=["GET", "POST"]),
        Route(TOKEN, token, methods=["POST"]),
        Route(REVOKE, revoke, methods=["POST"]),
        Route("/.well-known/openid_configuration", discovery, methods=["GET"]),
        Route("/.well-known/openid_sandbox_configuration", discovery, methods=["GET"]),
    ]


def _see_other(redirect: Response) -> Response:
    """After a form, the browser must come back with GET."""
    return RedirectResponse(redirect.headers["location"], status_code=302)


def _reason(error: OAuthError) -> str:
    return str(error.description or error.error)


def _traced(answer: Response) -> Response:
    answer.headers["intuit_tid"] = "1-oauth-" + format(id(answer), "x")
    return answer


def _label(request: Request, text: str) -> None:
    exchange = getattr(request.state, "exchange", None)
    if exchange is not None:
        exchange.label = text
