"""Freeing what waited for one thing: that reason is cleared where it was open, and what nothing else holds goes on."""

from dataclasses import dataclass
from uuid import UUID

from accounting.blockers import BlockerReason
from models.database import CompanySession
from models.events import record_event
from models.tables import ActorKind


@dataclass(frozen=True)
class Resolved:
    """Which open reasons are resolved: of these kinds, and of these keys, books and invoices where they are named."""

    reasons: tuple[BlockerReason, ...]
    subject_keys: tuple[str, ...] | None = None
    connection_id: UUID | None = None
    invoice_ids: tuple[UUID, ...] | None = None


CLEAR = """
    UPDATE invoice_blocker AS blocker SET cleared_at = %(now)s, cleared_by = %(cleared_by)s
    WHERE blocker.company_id = %(company_id)s AND blocker.cleared_at IS NULL AND blocker.reason = ANY(%(reasons)s)
        AND (%(subject_keys)s::text[] IS NULL OR blocker.subject_key = ANY(%(subject_keys)s))
        AND (%(invoice_ids)s::uuid[] IS NULL OR blocker.invoice_id = ANY(%(invoice_ids)s))
        AND (
            %(connection_id)s::uuid IS NULL
            OR EXISTS (
                SELECT FROM invoice
                WHERE invoice.company_id = %(company_id)s AND invoice.id = blocker.invoice_id
                    AND invoice.connection_id = %(connection_id)s
            )
        )
    RETURNING blocker.invoice_id, blocker.reason
"""
GO_ON = """
    UPDATE invoice SET state = 'imported', not_before = NULL
    WHERE company_id = %(company_id)s AND id = ANY(%(invoice_ids)s) AND state IN ('waiting', 'needs_you')
        AND NOT EXISTS (
            SELECT FROM invoice_blocker AS blocker
            WHERE blocker.company_id = %(company_id)s AND blocker.invoice_id = invoice.id AND blocker.cleared_at IS NULL
        )
    RETURNING id
"""


@dataclass(frozen=True)
class _Cleared:
    invoice_id: UUID
    reason: str


@dataclass(frozen=True)
class _Freed:
    id: UUID


async def free(session: CompanySession, resolved: Resolved) -> list[UUID]:
    """Clear the resolved reasons; the invoices that nothing else holds, which are drafted again by themselves.

    An invoice that something else still holds keeps that reason and its age, and is not sent round for nothing.
    """
    cleared = await session.ask(
        CLEAR,
        _Cleared,
        now=session.now,
        cleared_by=_person(session),
        reasons=[reason.value for reason in resolved.reasons],
        subject_keys=None if resolved.subject_keys is None else list(resolved.subject_keys),
        invoice_ids=None if resolved.invoice_ids is None else list(resolved.invoice_ids),
        connection_id=resolved.connection_id,
    )
    if not cleared:
        return []
    by_invoice: dict[UUID, list[str]] = {}
    for one in cleared:
        by_invoice.setdefault(one.invoice_id, []).append(one.reason)
    for invoice_id, reasons in by_invoice.items():
        record_event(session, "invoice", invoice_id, "reason_cleared", reasons=sorted(reasons))
    freed = [one.id for one in await session.ask(GO_ON, _Freed, invoice_ids=list(by_invoice))]
    for invoice_id in freed:
        record_event(session, "invoice", invoice_id, "freed")
    return freed


def _person(session: CompanySession) -> UUID | None:
    actor = session.actor
    return UUID(actor.id) if actor.kind in (ActorKind.USER, ActorKind.SUPPORT) and actor.id else None
