"""Where providers of OAuth 2.0 differ, and what a person decides on a consent page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers

from simulators.oauth_store import Grant, Token


class OAuthPolicy:
    """What a provider does its own way. Subclass and override; the defaults are plain RFC 6749."""

    access_seconds: int = 3600
    code_seconds: int = 600
    client_auth_methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    canary: str = ""

    def new_value(self, kind: str) -> str:
        """A fresh token or code; `kind` is at, rt or code. Carries the canary, if there is one."""
        return "-".join(part for part in (kind, self.canary, secrets.token_urlsafe(24)) if part)

    def refresh_seconds(self, grant: Grant, now: float) -> float | None:
        """Life time of a refresh token from this moment; None is without end."""
        return None

    def accepts_refresh(self, token: Token, now: float) -> bool:
        """Whether this refresh token may be used; an override may burn it here."""
        return token.alive(now)

    def rotates(self, token: Token, now: float) -> bool:
        """Whether the refresh brings a new refresh token (False: the same one again)."""
        return True

    def token_body(self, body: dict[str, Any], grant: Grant, headers: Headers, now: float) -> dict[str, Any]:
        """The token answer as the provider writes it."""
        return body

    def error(self, status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """An error answer as the provider writes it."""
        return status, body

    def revoked_body(self) -> str:
        """The body of a successful revocation."""
        return "{}"


@dataclass(frozen=True)
class Decision:
    """A person's yes: who consented, for which tenant, and what the callback carries besides code and state.

    `tenant` is kept with the grant (Intuit: the realm id); `callback` goes into the redirect.
    """

    subject: str
    tenant: str | None = None
    callback: dict[str, str] = field(default_factory=dict)
