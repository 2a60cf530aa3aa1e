"""Mirroring plans as the worker makes them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.plan import PlanEntry, PlanTotals
from models.database import CompanySession
from models.events import record_event
from models.rows import insert_rows
from models.tables import MirroringPlan, MirroringPlanEntry, PlanState


async def locked_plan(session: CompanySession, plan_id: UUID) -> MirroringPlan:
    found = await session.exec(
        select(MirroringPlan)
        .where(MirroringPlan.company_id == session.company_id, MirroringPlan.id == plan_id)
        .with_for_update()
    )
    return found.one()


async def write_entries(session: CompanySession, plan_id: UUID, entries: Sequence[PlanEntry]) -> None:
    """Write a plan's entries anew; an attempt that was cut off may have left some."""
    await session.execute(
        sa.delete(MirroringPlanEntry)
        .where(col(MirroringPlanEntry.company_id) == session.company_id, col(MirroringPlanEntry.plan_id) == plan_id)
        .execution_options(synchronize_session=False)
    )
    if entries:
        rows = [
            {
                "company_id": session.company_id,
                "id": session.new_id(),
                "plan_id": plan_id,
                "requisition_id": entry.requisition_id,
                "project_id": entry.project_id,
                "number": entry.number,
                "vendor_name": entry.vendor_name,
                "due": entry.due,
                "verdict": entry.verdict,
                "reason": entry.reason,
                "imported": False,
            }
            for entry in entries
        ]
        await insert_rows(session, MirroringPlanEntry, rows)


async def plan_made(session: CompanySession, plan_id: UUID, totals: PlanTotals, plan_hash: str) -> None:
    plan = await locked_plan(session, plan_id)
    plan.state, plan.hash, plan.made_at = PlanState.READY, plan_hash, session.now
    plan.create_count, plan.create_sum = totals.create, totals.create_sum
    plan.skip_count, plan.skip_sum = totals.skip, totals.skip_sum
    plan.ask_count, plan.ask_sum = totals.ask, totals.ask_sum
    session.add(plan)
    record_event(
        session, "mirroring_plan", plan_id, "plan_made", create=totals.create, create_sum=str(totals.create_sum),
        skip=totals.skip, ask=totals.ask,
    )  # fmt: skip
