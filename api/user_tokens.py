"""A signed-in person's own Procore token: kept sealed, renewed at most once at a time, never retried.

Procore burns a refresh token on any attempt. Whoever renews therefore takes it out of its row first; if the answer is
lost it is gone, and the person signs in again.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

from api import people
from api.services import Services
from foundation.secret_box import SecretPlace, SecretUnreadable
from models.directory import SealedTokens
from providers.procore.client import ProcoreClient
from providers.procore.errors import ProcoreError
from providers.procore.oauth import ProcoreTokens
from providers.procore.token_source import HeldToken

# A token that ends within this time may end during the call it is meant for.
EARLY = timedelta(minutes=1)
# How long a request waits for a neighbour's renewal: longer than Procore's token call usually takes.
WAITS = 20
WAIT_SECONDS = 0.25


class SignInAgain(Exception):
    """There is no usable token of this person: only a new sign-in helps."""


def _place(column: str, user_id: UUID) -> SecretPlace:
    return SecretPlace("user_credential", column, user_id)


def sealed(services: Services, user_id: UUID, tokens: ProcoreTokens) -> SealedTokens:
    box = services.secret_box
    return SealedTokens(
        access_token=box.seal_text(tokens.access_token, _place("access_token", user_id)),
        refresh_token=(
            box.seal_text(tokens.refresh_token, _place("refresh_token", user_id)) if tokens.refresh_token else None
        ),
        expires_at=tokens.expires_at,
    )


async def store(services: Services, user_id: UUID, tokens: ProcoreTokens) -> None:
    await people.keep_tokens(services, user_id, sealed(services, user_id, tokens))


async def access_token(services: Services, user_id: UUID) -> str:
    """The person's access token, renewed where it has ended. Raises SignInAgain."""
    for _ in range(WAITS):
        stored = await people.tokens(services, user_id)
        if stored is None:
            raise SignInAgain
        if stored.expires_at - EARLY > services.clock.now():
            try:
                return services.secret_box.open_text(stored.access_token, _place("access_token", user_id))
            except SecretUnreadable as unreadable:
                raise SignInAgain from unreadable
        renewed = await _renew(services, user_id)
        if renewed is not None:
            return renewed
        await asyncio.sleep(WAIT_SECONDS)
    # Whoever took the refresh token is gone with it: nobody else needs to wait for them.
    await people.forget_tokens(services, user_id)
    raise SignInAgain


async def _renew(services: Services, user_id: UUID) -> str | None:
    """The new access token; None when a neighbour has taken the refresh token and may store the answer soon."""
    taken = await people.take_refresh_token(services, user_id)
    if taken is None:
        return None
    try:
        refresh_token = services.secret_box.open_text(taken, _place("refresh_token", user_id))
        tokens = await services.procore_oauth.refresh(refresh_token)
    except (ProcoreError, SecretUnreadable) as lost:
        await people.forget_tokens(services, user_id)
        raise SignInAgain from lost
    await store(services, user_id, tokens)
    return tokens.access_token


async def procore_as(services: Services, user_id: UUID, procore_company_id: str | None) -> ProcoreClient:
    """A Procore client in the person's own name, for one company or before one is chosen. Raises SignInAgain."""
    token = await access_token(services, user_id)
    return ProcoreClient(services.settings.procore_api_url, services.http, HeldToken(token), procore_company_id)


async def forget(services: Services, user_id: UUID) -> None:
    """Erase the person's tokens here and revoke them at Procore, as far as it can be reached."""
    stored = await people.forget_tokens(services, user_id)
    if stored is None:
        return
    try:
        token = services.secret_box.open_text(stored.access_token, _place("access_token", user_id))
        await services.procore_oauth.revoke(token)
    except (ProcoreError, SecretUnreadable):
        # Nobody holds the token any more; it ends by itself within 90 minutes.
        return
