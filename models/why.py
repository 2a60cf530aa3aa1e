"""Why an invoice is, or is not, in QuickBooks: found by what a person pastes, now or as at a past moment."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.eligibility import NotImportedReason
from accounting.states import BEFORE_SENDING, Badge, InvoiceFacts, InvoiceState, badge
from accounting.why import NOT_SEEN, NOT_YET_IMPORTED, Standing, Why, as_of_today, why, why_not_imported
from models.database import CompanySession
from models.events import timeline
from models.invoice_badges import badge_of_row
from models.standing import standings
from models.tables import (
    BillLink,
    Connection,
    EventLog,
    InvoiceBlocker,
    InvoiceRow,
    ProcoreRequisition,
    RequisitionVerdict,
)

# https://app.procore.com/…/commitments/…/requisitions/58820 and the like: the last run of digits after the word.
_IN_URL = re.compile(r"(?:requisitions?|subcontractor_invoices|invoices?)/(\d+)", re.IGNORECASE)
MOST_ANSWERS = 20


@dataclass(frozen=True)
class Asked:
    """One invoice or requisition that the pasted text names, and the answer. ``invoice_id`` None: never imported."""

    invoice_id: UUID | None
    requisition_id: str | None
    number: str
    vendor_name: str
    project_id: str
    answer: Why


async def why_of(session: CompanySession, text: str, at: datetime | None = None) -> list[Asked]:
    """The answer for everything a Procore number, id or URL (or inBuild's own number or id) names; at most twenty.

    ``at`` asks for the answer as at that moment (UTC). Nothing found: one answer that says so, without ids.
    """
    wanted = text.strip()
    named = _IN_URL.findall(wanted)
    ids = {named[-1]} if named else {wanted.lstrip("#")}
    rows = await _invoices(session, wanted, ids)
    asked = [
        Asked(
            invoice_id=row.id,
            requisition_id=row.source_id if row.source == "procore_requisition" else None,
            number=row.number,
            vendor_name=row.vendor_name,
            project_id=row.project_id,
            answer=why(await _standing(session, row) if at is None else await _standing_at(session, row, at)),
        )
        for row in rows
        if at is None or row.imported_at <= at
    ]
    imported = {one.requisition_id for one in asked}
    asked += [
        Asked(
            invoice_id=None,
            requisition_id=one.requisition_id,
            number=one.number or "",
            vendor_name=one.vendor_name or "",
            project_id=one.project_id,
            answer=_not_imported(one, at),
        )
        for one in await _requisitions(session, wanted, ids)
        if one.requisition_id not in imported and (at is None or one.first_seen_at <= at)
    ]
    return asked[:MOST_ANSWERS] or [Asked(None, None, wanted[:100], "", "", NOT_SEEN)]


async def _invoices(session: CompanySession, wanted: str, ids: set[str]) -> list[InvoiceRow]:
    named: list[sa.ColumnElement[bool]] = [col(InvoiceRow.source_id).in_(ids), col(InvoiceRow.number) == wanted]
    for one in ids:
        if one.isascii() and one.isdigit() and len(one) < 19:
            named.append(col(InvoiceRow.reference) == int(one))
    with suppress(ValueError):
        named.append(col(InvoiceRow.id) == UUID(wanted))
    found = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, sa.or_(*named))
        .order_by(col(InvoiceRow.imported_at).desc(), col(InvoiceRow.id))
        .limit(MOST_ANSWERS)
    )
    return list(found)


async def _requisitions(session: CompanySession, wanted: str, ids: set[str]) -> list[ProcoreRequisition]:
    found = await session.exec(
        select(ProcoreRequisition)
        .where(ProcoreRequisition.company_id == session.company_id)
        .where(sa.or_(col(ProcoreRequisition.requisition_id).in_(ids), col(ProcoreRequisition.number) == wanted))
        .order_by(col(ProcoreRequisition.updated_at).desc().nulls_last(), col(ProcoreRequisition.id))
        .limit(MOST_ANSWERS)
    )
    return list(found)


def _not_imported(one: ProcoreRequisition, at: datetime | None) -> Why:
    if at is None:
        return _verdict(one)
    return NOT_YET_IMPORTED if one.verdict is RequisitionVerdict.IMPORTED else as_of_today(_verdict(one))


def _verdict(one: ProcoreRequisition) -> Why:
    reason = one.verdict_reason or ""
    if reason in {blocker.value for blocker in BlockerReason}:
        held = Hold(BlockerReason(reason), one.unreadable or "")
        return why(Standing(InvoiceState.NEEDS_YOU, Badge.NEEDS_YOU, (held,)))
    known = {outcome.value for outcome in NotImportedReason}
    return why_not_imported(NotImportedReason(reason) if reason in known else None)


async def _standing(session: CompanySession, row: InvoiceRow) -> Standing:
    found = await session.exec(
        select(InvoiceBlocker)
        .where(InvoiceBlocker.company_id == session.company_id, InvoiceBlocker.invoice_id == row.id)
        .where(col(InvoiceBlocker.cleared_at).is_(None))
        .order_by(col(InvoiceBlocker.since), col(InvoiceBlocker.id))
    )
    holds = [Hold(one.reason, one.subject, one.subject_key) for one in found]
    connection = (await standings(session, [row])).get(row.id)
    return Standing(
        state=row.state,
        badge=badge_of_row(row),
        holds=[*holds, connection.hold] if connection is not None else holds,
        bill=await _bill_words(session, row.id, None),
        withdrawn=row.approval_withdrawn,
        approved=row.approved_at is not None,
    )


# What each kind of event makes of an invoice's state; kinds that say nothing of it are left out.
_STATE_AFTER = {
    "imported": InvoiceState.IMPORTED,
    "changed_in_procore": InvoiceState.IMPORTED,
    "freed": InvoiceState.IMPORTED,
    "not_posted": InvoiceState.IMPORTED,
    "post_after_all": InvoiceState.IMPORTED,
    "held": InvoiceState.NEEDS_YOU,
    "sending": InvoiceState.SENDING,
    "posted": InvoiceState.POSTED,
    "found_in_quickbooks": InvoiceState.POSTED,
    "linked": InvoiceState.LINKED,
    "dont_post": InvoiceState.DONT_POST,
    "nothing_to_post": InvoiceState.NOTHING_TO_POST,
    "taken_back": InvoiceState.TAKEN_BACK,
    "tried_again": InvoiceState.IMPORTED,
    "post_again": InvoiceState.IMPORTED,
}
# What tells that a bill which was gone is there again, or is none any more.
_NOT_REMOVED = frozenset({"agrees_again", "changed_after_posting", "post_again", "post_after_all", "taken_back"})


async def _standing_at(session: CompanySession, row: InvoiceRow, at: datetime) -> Standing:
    """The standing as the event log and the ages of its reasons tell it for a past moment."""
    events = [event for event in await timeline(session, "invoice", row.id) if event.occurred_at <= at]
    state, withdrawn, removed = InvoiceState.IMPORTED, False, False
    for event in events:
        state = _STATE_AFTER.get(event.kind, state)
        withdrawn = event.kind == "approval_withdrawn" or (withdrawn and event.kind != "approved_again")
        removed = event.kind == "removed_in_quickbooks" or (removed and event.kind not in _NOT_REMOVED)
    found = await session.exec(
        select(InvoiceBlocker)
        .where(InvoiceBlocker.company_id == session.company_id, InvoiceBlocker.invoice_id == row.id)
        .where(col(InvoiceBlocker.since) <= at)
        .where(sa.or_(col(InvoiceBlocker.cleared_at).is_(None), col(InvoiceBlocker.cleared_at) > at))
        .order_by(col(InvoiceBlocker.since), col(InvoiceBlocker.id))
    )
    holds = [Hold(one.reason, one.subject, one.subject_key) for one in found]
    if row.connection_id is not None and state in BEFORE_SENDING:
        connection_events = await timeline(session, "connection", row.connection_id)
        holds += _connection_holds([event for event in connection_events if event.occurred_at <= at])
    return Standing(
        state=state,
        badge=badge(state, InvoiceFacts(approval_withdrawn=withdrawn, removed_in_quickbooks=removed)),
        holds=holds,
        bill=await _bill_words(session, row.id, at),
        withdrawn=withdrawn,
        approved=row.approved_at is not None and (row.source != "upload" or row.approved_at <= at),
    )


_CONNECTION_HELD = {
    "connection_expired": BlockerReason.CONNECTION_EXPIRED,
    "connection_disconnected": BlockerReason.NO_QUICKBOOKS,
    "posting_paused": BlockerReason.PAUSED,
}
_CONNECTION_WENT_ON = {
    "connection_active": (BlockerReason.CONNECTION_EXPIRED, BlockerReason.NO_QUICKBOOKS),
    "posting_resumed": (BlockerReason.PAUSED,),
}


def _connection_holds(events: list[EventLog]) -> list[Hold]:
    open_reasons: dict[BlockerReason, None] = {}
    for event in events:
        for reason in _CONNECTION_WENT_ON.get(event.kind, ()):
            open_reasons.pop(reason, None)
        if event.kind in _CONNECTION_HELD:
            open_reasons[_CONNECTION_HELD[event.kind]] = None
    return [Hold(reason, "QuickBooks") for reason in open_reasons]


async def _bill_words(session: CompanySession, invoice_id: UUID, at: datetime | None) -> str:
    """The bill an invoice has (or had at that moment), in words; empty without one."""
    statement = (
        select(BillLink, Connection.quickbooks_company_name)
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == col(BillLink.company_id),
                col(Connection.id) == col(BillLink.connection_id),
            ),
        )
        .where(BillLink.company_id == session.company_id, BillLink.invoice_id == invoice_id)
        .order_by(col(BillLink.linked_at).desc())
    )
    if at is None:
        statement = statement.where(col(BillLink.ended_at).is_(None))
    else:
        statement = statement.where(col(BillLink.linked_at) <= at)
    first = (await session.exec(statement)).first()
    if first is None:
        return ""
    link, company = first
    day = link.linked_at
    return f"bill {link.number} in {company}, since {day:%B} {day.day}, {day.year}"
