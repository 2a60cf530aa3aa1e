"""Why invoices wait, in sentences: their own open reasons, and what they wait for until their connection may post."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from accounting.blockers import EXPLANATIONS, BlockerReason, Hold
from models.database import CompanySession
from models.standing import standings
from models.tables import InvoiceBlocker, InvoiceRow


@dataclass(frozen=True)
class OpenReason:
    """A reason that holds an invoice, in its sentence, and the button that clears it. ``waits``: shown as *Waiting*."""

    reason: BlockerReason
    sentence: str
    subject: str
    subject_key: str
    button: str | None
    owner: str
    waits: bool
    since: datetime


async def reasons_to_wait(session: CompanySession, rows: Sequence[InvoiceRow]) -> dict[UUID, list[OpenReason]]:
    """Every reason these invoices wait for: their own first, then what their connection makes them wait for."""
    reasons = await open_reasons(session, [row.id for row in rows])
    standing = await standings(session, rows)
    for row in rows:
        told = standing.get(row.id)
        if told is None or any(one.reason is told.hold.reason for one in reasons.get(row.id, [])):
            continue
        reasons.setdefault(row.id, []).append(_open(told.hold, told.since or row.imported_at, waits=True))
    return reasons


async def open_reasons(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, list[OpenReason]]:
    """The open reasons of these invoices, oldest first."""
    found = await session.exec(
        select(InvoiceBlocker)
        .where(InvoiceBlocker.company_id == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.invoice_id).in_(set(invoice_ids)))
        .order_by(col(InvoiceBlocker.since), col(InvoiceBlocker.id))
    )
    reasons: dict[UUID, list[OpenReason]] = {}
    for blocker in found:
        hold = Hold(blocker.reason, blocker.subject, blocker.subject_key)
        reasons.setdefault(blocker.invoice_id, []).append(_open(hold, blocker.since, waits=hold.shows_as_waiting))
    return reasons


def _open(hold: Hold, since: datetime, *, waits: bool) -> OpenReason:
    explanation = EXPLANATIONS[hold.reason]
    return OpenReason(
        reason=hold.reason,
        sentence=hold.sentence,
        subject=hold.subject,
        subject_key=hold.subject_key,
        button=explanation.button,
        owner=explanation.owner.value,
        waits=waits,
        since=since,
    )
