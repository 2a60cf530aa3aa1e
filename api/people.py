"""People across companies: the one module of the API that looks into the directory, for signing in and staying so."""

from collections.abc import Sequence
from uuid import UUID

from api.services import Services
from models import directory
from models.directory import SealedTokens, SeenCompany, SeenPerson, SignedInUser


async def person(services: Services, user_id: UUID) -> SignedInUser | None:
    """The person behind a session cookie, with every company they belong to."""
    async with services.database.directory() as session:
        return await directory.signed_in_user(session, user_id)


async def remember(services: Services, seen: SeenPerson, companies: Sequence[SeenCompany]) -> SignedInUser:
    """Find or create the person, their companies and memberships, as Procore told at sign-in."""
    async with services.database.directory() as session:
        user_id = await directory.record_sign_in(
            session, services.clock, services.settings.procore_environment, seen, companies
        )
        user = await directory.signed_in_user(session, user_id)
    if user is None:
        raise LookupError("a user just written is not there")
    return user


async def end_sessions(services: Services, user_id: UUID, epoch: int) -> bool:
    """The person signs out, in every browser at once; False where these sessions had ended already."""
    async with services.database.directory() as session:
        return await directory.end_sessions(session, user_id, epoch)


async def tokens(services: Services, user_id: UUID) -> SealedTokens | None:
    async with services.database.directory() as session:
        return await directory.user_tokens(session, user_id)


async def keep_tokens(services: Services, user_id: UUID, sealed: SealedTokens) -> None:
    async with services.database.directory() as session:
        await directory.store_user_tokens(session, user_id, sealed)


async def take_refresh_token(services: Services, user_id: UUID) -> bytes | None:
    """The sealed refresh token, once: whoever asks next gets None."""
    async with services.database.directory() as session:
        return await directory.take_refresh_token(session, user_id)


async def forget_tokens(services: Services, user_id: UUID) -> SealedTokens | None:
    """Erase the person's tokens; what was stored."""
    async with services.database.directory() as session:
        return await directory.forget_user_tokens(session, user_id)
