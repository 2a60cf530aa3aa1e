"""What needs a person in a company at this moment, read from the rows that say so."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col

from accounting.alert_causes import (
    BillTrouble,
    ConnectionFacts,
    HeldInvoices,
    TroubledBills,
    bill_causes,
    connection_causes,
    held_causes,
    procore_causes,
    webhook_causes,
)
from accounting.alerts import Cause
from accounting.blockers import WAITS, BlockerReason
from accounting.connection_states import ConnectionState, ExpiryReason
from accounting.money import to_cents
from accounting.states import BEFORE_SENDING, HAS_BILL
from accounting.work_list import SHARED
from models.database import CompanySession
from models.procore_access import procore_access
from models.standing import may_wait_for_connection
from models.tables import (
    InvoiceBlocker,
    InvoiceRow,
    QuickBooksKind,
)

# A subject in common is one cause; where each invoice is a matter of its own, the reason is.
HELD = """
    SELECT blocker.reason, invoice.connection_id::text AS connection_id,
        CASE WHEN blocker.reason = ANY(%(shared)s) THEN blocker.subject_key ELSE '' END AS subject_key,
        min(blocker.subject) AS subject,
        CASE WHEN count(DISTINCT invoice.id) = 1 THEN min(invoice.id::text) END AS invoice_id,
        count(DISTINCT invoice.id) AS count, sum(invoice.due) AS amount
    FROM invoice_blocker AS blocker
    JOIN invoice ON invoice.company_id = blocker.company_id AND invoice.id = blocker.invoice_id
    WHERE blocker.company_id = %(company_id)s AND blocker.cleared_at IS NULL
        AND blocker.reason <> ALL(%(by_themselves)s)
        AND invoice.state = ANY(%(before_sending)s) AND NOT invoice.approval_withdrawn
    GROUP BY 1, 2, 3
"""
TROUBLED = """
    SELECT CASE
            WHEN removed_in_quickbooks THEN 'removed' WHEN approval_withdrawn THEN 'withdrawn'
            WHEN changed THEN 'changed' ELSE 'no_payment_found'
        END AS trouble,
        connection_id::text AS connection_id, CASE WHEN count(*) = 1 THEN min(id::text) END AS invoice_id,
        count(*) AS count, sum(due) AS amount
    FROM invoice
    WHERE company_id = %(company_id)s AND state = ANY(%(has_bill)s)
        AND (changed OR approval_withdrawn OR removed_in_quickbooks OR settled = 'no_payment_found')
    GROUP BY 1, 2
"""


async def causes_now(session: CompanySession, here: ZoneInfo) -> list[Cause]:
    """Every cause there is, each once. ``here`` is the company's own time zone."""
    connections = await _connections(session)
    held = await session.ask(
        HELD,
        HeldInvoices,
        shared=[reason.value for reason in SHARED],
        by_themselves=[reason.value for reason in WAITS],
        before_sending=[state.value for state in BEFORE_SENDING],
    )
    bills = await session.ask(TROUBLED, TroubledBills, has_bill=[state.value for state in HAS_BILL])
    return [
        *connection_causes(connections, session.now, here),
        *procore_causes((await procore_access(session)).state),
        *webhook_causes(await _switched_off(session)),
        *held_causes(replace(one, reason=BlockerReason(one.reason)) for one in held),
        *bill_causes(replace(one, trouble=BillTrouble(one.trouble)) for one in bills),
    ]


@dataclass(frozen=True)
class _Waiting:
    count: int
    amount: Decimal


# A company file is heard of when its Web Connector signs in; before, it was when the file was connected.
CONNECTIONS = """
    SELECT connection.id, connection.kind, connection.quickbooks_company_name AS name, connection.state,
        connection.state_reason, credential.hard_expires_at AS hard_end,
        CASE WHEN login.id IS NOT NULL THEN coalesce(login.seen_at, connection.connected_at) END AS heard_at,
        login.trouble
    FROM connection
    LEFT JOIN credential
        ON credential.company_id = connection.company_id AND credential.connection_id = connection.id
    LEFT JOIN web_connector_login AS login
        ON login.company_id = connection.company_id AND login.connection_id = connection.id
    WHERE connection.company_id = %(company_id)s AND connection.state <> 'disconnected'
    ORDER BY connection.id
"""


@dataclass(frozen=True)
class _Connection:
    id: UUID
    kind: QuickBooksKind
    name: str
    state: ConnectionState
    state_reason: str | None
    hard_end: datetime | None
    heard_at: datetime | None
    trouble: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", QuickBooksKind(self.kind))
        object.__setattr__(self, "state", ConnectionState(self.state))


async def _connections(session: CompanySession) -> list[ConnectionFacts]:
    rows = await session.ask(CONNECTIONS, _Connection)
    stopped = [row.id for row in rows if row.state is ConnectionState.EXPIRED or row.kind is QuickBooksKind.DESKTOP]
    waiting = await _waiting_for(session, stopped)
    return [_facts(row, waiting.get(row.id)) for row in rows]


def _facts(row: _Connection, waiting: _Waiting | None) -> ConnectionFacts:
    facts = ConnectionFacts(
        connection_id=str(row.id),
        name=row.name,
        state=row.state,
        expiry=_expiry(row),
        hard_end=row.hard_end,
        heard_at=row.heard_at,
        trouble=row.trouble,
    )
    return replace(facts, waiting=waiting.count, amount=waiting.amount) if waiting else facts


def _expiry(row: _Connection) -> ExpiryReason | None:
    if row.state is not ConnectionState.EXPIRED or row.state_reason not in set(ExpiryReason):
        return None
    return ExpiryReason(row.state_reason)


async def _waiting_for(session: CompanySession, connection_ids: Iterable[UUID]) -> dict[UUID, _Waiting]:
    """What would go if these connections let it."""
    wanted = list(connection_ids)
    if not wanted:
        return {}
    held = (
        sa.exists()
        .where(col(InvoiceBlocker.company_id) == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id))
    )
    found = await session.execute(
        sa.select(col(InvoiceRow.connection_id), sa.func.count(), sa.func.sum(col(InvoiceRow.due)))
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.connection_id).in_(wanted))
        .where(may_wait_for_connection(), ~held)
        .group_by(col(InvoiceRow.connection_id))
    )
    return {connection_id: _Waiting(count, to_cents(due)) for connection_id, count, due in found}


SWITCHED_OFF = """
    SELECT id, url, state_reason FROM webhook_endpoint
    WHERE company_id = %(company_id)s AND state = 'switched_off' ORDER BY id
"""


@dataclass(frozen=True)
class _Endpoint:
    id: UUID
    url: str
    state_reason: str | None


async def _switched_off(session: CompanySession) -> list[tuple[str, str, str]]:
    found = await session.ask(SWITCHED_OFF, _Endpoint)
    return [(str(row.id), urlsplit(row.url).hostname or row.url, row.state_reason or "") for row in found]
