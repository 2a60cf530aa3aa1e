"""Who signs in, and which companies they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from foundation.clock import Clock
from foundation.ids import new_id
from models.directory.unread_alerts import unread_alerts
from models.tables import AppUser, Company, Membership


@dataclass(frozen=True)
class SeenPerson:
    """A person as Procore names them at sign-in."""

    procore_user_id: str
    login: str
    name: str


@dataclass(frozen=True)
class SeenCompany:
    """A Procore company the person belongs to, with Procore's verdict about them, read just now."""

    procore_company_id: str
    name: str
    is_company_admin: bool


@dataclass(frozen=True)
class MemberCompany:
    """One company of a signed-in person and what they are in it; ``checked_at`` is when Procore was last asked.

    ``newest_event`` is the number of its newest event as this was read: a page made from it has seen no later one.
    ``unread_alerts`` are the open ones that concern the person and that they have not read.
    """

    company_id: UUID
    procore_company_id: str
    name: str
    feature_enabled: bool
    is_company_admin: bool
    is_accountant: bool
    checked_at: datetime
    newest_event: int
    unread_alerts: int = 0


@dataclass(frozen=True)
class SignedInUser:
    user_id: UUID
    login: str
    name: str
    is_support: bool
    companies: tuple[MemberCompany, ...]
    session_epoch: int = 0


async def record_sign_in(
    session: AsyncSession, clock: Clock, environment: str, person: SeenPerson, companies: Sequence[SeenCompany]
) -> UUID:
    """Find or create the user, their companies (the feature off) and memberships; the user's id.

    A membership in a company that Procore no longer lists for the person ends here.
    """
    user_id = await _upsert_user(session, clock, environment, person)
    company_ids = [await _upsert_company(session, clock, environment, company) for company in companies]
    for company_id, company in zip(company_ids, companies, strict=True):
        await _upsert_membership(session, clock, company_id, user_id, company.is_company_admin)
    await session.execute(
        sa.delete(Membership)
        .where(col(Membership.user_id) == user_id, col(Membership.company_id).not_in(company_ids))
        .execution_options(synchronize_session=False)
    )
    return user_id


async def _upsert_user(session: AsyncSession, clock: Clock, environment: str, person: SeenPerson) -> UUID:
    known = {"login": person.login, "name": person.name, "last_signed_in_at": clock.now()}
    stored = await session.execute(
        insert(AppUser)
        .values(
            id=new_id(clock),
            procore_environment=environment,
            procore_user_id=person.procore_user_id,
            is_support=False,
            session_epoch=0,
            created_at=clock.now(),
            **known,
        )
        .on_conflict_do_update(index_elements=["procore_environment", "procore_user_id"], set_=known)
        .returning(col(AppUser.id))
    )
    user_id: UUID = stored.scalar_one()
    return user_id


async def _upsert_company(session: AsyncSession, clock: Clock, environment: str, company: SeenCompany) -> UUID:
    stored = await session.execute(
        insert(Company)
        .values(
            id=new_id(clock),
            procore_environment=environment,
            procore_company_id=company.procore_company_id,
            name=company.name,
            feature_enabled=False,
            event_seq=0,
            created_at=clock.now(),
        )
        .on_conflict_do_update(
            index_elements=["procore_environment", "procore_company_id"], set_={"name": company.name}
        )
        .returning(col(Company.id))
    )
    company_id: UUID = stored.scalar_one()
    return company_id


async def _upsert_membership(
    session: AsyncSession, clock: Clock, company_id: UUID, user_id: UUID, is_company_admin: bool
) -> None:
    verdict = {"is_company_admin": is_company_admin, "checked_at": clock.now()}
    await session.execute(
        insert(Membership)
        .values(company_id=company_id, id=new_id(clock), user_id=user_id, is_accountant=False, **verdict)
        .on_conflict_do_update(index_elements=["company_id", "user_id"], set_=verdict)
    )


async def signed_in_user(session: AsyncSession, user_id: UUID) -> SignedInUser | None:
    """The person behind a session cookie with every company they belong to, by name."""
    user = await session.get(AppUser, user_id)
    if user is None:
        return None
    found = await session.execute(
        select(Company, Membership, unread_alerts(user_id).label("unread"))
        .join(Membership, col(Membership.company_id) == col(Company.id))
        .where(Membership.user_id == user_id)
        .order_by(col(Company.name), col(Company.id))
    )
    companies = tuple(
        MemberCompany(
            company_id=company.id,
            procore_company_id=company.procore_company_id,
            name=company.name,
            feature_enabled=company.feature_enabled,
            is_company_admin=membership.is_company_admin,
            is_accountant=membership.is_accountant,
            checked_at=membership.checked_at,
            newest_event=company.event_seq,
            unread_alerts=unread,
        )
        for company, membership, unread in found
    )
    return SignedInUser(
        user_id=user.id,
        login=user.login,
        name=user.name,
        is_support=user.is_support,
        companies=companies,
        session_epoch=user.session_epoch,
    )


async def end_sessions(session: AsyncSession, user_id: UUID, epoch: int) -> bool:
    """End every session of an epoch; False where it had ended already."""
    ended = await session.execute(
        sa.update(AppUser)
        .where(col(AppUser.id) == user_id, col(AppUser.session_epoch) == epoch)
        .values(session_epoch=epoch + 1)
        .returning(col(AppUser.id))
        .execution_options(synchronize_session=False)
    )
    return ended.first() is not None


async def grant_support(session: AsyncSession, environment: str, login: str, granted: bool) -> bool:
    """Give a user inBuild's support role or take it away; False when nobody with that login has signed in yet."""
    changed = await session.execute(
        sa.update(AppUser)
        .where(col(AppUser.procore_environment) == environment, sa.func.lower(col(AppUser.login)) == login.lower())
        .values(is_support=granted)
        .returning(col(AppUser.id))
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


async def company_id_of_procore(session: AsyncSession, environment: str, procore_company_id: str) -> UUID | None:
    """Our id of a Procore company; None until one of its users has signed in."""
    found = await session.exec(
        select(Company.id).where(
            Company.procore_environment == environment, Company.procore_company_id == procore_company_id
        )
    )
    return found.first()
