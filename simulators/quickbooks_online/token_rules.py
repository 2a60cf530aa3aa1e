"""Intuit's rules for tokens on top of RFC 6749 (reference 1.4 to 1.6)."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers

from simulators.oauth_policy import OAuthPolicy
from simulators.oauth_store import Grant, Token
from simulators.quickbooks_online.switches import Switches

REFRESH_SECONDS = 8_726_400  # 101 days, from each refresh anew
HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"
GRACE_SECONDS = 24 * 3600

SCOPES = (
    "com.intuit.quickbooks.accounting",
    "com.intuit.quickbooks.payment",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
)


class IntuitPolicy(OAuthPolicy):
    """Refresh tokens that change once a day, terse errors; Basic or body client authentication."""

    def __init__(self, switches: Switches, canary: str = "") -> None:
        self._switches = switches
        self.canary = canary
        self.refreshes = 0
        self.rotations = 0

    @property
    def access_seconds(self) -> int:  # type: ignore[override]
        """An hour, unless a switch says otherwise."""
        return self._switches.access_seconds

    @property
    def code_seconds(self) -> int:  # type: ignore[override]
        """Ten minutes; the real life time is not documented."""
        return self._switches.code_seconds

    def refresh_seconds(self, grant: Grant, now: float) -> float:
        """101 days, but never beyond the end of the consent."""
        return max(0.0, min(REFRESH_SECONDS, self._consent_left(grant, now)))

    def accepts_refresh(self, token: Token, now: float) -> bool:
        """The newest value; a superseded one only with the grace switch, for a day."""
        if token.alive(now):
            return True
        if not self._switches.refresh_grace or token.replaced_at is None:
            return False
        expired = token.expires_at is not None and now >= token.expires_at
        return not (token.grant.revoked or token.revoked or expired) and (now - token.replaced_at < GRACE_SECONDS)

    def rotates(self, token: Token, now: float) -> bool:
        """A new value once the present one is a day old."""
        rotates = now - token.issued_at >= self._switches.refresh_rotation_hours * 3600
        self.refreshes += 1
        self.rotations += rotates
        return rotates

    def token_body(self, body: dict[str, Any], grant: Grant, headers: Headers, now: float) -> dict[str, Any]:
        """Intuit's five fields; the hard life time only for clients that ask by header."""
        shown = {
            "token_type": "bearer",
            "access_token": body["access_token"],
            "expires_in": body["expires_in"],
            "refresh_token": body["refresh_token"],
            "x_refresh_token_expires_in": int(self.refresh_seconds(grant, now)),
        }
        if headers.get(HARD_EXPIRY_HEADER, "").lower() == "true":
            shown["x_refresh_token_hard_expires_in"] = max(0, int(self._consent_left(grant, now)))
        return shown

    def _consent_left(self, grant: Grant, now: float) -> float:
        """Seconds; five years from consent, unless a switch says otherwise."""
        return grant.created_at + self._switches.consent_seconds - now

    def error(self, status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """`{"error": "invalid_grant", "error_description": ...}` for refresh tokens, else the bare error."""
        error = body.get("error", "invalid_request")
        if error == "invalid_grant" and "error_description" not in body:  # Authlib describes only code errors
            return 400, {"error": error, "error_description": "Incorrect or invalid refresh token"}
        return 401 if error == "invalid_client" else status, {"error": error}

    def revoked_body(self) -> str:
        """Nothing."""
        return ""
