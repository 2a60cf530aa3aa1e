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
from accounting.standing import silence, standing_reason
from accounting.states import BEFORE_SENDING, InvoiceState
from models.company_zone import company_zone
from models.connections import connected
from models.database import CompanySession
from models.mirroring import company_rules
from models.tables import Connection, ConnectionSettings, InvoiceRow, QuickBooksKind, WebConnectorLogin

MAY_WAIT = frozenset({*BEFORE_SENDING, InvoiceState.SENDING})
STANDING_REASONS = frozenset(
    {
        BlockerReason.FEATURE_NOT_ENABLED,
        BlockerReason.NO_QUICKBOOKS,
        BlockerReason.CONNECTION_EXPIRED,
        BlockerReason.PAUSED,
        BlockerReason.DESKTOP_SILENT,
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

    ``transactions_read_at`` is how far our copy of its transactions reaches (UTC).
    """

    id: UUID
    kind: str
    quickbooks_company_id: str
    quickbooks_company_name: str
    connected_at: datetime
    transactions_read_at: datetime | None
    procore_company_id: str


@dataclass(frozen=True)
class _Asked(OpenConnection):
    state: str
    posting_paused: bool
    feature_enabled: bool


OPEN_CONNECTION = """
    SELECT connection.id, connection.kind, connection.quickbooks_company_id,
        connection.quickbooks_company_name, connection.connected_at, connection.transactions_read_at,
        company.procore_company_id, connection.state, company.feature_enabled,
        coalesce(settings.posting_paused, false) AS posting_paused
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
    heard = await _heard_from(session, [connection for connection, _ in connections.values()])
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
        quiet = heard.silence(connection.id, session.now) if connection is not None else None
        if reason is None and connection is not None and quiet is not None:
            hold = Hold(BlockerReason.DESKTOP_SILENT, quiet, str(connection.id))
            told[row.id] = Standing(hold, heard.at[connection.id])
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
    heard = await _heard_from(session, [connection for connection, _ in rows])
    for connection, _ in rows:
        if told[connection.id] is None and heard.silence(connection.id, session.now) is not None:
            told[connection.id] = BlockerReason.DESKTOP_SILENT
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


@dataclass(frozen=True)
class _Heard:
    """When the Web Connector of each company file last signed in, by connection, and the zone to tell it in."""

    at: dict[UUID, datetime | None]
    zone: str

    def silence(self, connection_id: UUID, now: datetime) -> str | None:
        return silence(self.at[connection_id], now, self.zone) if connection_id in self.at else None


async def _heard_from(session: CompanySession, connections: Iterable[Connection]) -> _Heard:
    if all(connection.kind is not QuickBooksKind.DESKTOP for connection in connections):
        return _Heard({}, "UTC")
    found = await session.exec(
        select(WebConnectorLogin.connection_id, WebConnectorLogin.seen_at).where(
            WebConnectorLogin.company_id == session.company_id, col(WebConnectorLogin.connection_id).is_not(None)
        )
    )
    at = {connection_id: seen_at for connection_id, seen_at in found if connection_id is not None}
    return _Heard(at, await company_zone(session))


def _from_procore(row: InvoiceRow) -> bool:
    return row.source is InvoiceSource.PROCORE_REQUISITION
