"""Procore's OAuth: who may sign in, how tokens are written, and the page on which a person chooses who they are.

Source: documentation/oauth/*.md; a refresh attempt burns its token (additional_resources/faq.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from simulators.oauth import Decision, OAuthError, OAuthPolicy
from simulators.oauth_store import Grant, Token
from simulators.procore.errors import unauthorized
from simulators.procore.templates import page
from simulators.procore.wire import encoded

if TYPE_CHECKING:
    from simulators.procore.simulator import ProcoreSimulator

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
LOCALHOST = "http://localhost"
_DESCRIPTIONS = {
    "invalid_client": "Client authentication failed due to unknown client, no client authentication included, "
    "or unsupported authentication method.",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
}


class ProcorePolicy(OAuthPolicy):
    """Id and secret travel in the body; refresh tokens have no end but work once; 90 minutes per access token."""

    access_seconds = 5400
    client_auth_methods = ("client_secret_post",)

    def __init__(self, canary: str) -> None:
        self.canary = canary

    def accepts_refresh(self, token: Token, now: float) -> bool:
        """True once. Asking is what burns it, whatever becomes of the answer."""
        usable = token.alive(now)
        if usable:
            token.replaced_at = now
        return usable

    def token_body(self, body: dict[str, Any], grant: Grant, headers: Headers, now: float) -> dict[str, Any]:
        written = {
            "access_token": body["access_token"],
            "token_type": "bearer",
            "expires_in": body["expires_in"],
            "created_at": int(now),
        }
        if "refresh_token" in body:
            written["refresh_token"] = body["refresh_token"]
        return written

    def error(self, status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Doorkeeper's style: 401 for a client it does not know, else 400."""
        word = body.get("error", "invalid_request")
        said = body.get("error_description")
        if word == "invalid_grant" and not said:
            said = "The refresh token is invalid"
        said = _DESCRIPTIONS.get(word, said)
        return 401 if word == "invalid_client" else 400, {"error": word, "error_description": said}

    def revoked_body(self) -> str:
        """Nothing, for a known and an unknown token alike."""
        return ""


async def authorize(simulator: ProcoreSimulator, request: Request) -> Response:
    """GET shows the people to sign in as; POST with `user_id`, or `decision=deny`, sends the browser back."""
    try:
        grant = await simulator.oauth.consent(request)
    except OAuthError as error:
        return simulator.oauth.error_response(error)
    if request.method == "GET":
        return page(
            "authorize.html",
            users=[_persona(simulator, user) for user in simulator.records.users.values()],
            action=f"/oauth/authorize?{request.url.query}",
            app=grant.client.client_id,
        )
    form = await request.form()
    if form.get("decision") == "deny":
        return simulator.oauth.decide(grant, None)
    user_id = str(form.get("user_id", ""))
    if not user_id.isdigit() or int(user_id) not in simulator.records.users:
        return Response("There is no such user.", 422)
    answer = simulator.oauth.decide(grant, Decision(user_id))
    if grant.redirect_uri == OUT_OF_BAND or request.query_params.get("redirect_uri") == OUT_OF_BAND:
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        return page("code.html", code=code)
    return answer


def _persona(simulator: ProcoreSimulator, user: dict[str, Any]) -> dict[str, Any]:
    companies = simulator.records.companies
    return {
        "id": user["id"],
        "name": user["name"],
        "login": user["login"],
        "persona": user.get("persona") or "User",
        "companies": [
            companies[int(company_id)]["name"]
            for company_id in user.get("companies") or {}
            if int(company_id) in companies
        ],
    }


def token_info(simulator: ProcoreSimulator, request: Request) -> Response:
    """`GET /oauth/token/info` with the bearer header."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = simulator.oauth.store.access.get(value) if scheme.lower() == "bearer" else None
    now = simulator.clock.timestamp()
    if token is None or not token.alive(now):
        error = unauthorized("The access token is invalid")
        body = encoded(error.body(simulator.switches.error_shape))
        return Response(body, error.status, error.headers, "application/json")
    return Response(
        encoded(
            {
                "resource_owner_id": int(token.grant.subject),
                "scopes": [],
                "expires_in_seconds": int((token.expires_at or now) - now),
                "application": {"uid": token.grant.client_id},
                "created_at": int(token.issued_at),
            }
        ),
        media_type="application/json",
    )
