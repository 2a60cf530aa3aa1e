"""From what Procore told to what comes in: keep every requisition seen, judge it once, import what is due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from accounting.eligibility import (
    ApprovalEvidence,
    AskHistory,
    Import,
    ImportRules,
    NeedsPerson,
    NotImported,
    NotImportedReason,
    Verdict,
    judge,
)
from accounting.invoice import StatusChange
from accounting.states import BEFORE_SENDING
from activities.requisition_reading import Reading, is_approved, read_unreadable
from models.comparisons import compare_again
from models.database import CompanySession
from models.events import record_event
from models.invoices import NewInvoice, import_invoices, invoices_of_requisitions, refresh_invoice
from models.mirroring import CompanyRules
from models.requisitions import JudgedBefore, SeenRequisition, judged_before, pushed_requisitions, store_requisitions
from models.routes import Route
from models.tables import InvoiceRow, ProcoreProject, RequisitionVerdict
from providers.procore.wire import Unreadable

Histories = dict[str, tuple[StatusChange, ...]]


@dataclass(frozen=True)
class Judged:
    """A reading with its verdict; ``AskHistory`` stands only until the history was asked for."""

    reading: Reading
    verdict: Verdict


async def judge_page(
    session: CompanySession,
    rules: CompanyRules,
    project: ProcoreProject,
    start_date: date,
    readings: Sequence[Reading],
    histories: Histories,
    *,
    in_books: bool = True,
) -> list[Judged]:
    """Judge requisitions by what we know of them; those that need their change history come back with AskHistory."""
    ids = [reading.seen.requisition_id for reading in readings]
    known = await judged_before(session, ids)
    pushed = await pushed_requisitions(session, ids)
    judged = []
    for reading in readings:
        requisition_id = reading.seen.requisition_id
        before = known.get(requisition_id)
        verdict = judge(
            reading.judged,
            ImportRules(
                start_date=start_date,
                time_zone=project.time_zone,
                approved_as_noted=rules.approved_as_noted,
                service_account_id=rules.service_account_id,
                was_pushed=requisition_id in pushed,
                in_books=in_books,
                gaps=rules.gaps,
            ),
            ApprovalEvidence(
                seen_unapproved_at=before.seen_unapproved_at if before else None,
                history=histories.get(requisition_id),
                due_at_first_approval=_due_left_out(before),
            ),
        )
        if isinstance(verdict, AskHistory) and before is not None and before.verdict is RequisitionVerdict.IMPORTED:
            # It is an invoice already, whatever happens to it in Procore since: not worth a call.
            verdict = Import()
        judged.append(Judged(reading, verdict))
    return judged


def _due_left_out(before: JudgedBefore | None) -> Decimal | None:
    """The amount first approved, where the requisition was last seen left out for having been approved too early."""
    if before is None or before.verdict_reason != NotImportedReason.BEFORE_START:
        return None
    return before.due


def wants_history(judged: Sequence[Judged]) -> list[str]:
    return [one.reading.seen.requisition_id for one in judged if isinstance(one.verdict, AskHistory)]


def with_verdict(one: Judged) -> SeenRequisition:
    """The row to keep: what was seen, and what became of it."""
    match one.verdict:
        case Import():
            return replace(one.reading.seen, verdict=RequisitionVerdict.IMPORTED, verdict_reason=None)
        case NeedsPerson(hold):
            return replace(one.reading.seen, verdict=RequisitionVerdict.NEEDS_PERSON, verdict_reason=hold.reason)
        case NotImported(reason):
            return replace(one.reading.seen, verdict=RequisitionVerdict.NOT_IMPORTED, verdict_reason=reason)
        case AskHistory():
            return one.reading.seen


def coming_in(one: Judged) -> NewInvoice | None:
    """The invoice to write down: one that goes on by itself, or one held for a person; None for one that stays out."""
    match one.verdict:
        case Import():
            return one.reading.invoice
        case NeedsPerson(hold):
            return replace(one.reading.invoice, holds=(*one.reading.invoice.holds, hold))
        case _:
            return None


async def keep_unreadable(session: CompanySession, unreadable: Sequence[Unreadable], project_id: str) -> None:
    """A requisition that could not be read becomes a row that needs a person; the others go on."""
    rows = [row for one in unreadable if (row := read_unreadable(one, project_id)) is not None]
    await store_requisitions(session, rows)
    for row in rows:
        record_event(session, "requisition", row.requisition_id, "unreadable", reason=row.unreadable)


async def take_in(session: CompanySession, judged: Sequence[Judged], route: Route) -> int:
    """Keep what was seen, import what is due, let earlier invoices follow their source; how many are new."""
    await store_requisitions(session, [with_verdict(one) for one in judged])
    followed = await follow_source(session, [one.reading for one in judged])
    new = [
        replace(invoice, holds=(*invoice.holds, *route.holds))
        for one in judged
        if one.reading.seen.requisition_id not in followed and (invoice := coming_in(one)) is not None
    ]
    return len(await import_invoices(session, new, route.connection_id))


async def follow_source(session: CompanySession, readings: Sequence[Reading]) -> dict[str, InvoiceRow]:
    """Bring invoices that are imported already up to what Procore says now; the rows by requisition id.

    Before posting the new version simply replaces the old one. After it nothing is removed and nothing is rewritten:
    the invoice is compared with its bill, and shows *Approval withdrawn* or *Changed after posting*.
    """
    rows = await invoices_of_requisitions(session, [reading.seen.requisition_id for reading in readings])
    for reading in readings:
        row = rows.get(reading.seen.requisition_id)
        if row is not None:
            await _follow(session, row, reading)
    return rows


async def _follow(session: CompanySession, row: InvoiceRow, reading: Reading) -> None:
    approved = is_approved(reading.judged.status)
    if approved == row.approval_withdrawn:
        row.approval_withdrawn = not approved
        session.add(row)
        kind = "approved_again" if approved else "approval_withdrawn"
        record_event(session, "invoice", row.id, kind, status=reading.judged.status)
        await compare_again(session, [row.id])
    if not approved or reading.invoice.source_sha256 == row.source_sha256:
        return
    if row.state in BEFORE_SENDING:
        await refresh_invoice(session, row, reading.invoice)
    else:
        await compare_again(session, [row.id])


async def gone_from_procore(session: CompanySession, row: InvoiceRow) -> None:
    """Procore neither lists it nor has it under its id: it is not approved any more."""
    if not row.approval_withdrawn:
        row.approval_withdrawn = True
        session.add(row)
        record_event(session, "invoice", row.id, "approval_withdrawn", status="not in Procore any more, or not visible")
        await compare_again(session, [row.id])
