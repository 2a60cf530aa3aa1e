"""How far a new company has come: connected, accounts chosen, switched on."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from models.connections import connected
from models.database import CompanySession
from models.tables import ConnectionSettings, Mapping, MappingAuthor, Mirroring


@dataclass(frozen=True)
class FirstSteps:
    """``connection_id`` is the first connected books, None before that; ``mapped``: somebody chose where costs go."""

    connection_id: UUID | None
    mapped: bool
    switched_on: bool

    @property
    def done(self) -> bool:
        return self.connection_id is not None and self.mapped and self.switched_on


async def first_steps(session: CompanySession) -> FirstSteps:
    live = await connected(session)
    ids = [connection.id for connection in live]
    chosen = await session.exec(
        select(ConnectionSettings.connection_id)
        .where(ConnectionSettings.company_id == session.company_id, col(ConnectionSettings.connection_id).in_(ids))
        .where(col(ConnectionSettings.default_account_id).is_not(None))
        .limit(1)
    )
    by_hand = await session.exec(
        select(Mapping.id)
        .where(Mapping.company_id == session.company_id, col(Mapping.connection_id).in_(ids))
        .where(col(Mapping.author_kind) != MappingAuthor.EXACT_NAME, col(Mapping.superseded_at).is_(None))
        .limit(1)
    )
    mapped = chosen.first() is not None or by_hand.first() is not None
    switched_on = await session.exec(select(Mirroring.is_on).where(Mirroring.company_id == session.company_id))
    return FirstSteps(ids[0] if ids else None, mapped, bool(switched_on.first()))
