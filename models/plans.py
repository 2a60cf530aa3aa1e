"""Mirroring plans as the worker makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.plan import DraftTotals, PlanEntry, PlannedOutcome, PlanTotals
from models.database import CompanySession
from models.events import record_event
from models.rows import insert_rows
from models.tables import Mirroring, MirroringPlan, MirroringPlanEntry, PlanState, PlanVerdict


async def locked_plan(session: CompanySession, plan_id: UUID) -> MirroringPlan:
    found = await session.exec(
        select(MirroringPlan)
        .where(MirroringPlan.company_id == session.company_id, MirroringPlan.id == plan_id)
        .with_for_update()
    )
    return found.one()


NOT_DRAFTED = PlannedOutcome()
FORGET_ENTRIES = """
    DELETE FROM mirroring_plan_entry WHERE company_id = %(company_id)s AND plan_id = %(plan_id)s
"""


async def write_entries(
    session: CompanySession,
    plan_id: UUID,
    entries: Sequence[PlanEntry],
    drafted: Mapping[str, PlannedOutcome] | None = None,
) -> None:
    """Write a plan's entries anew; an attempt that was cut off may have left some.

    ``drafted`` says by requisition what drafting those of the create pile came to.
    """
    outcomes = drafted or {}
    await session.do(FORGET_ENTRIES, plan_id=plan_id)
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
                "transaction_key": entry.transaction_key,
                "transaction": entry.transaction,
                "posts": outcomes.get(entry.requisition_id, NOT_DRAFTED).posts,
                "held_because": outcomes.get(entry.requisition_id, NOT_DRAFTED).held_because,
                "imported": False,
            }
            for entry in entries
        ]
        await insert_rows(session, MirroringPlanEntry, rows)


async def plan_made(
    session: CompanySession, plan_id: UUID, totals: PlanTotals, drafted: DraftTotals, plan_hash: str
) -> None:
    """The plan may be shown and signed off by this hash."""
    plan = await locked_plan(session, plan_id)
    plan.state, plan.hash, plan.made_at = PlanState.READY, plan_hash, session.now
    plan.create_count, plan.create_sum = totals.create, totals.create_sum
    plan.skip_count, plan.skip_sum = totals.skip, totals.skip_sum
    plan.ask_count, plan.ask_sum = totals.ask, totals.ask_sum
    plan.link_count, plan.link_sum = totals.link, totals.link_sum
    plan.posts_count, plan.posts_sum = drafted.posts, drafted.posts_sum
    plan.held_count, plan.held_sum = drafted.held, drafted.held_sum
    session.add(plan)
    record_event(
        session, "mirroring_plan", plan_id, "plan_made", create=totals.create, create_sum=str(totals.create_sum),
        skip=totals.skip, ask=totals.ask, link=totals.link, link_sum=str(totals.link_sum),
    )  # fmt: skip


ENTRIES_TO_IMPORT = """
    SELECT requisition_id, project_id, number, due, verdict, reason, transaction_key, transaction
    FROM mirroring_plan_entry
    WHERE company_id = %(company_id)s AND plan_id = %(plan_id)s AND NOT imported AND verdict <> 'skip'
    ORDER BY project_id, id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class EntryToImport:
    """An entry of an accepted plan as far as bringing its requisition in goes."""

    requisition_id: str
    project_id: str
    number: str
    due: Decimal
    verdict: PlanVerdict
    reason: str
    transaction_key: str
    transaction: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", PlanVerdict(self.verdict))


async def plan_entries_to_import(session: CompanySession, plan_id: UUID, limit: int) -> list[EntryToImport]:
    """The next entries of an accepted plan that nobody has dealt with yet, one project after another, so that batches
    are full from the start. What is skipped is none of them.
    """
    return await session.ask(ENTRIES_TO_IMPORT, EntryToImport, plan_id=plan_id, limit=limit)


ENTRIES_IMPORTED = """
    UPDATE mirroring_plan_entry SET imported = true
    WHERE company_id = %(company_id)s AND plan_id = %(plan_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


async def mark_entries_imported(session: CompanySession, plan_id: UUID, requisition_ids: Sequence[str]) -> None:
    await session.do(ENTRIES_IMPORTED, plan_id=plan_id, requisition_ids=list(requisition_ids))


async def plan_brought_in(session: CompanySession, plan_id: UUID) -> None:
    """Every invoice of the plan is imported or linked."""
    await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id, col(Mirroring.plan_id) == plan_id)
        .values(plan_imported=True)
        .execution_options(synchronize_session=False)
    )
    plan = await locked_plan(session, plan_id)
    plan.brought_in_at = plan.brought_in_at or session.now
    session.add(plan)


HELD_REASONS = """
    SELECT held_because AS sentence, count(*) AS count FROM mirroring_plan_entry
    WHERE company_id = %(company_id)s AND plan_id = %(plan_id)s AND held_because <> ''
    GROUP BY held_because ORDER BY count(*) DESC, held_because LIMIT %(limit)s
"""


@dataclass(frozen=True)
class HeldReason:
    """Why invoices of the create pile would be held, and how many."""

    sentence: str
    count: int


async def held_reasons(session: CompanySession, plan_id: UUID, limit: int) -> list[HeldReason]:
    """The commonest first."""
    return await session.ask(HELD_REASONS, HeldReason, plan_id=plan_id, limit=limit)
