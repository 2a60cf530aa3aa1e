"""The people of one company: what they may do, what they are called, and whether the feature is on for them."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.events import audit, record_event
from models.tables import AppUser, Company, Membership, Mirroring


async def store_verdict(session: CompanySession, user_id: UUID, is_company_admin: bool) -> None:
    """Keep Procore's verdict about a member, as read now."""
    await session.execute(
        sa.update(Membership)
        .where(col(Membership.company_id) == session.company_id, col(Membership.user_id) == user_id)
        .values(is_company_admin=is_company_admin, checked_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def end_membership(session: CompanySession, user_id: UUID) -> None:
    """Procore no longer lets this person into the company: nor do we, until they sign in with access again."""
    await session.execute(
        sa.delete(Membership)
        .where(col(Membership.company_id) == session.company_id, col(Membership.user_id) == user_id)
        .execution_options(synchronize_session=False)
    )
    record_event(session, "user", user_id, "membership_ended")


async def names_of(session: CompanySession, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of the company's people; whoever has left it since is not among them."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    found = await session.exec(
        select(AppUser.id, AppUser.name)
        .join(Membership, col(Membership.user_id) == col(AppUser.id))
        .where(Membership.company_id == session.company_id, col(AppUser.id).in_(wanted))
    )
    return dict(found.all())


async def switch_feature(session: CompanySession, enabled: bool) -> bool:
    """Turn the feature on or off for the company, audited; whether that changed anything."""
    # A look that is under way read the old answer: raising the fence keeps it from bringing anything in.
    await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id)
        .values(fence=col(Mirroring.fence) + 1)
        .execution_options(synchronize_session=False)
    )
    changed = await session.execute(
        sa.update(Company)
        .where(col(Company.id) == session.company_id, col(Company.feature_enabled) != enabled)
        .values(feature_enabled=enabled)
        .returning(col(Company.id))
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        return False
    audit(session, "feature_enabled" if enabled else "feature_disabled")
    record_event(session, "company", session.company_id, "feature_enabled" if enabled else "feature_disabled")
    return True
