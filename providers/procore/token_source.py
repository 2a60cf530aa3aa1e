"""Where a client takes its access token from."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Protocol

from foundation.clock import Clock
from providers.procore.oauth import ProcoreOAuth, ProcoreTokens


class TokenSource(Protocol):
    """Gives the access token for the next call."""

    async def token(self) -> str:
        """An access token to try now."""
        ...

    async def rejected(self, token: str) -> None:
        """Tells that Procore refused `token`; the next `token()` should give another one, if there is one."""
        ...


class HeldToken:
    """One access token and no way to another: a user's, for the length of a page call."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        return self._token

    async def rejected(self, token: str) -> None:
        """Nothing to do: the same token again tells the client to give up."""


class ServiceAccountTokens:
    """Access tokens of our service account, asked for when needed and kept in memory only.

    Safe in every process at once: the client-credentials grant has no refresh token that could be burnt.
    Raises what `ProcoreOAuth.client_credentials` raises.
    """

    # Asking anew a little early spares a refused call; Procore's tokens live 90 minutes.
    _EARLY = timedelta(minutes=5)

    def __init__(self, oauth: ProcoreOAuth, clock: Clock) -> None:
        self._oauth = oauth
        self._clock = clock
        self._held: ProcoreTokens | None = None
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        async with self._asking:
            if self._held is None or self._clock.now() >= self._held.expires_at - self._EARLY:
                self._held = await self._oauth.client_credentials()
            return self._held.access_token

    async def rejected(self, token: str) -> None:
        # A late refusal of an older token must not throw away the one a neighbour has just fetched.
        if self._held is not None and self._held.access_token == token:
            self._held = None
