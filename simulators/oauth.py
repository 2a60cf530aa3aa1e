"""Authlib's OAuth 2.0 server side, fitted to Starlette, for simulators that keep their tokens in memory.

Authlib checks clients, redirect URIs, codes, refresh tokens and grant types (`authlib.oauth2.rfc6749`) and
revokes (`rfc7009`). What a provider does its own way goes into an `OAuthPolicy`: life times, what a refresh
does to the old refresh token, the shape of errors and of the token answer.
"""

from __future__ import annotations

import json
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749 import OAuth2Error as OAuthError
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from starlette.requests import Request
from starlette.responses import Response

from simulators.clock import SimulatorClock
from simulators.oauth_grants import ClientCredentials, CodeGrant, RefreshGrant, Revocation
from simulators.oauth_policy import Decision, OAuthPolicy
from simulators.oauth_request import ReadRequest, read_form
from simulators.oauth_store import AuthorizationCode, Grant, OAuthClient, OAuthStore, Token

__all__ = ["Decision", "OAuthClient", "OAuthError", "OAuthPolicy", "OAuthServer", "OAuthStore"]


class OAuthServer(AuthorizationServer):  # type: ignore[misc]
    """One provider's authorization server. Authlib is synchronous; nothing here waits but the body."""

    def __init__(self, store: OAuthStore, policy: OAuthPolicy, clock: SimulatorClock) -> None:
        super().__init__()
        self.store = store
        self.policy = policy
        self.clock = clock
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                lambda **_: policy.new_value("at"),
                lambda **_: policy.new_value("rt"),
                lambda client, grant_type: policy.access_seconds,
            ),
        )
        for grant in (CodeGrant, RefreshGrant, ClientCredentials):
            self.register_grant(grant)
        self.register_endpoint(Revocation)

    async def token(self, request: Request) -> Response:
        """Answer the token endpoint."""
        return await self._answer(request, self.create_token_response)

    async def revoke(self, request: Request) -> Response:
        """Answer the revocation endpoint."""
        return await self._answer(request, lambda asked: self.create_endpoint_response("revocation", asked))

    async def _answer(self, request: Request, answer: Any) -> Response:
        try:
            form = await read_form(request)
        except OAuthError as error:
            return self.error_response(error)
        try:
            response: Response = answer(ReadRequest(request, form))
        except UnicodeDecodeError:  # Authlib does not guard Basic credentials that are not UTF-8
            response = self.handle_response(*InvalidClientError(status_code=401)())
        return response

    async def consent(self, request: Request) -> Any:
        """Authlib's grant of a valid authorize request (`.client`, `.redirect_uri`, `.request`).

        Raises OAuthError; `error_response` turns it into what the browser gets.
        """
        try:
            return self.get_consent_grant(ReadRequest(request, await read_form(request)))
        except ValueError:  # Authlib refuses to quote a redirect URI with odd characters
            raise InvalidRequestError("The redirect URI is not supported by client.") from None

    def error_response(self, error: OAuthError) -> Response:
        """A redirect when the error may travel to the app, else a plain answer."""
        return self.handle_response(*error())

    def decide(self, grant: Any, decision: Decision | None) -> Response:
        """Send the browser back: with a code for a `Decision`, with error=access_denied for None."""
        return self.create_authorization_response(grant.request, grant_user=decision, grant=grant)  # type: ignore[no-any-return]

    def grant_of(self, access_token: str) -> Grant | None:
        """The consent behind a live access token, else None."""
        token = self.store.access.get(access_token)
        return token.grant if token is not None and token.alive(self.clock.timestamp()) else None

    # What Authlib asks of a framework integration follows.

    def query_client(self, client_id: str) -> OAuthClient | None:
        """The registered app of that id."""
        return self.store.clients.get(client_id)

    def create_oauth2_request(self, request: ReadRequest) -> ReadRequest:
        """Requests reach Authlib already wrapped."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to Authlib's signals here."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        """Authlib's answer as a Starlette one; errors pass through the policy."""
        if isinstance(body, dict):
            if status >= 400:
                status, body = self.policy.error(status, body)
            body = json.dumps(body)
        return Response(body, status_code=status, headers=dict(headers))

    def save_token(self, token: dict[str, Any], request: ReadRequest) -> None:
        """Keep what was issued; a refresh token given again only lives on longer."""
        now = self.clock.timestamp()
        grant = self._grant_for(request, now)
        access = Token(token["access_token"], grant, now, now + token["expires_in"])
        self.store.access[access.value] = access
        value = token.get("refresh_token")
        if value is None:
            return
        seconds = self.policy.refresh_seconds(grant, now)
        ends = None if seconds is None else now + seconds
        if value in self.store.refresh:
            self.store.refresh[value].expires_at = ends
            return
        if grant.refresh_token is not None:
            grant.refresh_token.replaced_at = now
        grant.refresh_token = self.store.refresh[value] = Token(value, grant, now, ends)

    def _grant_for(self, request: ReadRequest, now: float) -> Grant:
        if request.refresh_token is not None:
            grant: Grant = request.refresh_token.grant
            return grant
        client: OAuthClient = request.client
        code: AuthorizationCode | None = request.authorization_code
        if code is not None:
            grant = Grant(client.client_id, code.subject, code.tenant, code.scope, now)
        else:
            grant = Grant(client.client_id, client.service_user or "", None, "", now)
        self.store.grants.append(grant)
        return grant
