"""Intuit's OAuth 2.0: the authorisation URL, its callback, and the calls for tokens.

Authlib writes URL, bodies and client authentication; the answers are read here, because its own client stores
error bodies as tokens, asks for client credentials when consent is refused and sends the scope on refresh.
Intuit: authentication-and-authorization/oauth-2.0; the sources of its SDKs for the endpoints.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request

from foundation.clock import Clock
from providers.quickbooks_online import errors
from providers.quickbooks_online.faults import trace_id
from providers.quickbooks_online.sending import send
from providers.quickbooks_online.token_pair import NoTokens, TokenPair, read_token_pair
from providers.quickbooks_online.wire import UnreadableJson, read_json, write_json

ACCOUNTING_SCOPE = "com.intuit.quickbooks.accounting"
"""All of the Accounting API, reading and writing: Intuit has no narrower one."""

# A realm id has 16 digits or so; no number of Intuit's is as long as this.
LONGEST_REALM_ID = 64
# Seconds for a whole token call. The lease that guards a refresh outlives it.
TOKEN_CALL_SECONDS = 10.0
_TIME_LIMITS = httpx.Timeout(connect=5.0, read=TOKEN_CALL_SECONDS, write=5.0, pool=5.0)

# Asks Intuit to tell the end of the refresh token that no refresh moves; off unless asked for.
_HARD_EXPIRY = {"x-include-refresh-token-hard-expires-in": "true"}

_ERROR_BY_WORD: dict[str, type[errors.QuickBooksOnlineError]] = {
    "invalid_grant": errors.GrantRefused,
    "invalid_client": errors.ClientMisconfigured,
    "unauthorized_client": errors.ClientMisconfigured,
    "temporarily_unavailable": errors.Postponed,
}


@dataclass(frozen=True)
class IntuitEndpoints:
    """The same for sandbox and production."""

    authorize: str = "https://appcenter.intuit.com/connect/oauth2"
    token: str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    revoke: str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"


@dataclass(frozen=True)
class Authorization:
    """What a good callback brings. The realm id comes here and nowhere else."""

    code: str = field(repr=False)
    realm_id: str


def read_callback(params: Mapping[str, str], expected_state: str) -> Authorization:
    """The code and realm id of a callback's query parameters.

    Raises CallbackInvalid for a missing or foreign state, a missing code or a realm id that is not digits, or more of
    them than any has, and
    ConsentRefused where Intuit sent an `error` with our state (`access_denied`: the person said no).
    """
    state = params.get("state", "")
    if not state or not hmac.compare_digest(state.encode(), expected_state.encode()):
        raise errors.CallbackInvalid("the answer from Intuit does not belong to this attempt to connect")
    if "error" in params:
        raise errors.ConsentRefused(
            "access to QuickBooks was not granted",
            code=params["error"],
            detail=params.get("error_description", ""),
        )
    code, realm_id = params.get("code", ""), params.get("realmId", "")
    if not code:
        raise errors.CallbackInvalid("the answer from Intuit holds no authorisation code")
    if not (realm_id.isascii() and realm_id.isdigit() and len(realm_id) <= LONGEST_REALM_ID):
        raise errors.CallbackInvalid("the answer from Intuit names no QuickBooks company")
    return Authorization(code=code, realm_id=realm_id)


class IntuitOAuth:
    """Our app's side of the authorisation. One instance serves all connections; nothing is stored here."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Clock,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        endpoints: IntuitEndpoints | None = None,
    ) -> None:
        self._http = http
        self._clock = clock
        self._client_id = client_id
        self._redirect_uri = redirect_uri
        self._endpoints = endpoints or IntuitEndpoints()
        self._client_auth = ClientAuth(client_id, client_secret, "client_secret_basic")

    def authorize_url(self, state: str) -> str:
        """Where to send the browser of an admin of the QuickBooks company."""
        return str(
            prepare_grant_uri(
                self._endpoints.authorize,
                client_id=self._client_id,
                response_type="code",
                redirect_uri=self._redirect_uri,
                scope=ACCOUNTING_SCOPE,
                state=state,
            )
        )

    async def exchange(self, code: str) -> TokenPair:
        """The tokens for an authorisation code, which is good once.

        OutcomeUnclear: the code may be used up; start again. GrantRefused: it was wrong, used or too old.
        """
        body = prepare_token_request("authorization_code", "", redirect_uri=self._redirect_uri, code=code)
        return await self._ask_for_tokens(str(body))

    async def refresh(self, refresh_token: str) -> TokenPair:
        """New tokens; the refresh token changes about once a day and the old one then dies.

        OutcomeUnclear: it may have changed without our knowing; the same call again, soon, brings the same
        pair where Intuit still accepts the old token. GrantRefused: reconnect, once the previous token was
        tried too. RequestNotSent and Postponed: nothing changed.
        """
        # No scope: Intuit's own clients send none on refresh.
        body = prepare_token_request("refresh_token", "", refresh_token=refresh_token)
        return await self._ask_for_tokens(str(body))

    async def revoke(self, token: str) -> bool:
        """Ends an authorisation by either of its tokens. False if Intuit no longer knew it.

        Revoking twice does no harm: every error here may be tried again.
        """
        response = await self._post(
            self._endpoints.revoke, "application/json", write_json({"token": token}).decode(), {}
        )
        if response.status_code == httpx.codes.OK:
            return True
        # RFC 7009 has 200 for unknown tokens; Intuit answers 400 for tokens it does not know.
        if response.status_code == httpx.codes.BAD_REQUEST:
            return False
        raise _error_of_token_answer(response)

    async def _ask_for_tokens(self, body: str) -> TokenPair:
        asked_at = self._clock.now()
        response = await self._post(self._endpoints.token, "application/x-www-form-urlencoded", body, _HARD_EXPIRY)
        if response.status_code != httpx.codes.OK:
            raise _error_of_token_answer(response)
        answer = _json_object(response)
        if "error" in answer:
            raise _error_of_token_answer(response)
        try:
            return read_token_pair(answer, asked_at=asked_at, intuit_tid=trace_id(response))
        except NoTokens as no_tokens:
            raise errors.OutcomeUnclear(
                f"Intuit answered unreadably: {no_tokens}",
                intuit_tid=trace_id(response),
                http_status=response.status_code,
            ) from None

    async def _post(self, url: str, content_type: str, body: str, extra_headers: Mapping[str, str]) -> httpx.Response:
        headers = {"Accept": "application/json", "Content-Type": content_type, **extra_headers}
        url, headers, body = self._client_auth.prepare("POST", url, headers, body)
        try:
            async with asyncio.timeout(TOKEN_CALL_SECONDS):
                return await send(
                    self._http,
                    "POST",
                    url,
                    headers=headers,
                    content=body.encode(),
                    time_limits=_TIME_LIMITS,
                    writing=True,
                )
        except TimeoutError:
            raise errors.OutcomeUnclear("Intuit did not answer a token call in time") from None


def _json_object(response: httpx.Response) -> Mapping[str, object]:
    try:
        answer = read_json(response.content)
    except UnreadableJson:
        return {}
    return answer if isinstance(answer, Mapping) else {}


def _error_of_token_answer(response: httpx.Response) -> errors.QuickBooksOnlineError:
    """OAuth's own error word decides; a gateway's 4xx without one says that the tokens were not touched."""
    answer, status = _json_object(response), response.status_code
    word = answer.get("error")
    kind: type[errors.QuickBooksOnlineError]
    if status >= 500 or word == "server_error":
        kind = errors.OutcomeUnclear
    elif isinstance(word, str):
        kind = _ERROR_BY_WORD.get(word, errors.RequestDefect)
    elif status == httpx.codes.TOO_MANY_REQUESTS:
        kind = errors.Throttled
    elif status >= 400:
        kind = errors.Postponed
    else:
        kind = errors.OutcomeUnclear
    return kind(
        f"Intuit refused a token call with {word}" if word else "Intuit gave no tokens",
        code=word if isinstance(word, str) else "",
        detail=str(answer.get("error_description") or ""),
        intuit_tid=trace_id(response),
        http_status=status,
    )
