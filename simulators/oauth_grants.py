"""The grants and endpoints of RFC 6749 and 7009 that the simulated providers offer, on an `OAuthStore`.

The methods are the ones that Authlib asks an implementation for; their contract stands in
`authlib.oauth2.rfc6749.grants`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import AccessDeniedError, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint

from simulators.oauth_policy import Decision
from simulators.oauth_request import ReadRequest
from simulators.oauth_store import AuthorizationCode, OAuthClient, Token

if TYPE_CHECKING:
    from simulators.oauth import OAuthServer


class _ShapedAnswer:
    """Client authentication and the token answer's shape, as the policy says; for every grant type."""

    request: ReadRequest
    server: OAuthServer

    @property
    def TOKEN_ENDPOINT_AUTH_METHODS(self) -> list[str]:
        return list(self.server.policy.client_auth_methods)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        status, body, headers = super().create_token_response()  # type: ignore[misc]
        grant = self.server.store.access[body["access_token"]].grant
        now = self.server.clock.timestamp()
        return status, self.server.policy.token_body(body, grant, self.request.headers, now), headers


class CodeGrant(_ShapedAnswer, grants.AuthorizationCodeGrant):  # type: ignore[misc]
    def create_authorization_response(
        self, redirect_uri: str, grant_user: Decision | None
    ) -> tuple[int, str, list[tuple[str, str]]]:
        if grant_user is None:
            raise AccessDeniedError(description="", redirect_uri=redirect_uri)
        status, body, headers = super().create_authorization_response(redirect_uri, grant_user)
        location = add_params_to_uri(dict(headers)["Location"], list(grant_user.callback.items()))
        return status, body, [("Location", location)]

    def generate_authorization_code(self) -> str:
        return self.server.policy.new_value("code")

    def save_authorization_code(self, code: str, request: ReadRequest) -> None:
        decision: Decision = request.user
        ends = self.server.clock.timestamp() + self.server.policy.code_seconds
        self.server.store.codes[code] = AuthorizationCode(
            code,
            request.client.client_id,
            request.payload.redirect_uri,
            request.scope or "",
            decision.subject,
            decision.tenant,
            ends,
        )

    def query_authorization_code(self, code: str, client: OAuthClient) -> AuthorizationCode | None:
        found = self.server.store.codes.get(code)
        if found is None or found.used or found.client_id != client.client_id:
            return None
        return found if self.server.clock.timestamp() < found.expires_at else None

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        authorization_code.used = True

    def authenticate_user(self, authorization_code: AuthorizationCode) -> str:
        return authorization_code.subject


class RefreshGrant(_ShapedAnswer, grants.RefreshTokenGrant):  # type: ignore[misc]
    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        token = self.server.store.refresh.get(refresh_token)
        if token is None or not self.server.policy.accepts_refresh(token, self.server.clock.timestamp()):
            return None
        return token

    def authenticate_user(self, refresh_token: Token) -> str:
        return refresh_token.grant.subject

    def issue_token(self, user: str, refresh_token: Token) -> dict[str, Any]:
        newest = refresh_token.grant.refresh_token or refresh_token
        rotates = self.server.policy.rotates(newest, self.server.clock.timestamp())
        token: dict[str, Any] = self.generate_token(
            user=user, scope=refresh_token.get_scope(), include_refresh_token=rotates
        )
        token.setdefault("refresh_token", newest.value)
        return token

    def revoke_old_credential(self, refresh_token: Token) -> None:
        """`save_token` has marked it as replaced, if a new one was issued."""


class ClientCredentials(_ShapedAnswer, grants.ClientCredentialsGrant):  # type: ignore[misc]
    pass


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    server: OAuthServer

    @property
    def CLIENT_AUTH_METHODS(self) -> list[str]:
        return list(self.server.policy.client_auth_methods)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        store = self.server.store
        return store.refresh.get(token_string) or store.access.get(token_string)

    def revoke_token(self, token: Token, request: ReadRequest) -> None:
        token.grant.revoked = True

    def create_endpoint_response(self, request: ReadRequest) -> tuple[int, str, list[tuple[str, str]]]:
        status, _, headers = super().create_endpoint_response(request)
        return status, self.server.policy.revoked_body(), headers
