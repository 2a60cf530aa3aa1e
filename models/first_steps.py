"""How far a new company has come: connected, accounts chosen, switched on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from models.connections import connected
from models.database import CompanySession
from models.tables import ConnectionSettings, Mapping, MappingAuthor, Mirroring


@dataclass(frozen=True)
class FirstSteps:
    """``connection_id`` is the first connected books, None before that; ``mapped``: somebody chose where costs go.

    ``start_date`` is the one mirroring is on with, None while it is off.
    """

    connection_id: UUID | None
    mapped: bool
    switched_on: bool
    start_date: date | None

    @property
    def done(self) -> bool:
        return self.connection_id is not None and self.mapped and self.switched_on


async def first_steps(session: CompanySession) -> FirstSteps:
    live = await connected(session)
    ids = [connection.id for connection in live]
    chosen = await session.exec(
        select(ConnectionSettings.connection_id)
        .where(ConnectionSettings.company_id == session.company_id, col(ConnectionSettings.connection_id).in_(ids))
        .where(
            col(ConnectionSettings.default_account_id).is_not(None)
            | col(ConnectionSettings.default_item_id).is_not(None)
        )
        .limit(1)
    )
    by_hand = await session.exec(
        select(Mapping.id)
        .where(Mapping.company_id == session.company_id, col(Mapping.connection_id).in_(ids))
        .where(col(Mapping.author_kind) != MappingAuthor.EXACT_NAME, col(Mapping.superseded_at).is_(None))
        .limit(1)
    )
    mapped = chosen.first() is not None or by_hand.first() is not None
    found = await session.exec(select(Mirroring).where(Mirroring.company_id == session.company_id))
    mirroring = found.first()
    is_on = mirroring is not None and mirroring.is_on
    return FirstSteps(
        connection_id=ids[0] if ids else None,
        mapped=mapped,
        switched_on=is_on,
        start_date=mirroring.start_date if mirroring is not None and is_on else None,
    )
