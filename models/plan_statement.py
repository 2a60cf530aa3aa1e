"""The statement of a plan: what became of every invoice that was signed off, kept for good once nothing moves."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from accounting.plan import PlanVerdict
from accounting.plan_statement import ON_ITS_WAY, Ended, StatementLine, is_over, statement
from accounting.states import InvoiceState
from models.database import CompanySession
from models.events import record_event
from models.plans import locked_plan
from models.tables import MirroringPlan, PlanStatementLine

ENDED = """
    SELECT entry.verdict, invoice.state, coalesce(invoice.approval_withdrawn, false) AS approval_withdrawn,
        entry.imported AS came_in, count(*) AS count, sum(entry.due) AS total
    FROM mirroring_plan_entry AS entry
    LEFT JOIN invoice
        ON invoice.company_id = entry.company_id AND invoice.source = 'procore_requisition'
        AND invoice.source_id = entry.requisition_id
    WHERE entry.company_id = %(company_id)s AND entry.plan_id = %(plan_id)s
    GROUP BY entry.verdict, invoice.state, coalesce(invoice.approval_withdrawn, false), entry.imported
"""
# Answered by the first invoice found. While a backlog is posted it is asked at the end of every project, and adding up
# the whole statement each time had cost PostgreSQL more than all of the posting.
AT_REST = """
    SELECT id FROM mirroring_plan AS plan
    WHERE company_id = %(company_id)s AND state = 'accepted' AND brought_in_at IS NOT NULL AND closed_at IS NULL
        AND NOT EXISTS (
            SELECT FROM invoice
            JOIN mirroring_plan_entry AS entry
                ON entry.company_id = invoice.company_id AND entry.plan_id = plan.id
                AND entry.requisition_id = invoice.source_id AND entry.verdict <> 'skip'
            WHERE invoice.company_id = %(company_id)s AND invoice.source = 'procore_requisition'
                AND invoice.state = ANY(%(states)s) AND NOT invoice.approval_withdrawn
        )
"""


@dataclass(frozen=True)
class _AtRest:
    id: UUID


@dataclass(frozen=True)
class _Ended:
    verdict: str
    state: str | None
    approval_withdrawn: bool
    came_in: bool
    count: int
    total: Decimal


async def statement_now(session: CompanySession, plan: MirroringPlan) -> tuple[StatementLine, ...]:
    """The closing statement, as it was written; before that, how the invoices stand now."""
    if plan.closed_at is None:
        return await _as_it_stands(session, plan.id)
    found = await session.exec(
        select(PlanStatementLine)
        .where(PlanStatementLine.company_id == session.company_id, PlanStatementLine.plan_id == plan.id)
        .order_by(col(PlanStatementLine.id))
    )
    return tuple(StatementLine(line.verdict, line.outcome, line.count, line.total) for line in found)


async def close_plans(session: CompanySession) -> None:
    """Write the closing statement of every accepted plan of whose invoices none moves by itself any more."""
    for plan_id in [one.id for one in await session.ask(AT_REST, _AtRest, states=sorted(ON_ITS_WAY))]:
        lines = await _as_it_stands(session, plan_id)
        plan = await locked_plan(session, plan_id)
        if not is_over(lines) or plan.closed_at is not None:
            continue
        plan.closed_at = session.now
        session.add(plan)
        # Written in the statement's order: the ids rise.
        for line in lines:
            session.add(
                PlanStatementLine(
                    company_id=session.company_id,
                    id=session.new_id(),
                    plan_id=plan_id,
                    verdict=line.verdict,
                    outcome=line.outcome,
                    count=line.count,
                    total=line.total,
                )
            )
        told = {f"{line.verdict}.{line.outcome}": [line.count, str(line.total)] for line in lines}
        record_event(session, "mirroring_plan", plan_id, "plan_closed", lines=told)


async def _as_it_stands(session: CompanySession, plan_id: UUID) -> tuple[StatementLine, ...]:
    return statement(
        Ended(
            PlanVerdict(row.verdict),
            InvoiceState(row.state) if row.state else None,
            row.approval_withdrawn,
            row.came_in,
            row.count,
            row.total,
        )
        for row in await session.ask(ENDED, _Ended, plan_id=plan_id)
    )
