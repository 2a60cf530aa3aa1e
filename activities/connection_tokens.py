"""One connection's tokens: read from the store, renewed by whoever holds the lease, stored before they are used.

No database connection is held during a call to Intuit. Many workers may ask at once: one renews, the others read again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

from accounting.connection_states import ExpiryReason
from foundation.secret_box import SecretBox, SecretPlace
from models.connections import (
    SealedTokens,
    drop_token_lease,
    refuse_tokens,
    replace_tokens,
    take_token_lease,
)
from models.database import Actor, Database
from models.stored_tokens import StoredTokens, stored_tokens
from providers.quickbooks_online.errors import GrantRefused, OutcomeUnclear, Postponed, RequestNotSent
from providers.quickbooks_online.oauth import IntuitOAuth
from providers.quickbooks_online.token_pair import TokenPair

# Renewed a little early, so that no call starts with a token that ends on the way.
EARLY = timedelta(minutes=5)
SAME_TOKEN_TRIES = 3
BETWEEN_TRIES = 3.0
# A call may take ten seconds: whoever starts one later than this could outlive the lease of 45 seconds.
LAST_TRY_AFTER = timedelta(seconds=20)
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


class AuthorisationEnded(GrantRefused):
    """Intuit renews this authorisation no more; ``reason`` says how that is known."""

    def __init__(self, reason: ExpiryReason) -> None:
        self.reason = reason
        super().__init__(reason.sentence)


Pause = Callable[[float], Awaitable[None]]


class ConnectionTokens:
    """The token source of one connection. Raises GrantRefused when only a new consent helps.

    What was read serves until it runs out or QuickBooks refuses it. ``just_read`` is what was read already. ``pause``
    waits for a number of seconds; a test of many days hands in one of its own.
    """

    def __init__(
        self,
        database: Database,
        secrets: SecretBox,
        intuit: IntuitOAuth,
        company_id: UUID,
        connection_id: UUID,
        actor: Actor,
        *,
        just_read: StoredTokens | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._intuit = intuit
        self._company_id = company_id
        self._connection_id = connection_id
        self._actor = actor
        self._known = just_read
        self._pause = pause
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
                self._known = credential
                return access
            async with self._renewing:
                renewed = await self._renew(credential)
            if renewed:
                continue
            await self._pause(WAIT_FOR_NEIGHBOUR)
        raise RequestNotSent("another worker has been renewing the QuickBooks session for a minute")

    async def rejected(self, token: str) -> None:
        self._refused, self._known = token, None

    async def _credential(self) -> StoredTokens:
        credential, self._known = self._known, None
        if credential is None:
            async with self._database.company(self._company_id, self._actor) as session:
                credential = await stored_tokens(session, self._connection_id)
        if credential is None:
            raise NoTokensLeft("the connection has no tokens any more")
        if credential.refused_reason is not None:
            raise AuthorisationEnded(ExpiryReason(credential.refused_reason))
        return credential

    async def _renew(self, credential: StoredTokens) -> bool:
        """Renew under the lease; False while somebody else does."""
        async with self._database.company(self._company_id, self._actor) as session:
            taken = await take_token_lease(session, self._connection_id, self._owner, credential.generation)
            if taken is None:
                return False
            # Read only now: whoever had the lease stored the new pair and gave it up in one commit.
            now_stored = await stored_tokens(session, self._connection_id)
            if now_stored is None or now_stored.generation != credential.generation or now_stored.refused_reason:
                await drop_token_lease(session, self._connection_id, self._owner)
                return True
        try:
            pair = await self._ask(credential, answer_may_be_lost=taken.left_over)
        except AuthorisationEnded as ended:
            async with self._database.company(self._company_id, self._actor) as session:
                await refuse_tokens(session, credential, ended.reason)
                await drop_token_lease(session, self._connection_id, self._owner)
            raise
        except (RequestNotSent, Postponed):
            # Surely nothing was renewed, so nothing can be lost; the lease would tell the next owner otherwise.
            if not taken.left_over:
                async with self._database.company(self._company_id, self._actor) as session:
                    await drop_token_lease(session, self._connection_id, self._owner)
            raise
        sealed = seal_tokens(self._secrets, pair, credential.id)
        async with self._database.company(self._company_id, self._actor) as session:
            await replace_tokens(session, credential, sealed, generation=credential.generation)
            await drop_token_lease(session, self._connection_id, self._owner)
        return True

    async def _ask(self, credential: StoredTokens, *, answer_may_be_lost: bool) -> TokenPair:
        """New tokens. The lease is left behind when no answer came at all: it tells the next owner of it."""
        current = self._secrets.open_text(credential.refresh_token, refresh_place(credential.id))
        started, unclear = self._database.clock.now(), None
        for _ in range(SAME_TOKEN_TRIES):
            try:
                return await self._intuit.refresh(current)
            except GrantRefused:
                return await self._ask_with_previous(credential, answer_may_be_lost=answer_may_be_lost)
            except OutcomeUnclear as lost:
                # The same token again, soon, brings the same pair where Intuit still accepts the old one.
                unclear, answer_may_be_lost = lost, True
                if self._database.clock.now() - started > LAST_TRY_AFTER:
                    break
                await self._pause(BETWEEN_TRIES)
            except (RequestNotSent, Postponed) as not_asked:
                if unclear is None:
                    raise
                raise unclear from not_asked
        raise unclear or RequestNotSent("the QuickBooks session could not be renewed")

    async def _ask_with_previous(self, credential: StoredTokens, *, answer_may_be_lost: bool) -> TokenPair:
        """The stored token is dead. Where an answer was lost the one before may still work: tried once."""
        hard_end = credential.hard_expires_at
        if hard_end is not None and hard_end <= self._database.clock.now():
            raise AuthorisationEnded(ExpiryReason.HARD_END) from None
        if not answer_may_be_lost:
            raise AuthorisationEnded(ExpiryReason.REFRESH_REFUSED) from None
        if credential.previous_refresh_token is not None:
            previous = self._secrets.open_text(credential.previous_refresh_token, refresh_place(credential.id))
            try:
                return await self._intuit.refresh(previous)
            except GrantRefused:
                pass
        raise AuthorisationEnded(ExpiryReason.REFRESH_ANSWER_LOST) from None
