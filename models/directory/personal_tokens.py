"""A signed-in person's own Procore tokens, sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import UserCredential


@dataclass(frozen=True)
class SealedTokens:
    """A user's Procore tokens as stored, sealed. ``refresh_token`` is None once somebody has taken it to use it."""

    access_token: bytes
    refresh_token: bytes | None
    expires_at: datetime


async def store_user_tokens(session: AsyncSession, user_id: UUID, tokens: SealedTokens) -> None:
    values = {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_at": tokens.expires_at,
    }
    await session.execute(
        insert(UserCredential)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


async def user_tokens(session: AsyncSession, user_id: UUID) -> SealedTokens | None:
    stored = await session.get(UserCredential, user_id)
    if stored is None:
        return None
    return SealedTokens(stored.access_token, stored.refresh_token, stored.expires_at)


async def take_refresh_token(session: AsyncSession, user_id: UUID) -> bytes | None:
    """The user's sealed refresh token, for the one caller that gets it: it is gone from the row at once.

    Procore burns a refresh token on any attempt, so a second caller could only destroy the first one's answer.
    """
    found = await session.exec(select(UserCredential).where(UserCredential.user_id == user_id).with_for_update())
    stored = found.first()
    if stored is None or stored.refresh_token is None:
        return None
    taken = stored.refresh_token
    stored.refresh_token = None
    session.add(stored)
    return taken


async def forget_user_tokens(session: AsyncSession, user_id: UUID) -> SealedTokens | None:
    """Erase the user's tokens at sign-out; what was stored, so that it can be revoked."""
    stored = await session.get(UserCredential, user_id)
    if stored is None:
        return None
    tokens = SealedTokens(stored.access_token, stored.refresh_token, stored.expires_at)
    await session.delete(stored)
    return tokens
