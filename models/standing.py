"""What connections as they stand make invoices wait for: derived for every page, stored nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.invoice import InvoiceSource
from accounting.standing import silence, standing_reason
from accounting.states import BEFORE_SENDING, InvoiceState
from models.connections import connected
from models.database import CompanySession
from models.mirroring import company_rules
from models.tables import Connection, ConnectionSettings, InvoiceRow, QuickBooksKind, WebConnectorLogin

MAY_WAIT = frozenset({*BEFORE_SENDING, InvoiceState.SENDING})


@dataclass(frozen=True)
class Standing:
    """Why an invoice waits for its connection, and since when (UTC, None where nobody wrote it down)."""

    hold: Hold
    since: datetime | None


async def reason_to_wait(session: CompanySession, connection: Connection) -> BlockerReason | None:
    """Why nothing may be posted through this connection now; None when it may."""
    paused = await session.exec(
        select(ConnectionSettings.posting_paused).where(
            ConnectionSettings.company_id == session.company_id, ConnectionSettings.connection_id == connection.id
        )
    )
    return standing_reason(
        feature_enabled=(await company_rules(session)).feature_enabled,
        connection=connection.state,
        posting_paused=bool(paused.first()),
    )


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
    is_desktop = any(connection.kind is QuickBooksKind.DESKTOP for connection, _ in connections.values())
    heard = await heard_from(session) if is_desktop else {}
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
        if reason is None and connection is not None and connection.id in heard:
            quiet = silence(heard[connection.id], session.now)
            if quiet is not None:
                told[row.id] = Standing(
                    Hold(BlockerReason.DESKTOP_SILENT, quiet, str(connection.id)), heard[connection.id]
                )
        if reason is not None:
            name = connection.quickbooks_company_name if connection else ""
            by_state = {BlockerReason.CONNECTION_EXPIRED, BlockerReason.NO_QUICKBOOKS}
            since = connection.state_since if connection and reason in by_state else None
            told[row.id] = Standing(Hold(reason, name, str(connection.id) if connection else ""), since)
    return told


async def heard_from(session: CompanySession) -> dict[UUID, datetime | None]:
    """When the Web Connector of each company file last signed in, by connection."""
    found = await session.exec(
        select(WebConnectorLogin.connection_id, WebConnectorLogin.seen_at).where(
            WebConnectorLogin.company_id == session.company_id, col(WebConnectorLogin.connection_id).is_not(None)
        )
    )
    return {connection_id: seen_at for connection_id, seen_at in found if connection_id is not None}


def _from_procore(row: InvoiceRow) -> bool:
    return row.source is InvoiceSource.PROCORE_REQUISITION
