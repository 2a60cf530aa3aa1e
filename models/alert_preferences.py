"""Who of a company is told what: each member with their address and their own choices."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.alert_preferences import Choice, Preferences, Role, preferences, role_of
from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import AlertPreference, AppUser, Membership


@dataclass(frozen=True)
class Reader:
    """A member of the company whom alerts may reach. ``address`` is what they sign in to Procore with."""

    user_id: UUID
    name: str
    address: str
    preferences: Preferences


async def readers(session: CompanySession, user_ids: Collection[UUID] | None = None) -> list[Reader]:
    """The company's people with what they want to hear; of these where they are named."""
    statement = (
        select(AppUser, Membership)
        .join(Membership, col(Membership.user_id) == col(AppUser.id))
        .where(Membership.company_id == session.company_id)
        .order_by(col(AppUser.id))
    )
    if user_ids is not None:
        statement = statement.where(col(AppUser.id).in_(user_ids))
    members = (await session.exec(statement)).all()
    choices = await _choices(session, [user.id for user, _ in members])
    return [
        Reader(user.id, user.name, user.login, preferences(_role(membership), choices.get(user.id, [])))
        for user, membership in members
    ]


def _role(membership: Membership) -> Role:
    return role_of(is_company_admin=membership.is_company_admin, is_accountant=membership.is_accountant)


async def preferences_of(session: CompanySession, user_id: UUID, role: Role) -> Preferences:
    """What one person is told, who has this role now."""
    return preferences(role, (await _choices(session, [user_id])).get(user_id, []))


async def _choices(session: CompanySession, user_ids: Collection[UUID]) -> dict[UUID, list[Choice]]:
    found = await session.exec(
        select(AlertPreference)
        .where(AlertPreference.company_id == session.company_id)
        .where(col(AlertPreference.user_id) == sa.any_(sa.cast(list(user_ids), sa.ARRAY(sa.Uuid()))))
    )
    choices: dict[UUID, list[Choice]] = {}
    for row in found:
        choices.setdefault(row.user_id, []).append(Choice(row.topic, row.channel, row.is_on))
    return choices


async def choose(session: CompanySession, user_id: UUID, choices: Collection[Choice]) -> None:
    """Keep a person's own choices; what they did not choose stays as their role begins."""
    await insert_rows(
        session,
        AlertPreference,
        [
            {
                "company_id": session.company_id,
                "user_id": user_id,
                "topic": choice.topic,
                "channel": choice.channel,
                "is_on": choice.on,
                "changed_at": session.now,
            }
            for choice in choices
        ],
        OnConflict(keys=("company_id", "user_id", "topic", "channel")),
    )
