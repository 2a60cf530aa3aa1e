"""What a company has set for itself, and who of its people it has named accountant."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from models.database import CompanySession
from models.events import audit, record_event
from models.tables import AppUser, CompanySettings, Membership


@dataclass(frozen=True)
class Colleague:
    """One of the company's people who has signed in to inBuild at least once."""

    user_id: UUID
    name: str
    login: str
    is_company_admin: bool
    is_accountant: bool
    last_signed_in_at: datetime


async def takes_approved_as_noted(session: CompanySession) -> bool:
    """Whether *approved as noted* counts as approved; it does until an admin says otherwise."""
    found = await session.exec(
        select(CompanySettings.approved_as_noted).where(CompanySettings.company_id == session.company_id)
    )
    stored = found.first()
    return True if stored is None else stored


async def take_approved_as_noted(session: CompanySession, on: bool, by: UUID) -> bool:
    """Keep an admin's choice, audited; whether that changed anything."""
    if await takes_approved_as_noted(session) == on:
        return False
    values = {"approved_as_noted": on, "updated_at": session.now, "updated_by": by}
    await session.execute(
        insert(CompanySettings)
        .values(company_id=session.company_id, **values)
        .on_conflict_do_update(index_elements=["company_id"], set_=values)
    )
    record_event(session, "company", session.company_id, "approved_as_noted_changed", on=on)
    audit(session, "approved_as_noted_changed", on=on)
    return True


async def colleagues(session: CompanySession, search: str, limit: int, offset: int = 0) -> tuple[list[Colleague], int]:
    """The company's people by name, and how many there are."""
    named = [
        sa.or_(
            col(AppUser.name).icontains(search, autoescape=True), col(AppUser.login).icontains(search, autoescape=True)
        )
    ]
    matching = named if search else []
    found = await session.exec(
        select(Membership, AppUser)
        .join(AppUser, col(AppUser.id) == col(Membership.user_id))
        .where(col(Membership.company_id) == session.company_id, *matching)
        .order_by(sa.func.lower(AppUser.name), col(AppUser.id))
        .limit(limit)
        .offset(offset)
    )
    people = [
        Colleague(
            user_id=user.id,
            name=user.name,
            login=user.login,
            is_company_admin=membership.is_company_admin,
            is_accountant=membership.is_accountant,
            last_signed_in_at=user.last_signed_in_at,
        )
        for membership, user in found
    ]
    total = await session.exec(
        select(sa.func.count())
        .select_from(Membership)
        .join(AppUser, col(AppUser.id) == col(Membership.user_id))
        .where(col(Membership.company_id) == session.company_id, *matching)
    )
    return people, total.one()


async def name_accountant(session: CompanySession, user_id: UUID, named: bool) -> bool | None:
    """Make a colleague an accountant or end it, audited; whether that changed anything, None for a stranger."""
    found = await session.exec(
        select(Membership)
        .where(Membership.company_id == session.company_id, Membership.user_id == user_id)
        .with_for_update()
    )
    membership = found.first()
    if membership is None:
        return None
    if membership.is_accountant == named:
        return False
    membership.is_accountant = named
    session.add(membership)
    kind = "accountant_named" if named else "accountant_ended"
    record_event(session, "user", user_id, kind)
    audit(session, kind, user_id=str(user_id))
    return True
