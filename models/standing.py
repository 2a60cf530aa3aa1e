"""What connections as they stand make invoices wait for: derived for every page, stored nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.invoice import InvoiceSource
from accounting.standing import standing_reason
from accounting.states import BEFORE_SENDING, InvoiceState
from models.connections import connected
from models.database import CompanySession
from models.mirroring import company_rules
from models.tables import Company, Connection, ConnectionSettings, InvoiceRow

MAY_WAIT = frozenset({*BEFORE_SENDING, InvoiceState.SENDING})


@dataclass(frozen=True)
class Standing:
    """Why an invoice waits for its connection, and since when (UTC, None where nobody wrote it down)."""

    hold: Hold
    since: datetime | None


async def open_connection(session: CompanySession, connection_id: UUID) -> Connection | None:
    """The connection if it may be posted through now; None where its invoices have to wait."""
    found = await session.exec(
        select(Connection, ConnectionSettings.posting_paused, Company.feature_enabled)
        .join(Company, col(Company.id) == col(Connection.company_id))
        .outerjoin(
            ConnectionSettings,
            sa.and_(
                col(ConnectionSettings.company_id) == col(Connection.company_id),
                col(ConnectionSettings.connection_id) == col(Connection.id),
            ),
        )
        .where(Connection.company_id == session.company_id, Connection.id == connection_id)
    )
    row = found.first()
    if row is None:
        return None
    connection, paused, feature_enabled = row
    reason = standing_reason(feature_enabled=feature_enabled, connection=connection.state, posting_paused=bool(paused))
    return connection if reason is None else None


async def standings(session: CompanySession, rows: Iterable[InvoiceRow]) -> dict[UUID, Standing]:
    """Of these invoices, those that wait for nothing but their connection's standing.

    An uploaded one nobody approved waits for that first; one whose approval was withdrawn waits for nothing.
    """
    waiting = [
        row
        for row in rows
        if row.state in MAY_WAIT and not row.approval_withdrawn and (row.approved_at or _from_procore(row))
    ]
    if not waiting:
        return {}
    found = await session.exec(
        select(Connection, ConnectionSettings)
        .outerjoin(
            ConnectionSettings,
            sa.and_(
                col(ConnectionSettings.company_id) == col(Connection.company_id),
                col(ConnectionSettings.connection_id) == col(Connection.id),
            ),
        )
        .where(Connection.company_id == session.company_id)
        .where(col(Connection.id).in_({row.connection_id for row in waiting}))
    )
    connections = {connection.id: (connection, settings) for connection, settings in found}
    feature_enabled = (await company_rules(session)).feature_enabled
    anything_connected = bool(await connected(session))
    told: dict[UUID, Standing] = {}
    for row in waiting:
        connection, settings = connections.get(row.connection_id, (None, None)) if row.connection_id else (None, None)
        if connection is None and anything_connected and feature_enabled:
            # It waits for an admin to choose its books, which is a reason of its own.
            continue
        reason = standing_reason(
            feature_enabled=feature_enabled,
            connection=connection.state if connection else None,
            posting_paused=settings.posting_paused if settings else False,
        )
        if reason is not None:
            name = connection.quickbooks_company_name if connection else ""
            by_state = {BlockerReason.CONNECTION_EXPIRED, BlockerReason.NO_QUICKBOOKS}
            since = connection.state_since if connection and reason in by_state else None
            told[row.id] = Standing(Hold(reason, name, str(connection.id) if connection else ""), since)
    return told


def _from_procore(row: InvoiceRow) -> bool:
    return row.source is InvoiceSource.PROCORE_REQUISITION
