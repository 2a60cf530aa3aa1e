"""What connections as they stand make invoices wait for: derived for every page, stored nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.connection_states import ConnectionState
from accounting.invoice import InvoiceSource
from accounting.standing import standing_reason
from accounting.states import BEFORE_SENDING, InvoiceState
from models.company_files import standings_of_files
from models.connections import connected
from models.database import CompanySession
from models.mirroring import company_rules
from models.tables import Connection, ConnectionSettings, InvoiceRow

MAY_WAIT = frozenset({*BEFORE_SENDING, InvoiceState.SENDING})
STANDING_REASONS = frozenset(
    {
        BlockerReason.FEATURE_NOT_ENABLED,
        BlockerReason.NO_QUICKBOOKS,
        BlockerReason.CONNECTION_EXPIRED,
        BlockerReason.PAUSED,
        BlockerReason.DESKTOP_SILENT,
        BlockerReason.PROVIDER_DOWN,
        BlockerReason.QUOTA,
    }
)


@dataclass(frozen=True)
class Standing:
    """Why an invoice waits for its connection, and since when (UTC, None where nobody wrote it down)."""

    hold: Hold
    since: datetime | None


@dataclass(frozen=True)
class OpenConnection:
    """A connection that may be posted through now; ``quickbooks_company_id`` is the realm or the company file.

    ``transactions_read_at`` is how far our copy of its transactions reaches (UTC). ``in_trouble``: a provider was away
    or limited us when this was tried last.
    """

    id: UUID
    kind: str
    quickbooks_company_id: str
    quickbooks_company_name: str
    connected_at: datetime
    transactions_read_at: datetime | None
    procore_company_id: str
    in_trouble: bool


@dataclass(frozen=True)
class _Asked(OpenConnection):
    state: str
    posting_paused: bool
    feature_enabled: bool


OPEN_CONNECTION = """
    SELECT connection.id, connection.kind, connection.quickbooks_company_id,
        connection.quickbooks_company_name, connection.connected_at, connection.transactions_read_at,
        company.procore_company_id, connection.state, company.feature_enabled,
        coalesce(settings.posting_paused, false) AS posting_paused, connection.trouble IS NOT NULL AS in_trouble
    FROM connection
    JOIN company ON company.id = connection.company_id
    LEFT JOIN connection_settings AS settings
        ON settings.company_id = connection.company_id AND settings.connection_id = connection.id
    WHERE connection.company_id = %(company_id)s AND connection.id = %(connection_id)s
"""


async def open_connection(session: CompanySession, connection_id: UUID) -> OpenConnection | None:
    """The connection if it may be posted through now; None where its invoices have to wait."""
    for asked in await session.ask(OPEN_CONNECTION, _Asked, connection_id=connection_id):
        reason = standing_reason(
            feature_enabled=asked.feature_enabled,
            connection=ConnectionState(asked.state),
            posting_paused=asked.posting_paused,
        )
        if reason is None:
            return asked
    return None


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
    files = await standings_of_files(session, connections)
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
        if reason is None and connection is not None and (file := files.get(connection.id)) is not None:
            hold = Hold(BlockerReason.DESKTOP_SILENT, file.sentence, str(connection.id))
            told[row.id] = Standing(hold, file.since)
        elif reason is None and connection is not None and connection.trouble is not None:
            hold = Hold(BlockerReason(connection.trouble), connection.trouble_with or "", str(connection.id))
            told[row.id] = Standing(hold, connection.trouble_since)
        if reason is not None:
            name = connection.quickbooks_company_name if connection else ""
            by_state = {BlockerReason.CONNECTION_EXPIRED, BlockerReason.NO_QUICKBOOKS}
            since = connection.state_since if connection and reason in by_state else None
            told[row.id] = Standing(Hold(reason, name, str(connection.id) if connection else ""), since)
    return told


async def standing_of_connections(session: CompanySession) -> dict[UUID | None, BlockerReason]:
    """What the invoices of each connection wait for, connections that may post left out.

    None stands for invoices without a connection; where something is connected they wait for an admin's choice of
    books instead, which is a reason of their own.
    """
    found = await session.exec(
        select(Connection, ConnectionSettings.posting_paused)
        .outerjoin(
            ConnectionSettings,
            sa.and_(
                col(ConnectionSettings.company_id) == col(Connection.company_id),
                col(ConnectionSettings.connection_id) == col(Connection.id),
            ),
        )
        .where(Connection.company_id == session.company_id)
    )
    rows = found.all()
    feature_enabled = (await company_rules(session)).feature_enabled
    states: dict[UUID | None, tuple[ConnectionState | None, bool]] = {
        connection.id: (connection.state, bool(paused)) for connection, paused in rows
    }
    if not feature_enabled or all(state is ConnectionState.DISCONNECTED for state, _ in states.values()):
        states[None] = (None, False)
    told = {
        connection_id: standing_reason(feature_enabled=feature_enabled, connection=state, posting_paused=paused)
        for connection_id, (state, paused) in states.items()
    }
    for connection_id in await standings_of_files(session, [connection.id for connection, _ in rows]):
        if told[connection_id] is None:
            told[connection_id] = BlockerReason.DESKTOP_SILENT
    for connection, _ in rows:
        if told[connection.id] is None and connection.trouble is not None:
            told[connection.id] = BlockerReason(connection.trouble)
    return {connection_id: reason for connection_id, reason in told.items() if reason is not None}


def may_wait_for_connection() -> sa.ColumnElement[bool]:
    """The condition that an invoice would go if its connection let it, whatever else may hold it."""
    return sa.and_(
        col(InvoiceRow.state).in_(MAY_WAIT),
        col(InvoiceRow.approval_withdrawn).is_(False),
        sa.or_(col(InvoiceRow.approved_at).is_not(None), col(InvoiceRow.source) == InvoiceSource.PROCORE_REQUISITION),
    )


async def held_by_standing(session: CompanySession, reason: BlockerReason) -> sa.ColumnElement[bool]:
    """The condition that an invoice waits for its connection for this reason."""
    told = await standing_of_connections(session)
    held = [connection_id for connection_id, why in told.items() if why is reason]
    of_connections = col(InvoiceRow.connection_id).in_([one for one in held if one is not None])
    without = col(InvoiceRow.connection_id).is_(None) if None in held else sa.false()
    return sa.and_(may_wait_for_connection(), sa.or_(of_connections, without))


def _from_procore(row: InvoiceRow) -> bool:
    return row.source is InvoiceSource.PROCORE_REQUISITION
