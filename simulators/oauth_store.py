"""What a simulated authorization server remembers: apps, codes, consents, tokens. All in memory."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin


@dataclass
class OAuthClient(ClientMixin):  # type: ignore[misc]
    """An app registered with the provider. `service_user` is the user behind its client credentials."""

    client_id: str
    client_secret: str
    redirect_uris: list[str] = field(default_factory=list)
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    scopes: tuple[str, ...] = ()
    service_user: str | None = None
    name: str = ""

    @property
    def shown_name(self) -> str:
        """What a consent page calls the app."""
        return self.name or self.client_id

    def get_client_id(self) -> str:
        """The id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """None: every provider here wants it in the request."""
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes asked for (all, if none is named); None (refused) if one is not for this app."""
        if not self.scopes:
            return scope or ""
        wanted = (scope or " ".join(self.scopes)).split()
        allowed = [name for name in wanted if name in self.scopes]
        return " ".join(allowed) if len(allowed) == len(wanted) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Equal to a registered one, to the letter."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Compared in constant time."""
        return secrets.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Every client is confidential; Basic or body is the policy's choice."""
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        """Only the code flow."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """As registered."""
        return grant_type in self.grant_types


@dataclass
class AuthorizationCode(AuthorizationCodeMixin):  # type: ignore[misc]
    """A code waiting to be exchanged. `subject` is who consented, `tenant` what for (Intuit: a realm)."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    subject: str
    tenant: str | None
    expires_at: float
    used: bool = False

    def get_redirect_uri(self) -> str:
        """The redirect URI that the exchange must repeat."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """The scope granted."""
        return self.scope


@dataclass
class Grant:
    """What one consent gave; access and refresh tokens hang on it and die with it."""

    client_id: str
    subject: str
    tenant: str | None
    scope: str
    created_at: float
    revoked: bool = False
    refresh_token: Token | None = None  # the newest one


@dataclass
class Token(TokenMixin):  # type: ignore[misc]
    """One access or refresh token. `replaced_at`: when a refresh superseded it (refresh tokens only)."""

    value: str
    grant: Grant
    issued_at: float
    expires_at: float | None
    replaced_at: float | None = None
    revoked: bool = False

    def check_client(self, client: OAuthClient) -> bool:
        """It was issued to this client."""
        return self.grant.client_id == client.client_id

    def get_scope(self) -> str:
        """The grant's scope."""
        return self.grant.scope

    def alive(self, now: float) -> bool:
        """Neither revoked, replaced nor expired at `now` (seconds since 1970)."""
        if self.revoked or self.grant.revoked or self.replaced_at is not None:
            return False
        return self.expires_at is None or now < self.expires_at


@dataclass
class OAuthStore:
    """Everything the authorization server remembers."""

    clients: dict[str, OAuthClient] = field(default_factory=dict)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    access: dict[str, Token] = field(default_factory=dict)
    refresh: dict[str, Token] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)

    def forget_tokens(self) -> None:
        """Drop codes, tokens and grants; clients stay registered."""
        self.codes.clear()
        self.access.clear()
        self.refresh.clear()
        self.grants.clear()
