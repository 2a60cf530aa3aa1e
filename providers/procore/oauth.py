"""Procore's OAuth 2.0 endpoints: Authlib composes the calls, our HTTP client carries them.

Procore: documentation/oauth/oauth_auth_grant_flow.md, oauth_client_credentials.md, oauth_endpoints.md.
There are no scopes; client id and secret travel in the body. A refresh token is single-use: any attempt
burns it, also one whose answer is lost, so none of these calls is ever repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from authlib.oauth2 import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7009 import prepare_revoke_token_request
from pydantic import ValidationError

from foundation.clock import Clock
from providers.procore.answers import Answer, error_of, send
from providers.procore.error_bodies import read_error_body
from providers.procore.errors import (
    ProcoreClientRefused,
    ProcoreError,
    ProcoreGrantRefused,
    ProcoreRejected,
    ProcoreUnreadable,
)
from providers.procore.wire import Text, WireModel, read_json, reason_of

# Seconds an access token lives, where an answer does not say (Procore: documentation/oauth/).
_DOCUMENTED_LIFETIME = 5400

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class ProcoreTokens:
    """Tokens of one answer; both are kept out of `repr`.

    `expires_at` is UTC by our own clock. `refresh_token` is None for client credentials.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProcoreApp:
    """Our registration with Procore: one pair per environment. `redirect_uri` equals the registered one
    exactly.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


class _TokenAnswer(WireModel):
    access_token: Text
    token_type: Text
    expires_in: int = _DOCUMENTED_LIFETIME
    refresh_token: Text | None = None


class ProcoreOAuth:
    """The login side of one Procore environment.

    All calls raise ProcoreUnavailable, ProcoreRateLimited or ProcoreUnreadable where no clear answer
    came; then a code or refresh token must be taken as burnt. ProcoreClientRefused: our id or secret is
    wrong.
    """

    def __init__(self, login_base_url: str, http: httpx.AsyncClient, app: ProcoreApp, clock: Clock) -> None:
        self._base = login_base_url.rstrip("/")
        self._http = http
        self._app = app
        self._clock = clock
        self._client_auth = ClientAuth(app.client_id, app.client_secret, "client_secret_post")

    def authorize_url(self, state: str) -> str:
        """Where to send the browser; Procore returns it to the redirect address with `code` and this
        `state`.
        """
        url: str = prepare_grant_uri(
            f"{self._base}/oauth/authorize",
            client_id=self._app.client_id,
            response_type="code",
            redirect_uri=self._app.redirect_uri,
            state=state,
        )
        return url

    async def exchange_code(self, code: str) -> ProcoreTokens:
        """Trades a code (single-use, 10 minutes) for tokens. Raises ProcoreGrantRefused for any other
        code.
        """
        body = prepare_token_request("authorization_code", redirect_uri=self._app.redirect_uri, code=code)
        return await self._tokens(body, hide=(code,))

    async def refresh(self, refresh_token: str) -> ProcoreTokens:
        """Trades a refresh token for a new pair. Raises ProcoreGrantRefused if it was used or revoked
        before.
        """
        body = prepare_token_request("refresh_token", refresh_token=refresh_token)
        return await self._tokens(body, hide=(refresh_token,))

    async def client_credentials(self) -> ProcoreTokens:
        """An access token of our service account, for every company that installed the app."""
        return await self._tokens(prepare_token_request("client_credentials"), hide=())

    async def revoke(self, token: str) -> None:
        """Ends an access or refresh token and its sibling. Procore answers alike for a token it does not
        know.
        """
        body, _ = prepare_revoke_token_request(token)
        answer = await self._post("/oauth/revoke", body)
        if answer.status != httpx.codes.OK:
            raise self._refusal(answer, hide=(token,))

    async def _tokens(self, body: str, hide: tuple[str, ...]) -> ProcoreTokens:
        asked_at = self._clock.now()
        answer = await self._post("/oauth/token", body)
        if answer.status != httpx.codes.OK:
            raise self._refusal(answer, hide)
        try:
            value = read_json(answer.text)
        except ValueError:
            raise self._unreadable(answer, "the token answer is not JSON") from None
        if isinstance(value, dict) and "error" in value:
            raise self._refusal(answer, hide)
        try:
            tokens = _TokenAnswer.model_validate(value)
        except ValidationError as error:
            raise self._unreadable(answer, f"the token answer is incomplete ({reason_of(error)})") from None
        if not tokens.access_token or tokens.token_type.lower() != "bearer" or tokens.expires_in <= 0:
            raise self._unreadable(answer, "the token answer holds no usable bearer token")
        return ProcoreTokens(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or None,
            expires_at=asked_at + timedelta(seconds=tokens.expires_in),
        )

    async def _post(self, path: str, body: str) -> Answer:
        url, headers, signed = self._client_auth.prepare("POST", self._base + path, dict(_FORM), body)
        request = self._http.build_request("POST", url, headers=headers, content=signed.encode("ascii"))
        return await send(self._http, request, call=f"POST {path}")

    def _refusal(self, answer: Answer, hide: tuple[str, ...]) -> ProcoreError:
        """The error's text comes from outside: our secrets are struck out, should it repeat them."""
        body = read_error_body(answer.text)
        reason = body.message
        for secret in (*hide, self._app.client_secret):
            reason = reason.replace(secret, "[hidden]") if secret else reason
        kind: type[ProcoreError]
        match body.code:
            case _ if body.is_html:
                return error_of(answer)
            case "invalid_client" | "unauthorized_client":
                kind = ProcoreClientRefused
            case "invalid_grant" | "access_denied":
                kind = ProcoreGrantRefused
            case _ if answer.status == httpx.codes.UNAUTHORIZED:
                # Procore documents texts, not codes, for burnt tokens; without a grant only the client is
                # left.
                kind = ProcoreGrantRefused if hide else ProcoreClientRefused
            case _ if answer.status == httpx.codes.OK:
                kind = ProcoreRejected
            case _:
                return error_of(answer, hide=(*hide, self._app.client_secret))
        return kind(reason, call=answer.call, status=answer.status, code=body.code, request_id=answer.request_id)

    def _unreadable(self, answer: Answer, reason: str) -> ProcoreUnreadable:
        return ProcoreUnreadable(reason, call=answer.call, status=answer.status, request_id=answer.request_id)
