"""One connection's tokens: read from the store, renewed by whoever holds the lease, stored before they are used.

No database connection is held during a call to Intuit. Many workers may ask at once: one renews, the others read again.
"""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from foundation.secret_box import SecretBox, SecretPlace
from models.connections import (
    SealedTokens,
    credential_of,
    drop_token_lease,
    replace_tokens,
    take_token_lease,
)
from models.database import Actor, Database
from models.tables import Credential
from providers.quickbooks_online.errors import GrantRefused, OutcomeUnclear, RequestNotSent
from providers.quickbooks_online.oauth import IntuitOAuth
from providers.quickbooks_online.token_pair import TokenPair

# Renewed a little early, so that no call starts with a token that ends on the way.
EARLY = timedelta(minutes=5)
SAME_TOKEN_TRIES = 3
BETWEEN_TRIES = 5.0
WAIT_FOR_NEIGHBOUR = 0.25
GIVE_UP_WAITING = 240  # times 0.25 s: a minute, longer than any lease


def access_place(credential_id: UUID) -> SecretPlace:
    return SecretPlace("credential", "access_token", credential_id)


def refresh_place(credential_id: UUID) -> SecretPlace:
    return SecretPlace("credential", "refresh_token", credential_id)


def seal_tokens(secrets: SecretBox, pair: TokenPair, credential_id: UUID) -> SealedTokens:
    return SealedTokens(
        access_token=secrets.seal_text(pair.access_token, access_place(credential_id)),
        refresh_token=secrets.seal_text(pair.refresh_token, refresh_place(credential_id)),
        access_expires_at=pair.access_expires_at,
        refresh_expires_at=pair.refresh_expires_at,
        hard_expires_at=pair.hard_expires_at,
    )


class NoTokensLeft(GrantRefused):
    """The connection has no credential any more: it was disconnected."""


class ConnectionTokens:
    """The token source of one connection. Raises GrantRefused when only a new consent helps."""

    def __init__(
        self,
        database: Database,
        secrets: SecretBox,
        intuit: IntuitOAuth,
        company_id: UUID,
        connection_id: UUID,
        actor: Actor,
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._intuit = intuit
        self._company_id = company_id
        self._connection_id = connection_id
        self._actor = actor
        self._owner = uuid4()
        self._refused: str | None = None
        # The lease keeps other owners out; this keeps one owner's own calls from renewing side by side.
        self._renewing = asyncio.Lock()

    async def token(self) -> str:
        for _ in range(GIVE_UP_WAITING):
            credential = await self._credential()
            access = self._secrets.open_text(credential.access_token, access_place(credential.id))
            is_fresh = credential.access_expires_at - EARLY > self._database.clock.now()
            if is_fresh and access != self._refused:
                return access
            async with self._renewing:
                renewed = await self._renew(credential)
            if renewed:
                continue
            await asyncio.sleep(WAIT_FOR_NEIGHBOUR)
        raise RequestNotSent("another worker has been renewing the QuickBooks session for a minute")

    async def rejected(self, token: str) -> None:
        self._refused = token

    async def _credential(self) -> Credential:
        async with self._database.company(self._company_id, self._actor) as session:
            credential = await credential_of(session, self._connection_id)
        if credential is None:
            raise NoTokensLeft("the connection has no tokens any more")
        return credential

    async def _renew(self, credential: Credential) -> bool:
        """Renew under the lease; False while somebody else does."""
        async with self._database.company(self._company_id, self._actor) as session:
            taken = await take_token_lease(session, self._connection_id, self._owner, credential.generation)
            if taken is None:
                return False
            # Only now nobody else can renew: whoever had the lease before may have done so since we last looked.
            now_stored = await credential_of(session, self._connection_id)
            if now_stored is None or now_stored.generation != credential.generation:
                await drop_token_lease(session, self._connection_id, self._owner)
                return True
        pair = await self._ask(credential, answer_may_be_lost=taken.left_over)
        sealed = seal_tokens(self._secrets, pair, credential.id)
        async with self._database.company(self._company_id, self._actor) as session:
            await replace_tokens(session, credential, sealed, generation=credential.generation)
            await drop_token_lease(session, self._connection_id, self._owner)
        return True

    async def _ask(self, credential: Credential, *, answer_may_be_lost: bool) -> TokenPair:
        current = self._secrets.open_text(credential.refresh_token, refresh_place(credential.id))
        unclear: Exception | None = None
        for _ in range(SAME_TOKEN_TRIES):
            try:
                return await self._intuit.refresh(current)
            except GrantRefused:
                if not answer_may_be_lost or credential.previous_refresh_token is None:
                    raise
                break
            except OutcomeUnclear as lost:
                # The same token again, soon, brings the same pair where Intuit still accepts the old one.
                unclear, answer_may_be_lost = lost, True
                await asyncio.sleep(BETWEEN_TRIES)
        if credential.previous_refresh_token is not None:
            previous = self._secrets.open_text(credential.previous_refresh_token, refresh_place(credential.id))
            return await self._intuit.refresh(previous)
        raise unclear or RequestNotSent("the QuickBooks session could not be renewed")
