"""Retainage of commitments: opening balances that an admin confirmed, and the roll-forward over posted bills."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.invoice import InvoiceSource
from accounting.money import ZERO
from accounting.retainage import RetainageMove, RollForward, roll_forward
from models.database import CompanySession
from models.events import audit, record_event
from models.retainage_accounts import retainage_account_in_force
from models.routes import routes_now
from models.tables import BillLink, RetainageOpening


@dataclass(frozen=True)
class CommitmentRetainage:
    """One commitment's retainage as its page shows it.

    ``withheld_before`` is what Procore shows as withheld by the requisitions before the first one of ours: the opening
    balance to confirm, if the books hold as much. None where there was none before.
    """

    commitment_id: str
    number: str
    project_name: str
    vendor_name: str
    confirmed: bool
    withheld_before: Decimal | None
    rolled: RollForward


@dataclass(frozen=True)
class Commitment:
    """A commitment by the names it is known by."""

    commitment_id: str
    project_id: str
    number: str
    project_name: str


OPENINGS = """
    SELECT commitment_id, amount, account_id, confirmed_by FROM retainage_opening
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND superseded_at IS NULL
        AND commitment_id = ANY(%(commitment_ids)s)
"""


@dataclass(frozen=True)
class OpeningNow:
    """An opening balance in force, the account it lies in where that is known, and who confirmed it."""

    commitment_id: str
    amount: Decimal
    account_id: str | None
    confirmed_by: UUID


async def openings_now(
    session: CompanySession, connection_id: UUID, commitment_ids: Iterable[str]
) -> dict[str, OpeningNow]:
    """Confirmed opening balances, by commitment."""
    found = await session.ask(
        OPENINGS, OpeningNow, connection_id=connection_id, commitment_ids=sorted(set(commitment_ids))
    )
    return {one.commitment_id: one for one in found}


async def openings_of(
    session: CompanySession, connection_id: UUID, commitment_ids: Iterable[str]
) -> dict[str, Decimal]:
    """Their amounts alone."""
    found = await openings_now(session, connection_id, commitment_ids)
    return {commitment_id: one.amount for commitment_id, one in found.items()}


async def confirm_opening(
    session: CompanySession, connection_id: UUID, commitment_id: str, amount: Decimal, confirmed_by: UUID
) -> None:
    """Keep what is in QuickBooks already for a commitment; an earlier word about it stays as history.

    It lies in the account that retainage was withheld in when it was first confirmed.
    """
    superseded = await session.execute(
        sa.update(RetainageOpening)
        .where(col(RetainageOpening.company_id) == session.company_id)
        .where(col(RetainageOpening.connection_id) == connection_id)
        .where(col(RetainageOpening.commitment_id) == commitment_id, col(RetainageOpening.superseded_at).is_(None))
        .values(superseded_at=session.now)
        .returning(col(RetainageOpening.amount), col(RetainageOpening.account_id))
        .execution_options(synchronize_session=False)
    )
    before = superseded.first()
    account_id = before[1] if before else None
    if account_id is None:
        account_id = await retainage_account_in_force(session, connection_id, commitment_id)
    session.add(
        RetainageOpening(
            company_id=session.company_id,
            id=session.new_id(),
            connection_id=connection_id,
            commitment_id=commitment_id,
            amount=amount,
            account_id=account_id,
            confirmed_by=confirmed_by,
            confirmed_at=session.now,
        )
    )
    was = str(before[0]) if before else None
    record_event(session, "commitment", commitment_id, "retainage_opening_confirmed", amount=str(amount), before=was)
    audit(session, "retainage_opening_confirmed", commitment_id=commitment_id, amount=str(amount), before=was)


async def retainage_of_connection(
    session: CompanySession, connection_id: UUID, shown: Sequence[Commitment] | None = None
) -> list[CommitmentRetainage]:
    """The retainage of these commitments, else of every one of these books', here and in Procore."""
    commitments = await commitments_of(session, connection_id) if shown is None else shown
    ids = [one.commitment_id for one in commitments]
    moves = await _moves(session, connection_id, ids)
    openings = await openings_of(session, connection_id, ids)
    in_procore = await _in_procore(session, ids)
    vendors = await _vendors(session, ids)
    told = []
    for one in commitments:
        posted, opening = moves.get(one.commitment_id), openings.get(one.commitment_id, ZERO)
        now = in_procore.get(one.commitment_id, _InProcore(None, None))
        told.append(
            CommitmentRetainage(
                commitment_id=one.commitment_id,
                number=one.number,
                project_name=one.project_name,
                vendor_name=vendors.get((one.commitment_id, one.project_id), ""),
                confirmed=one.commitment_id in openings,
                withheld_before=now.before_ours,
                rolled=roll_forward(one.commitment_id, opening, [posted] if posted else [], now.posted, None),
            )
        )
    return told


# From one commitment to the next in an index, instead of through every requisition there is.
COMMITMENTS = """
    WITH RECURSIVE walked AS (
        (
            SELECT commitment_id, project_id FROM procore_requisition
            WHERE company_id = %(company_id)s AND commitment_id IS NOT NULL
            ORDER BY commitment_id, project_id LIMIT 1
        )
        UNION ALL
        SELECT following.commitment_id, following.project_id
        FROM walked, LATERAL (
            SELECT commitment_id, project_id FROM procore_requisition
            WHERE company_id = %(company_id)s
                AND (commitment_id, project_id) > (walked.commitment_id, walked.project_id)
            ORDER BY commitment_id, project_id LIMIT 1
        ) AS following
    )
    SELECT walked.commitment_id, walked.project_id, coalesce(commitment.number, walked.commitment_id) AS number,
        coalesce(project.name, walked.project_id) AS project_name
    FROM walked
    LEFT JOIN procore_commitment AS commitment
        ON commitment.company_id = %(company_id)s AND commitment.commitment_id = walked.commitment_id
    LEFT JOIN procore_project AS project
        ON project.company_id = %(company_id)s AND project.project_id = walked.project_id
"""
VENDORS = """
    SELECT commitment_id, project_id, max(vendor_name) AS vendor_name FROM procore_requisition
    WHERE company_id = %(company_id)s AND commitment_id = ANY(%(commitment_ids)s)
    GROUP BY commitment_id, project_id
"""


async def commitments_of(session: CompanySession, connection_id: UUID) -> list[Commitment]:
    """Every commitment with a requisition in a project that posts here, by project and number."""
    routes = await routes_now(session)
    here = {
        one.commitment_id: one
        for one in await session.ask(COMMITMENTS, Commitment)
        if routes.of(one.project_id).connection_id == connection_id
    }
    return sorted(here.values(), key=lambda one: (one.project_name, one.number, one.commitment_id))


@dataclass(frozen=True)
class _Vendor:
    commitment_id: str
    project_id: str
    vendor_name: str | None


async def _vendors(session: CompanySession, commitment_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """Whose invoices they are, by commitment and project."""
    found = await session.ask(VENDORS, _Vendor, commitment_ids=list(commitment_ids))
    return {(one.commitment_id, one.project_id): one.vendor_name or "" for one in found}


async def _moves(
    session: CompanySession, connection_id: UUID, commitment_ids: Iterable[str]
) -> dict[str, RetainageMove]:
    """What all bills of each commitment withheld and released together."""
    found = await session.execute(
        sa.select(
            col(BillLink.commitment_id),
            sa.func.sum(col(BillLink.retainage_withheld)),
            sa.func.sum(col(BillLink.retainage_released)),
        )
        .where(col(BillLink.company_id) == session.company_id, col(BillLink.connection_id) == connection_id)
        .where(col(BillLink.commitment_id).in_(set(commitment_ids)), col(BillLink.ended_at).is_(None))
        .group_by(col(BillLink.commitment_id))
    )
    return {commitment_id: RetainageMove(withheld, released) for commitment_id, withheld, released in found.all()}


@dataclass(frozen=True)
class _InProcore:
    """Procore's ``total_retainage`` of a commitment: on its last requisition that went into the books before inBuild
    did it, and on the newest one we posted."""

    before_ours: Decimal | None
    posted: Decimal | None


# Of each commitment: what was never imported, and the newest one that we posted. What stands between them says nothing
# here, so Procore's text of it is not read.
IN_PROCORE = """
    WITH stand AS (
        SELECT requisition.id, requisition.commitment_id, invoice.id IS NOT NULL AS imported,
            min(invoice.sequence) OVER of_commitment AS first_ours,
            link.id IS NOT NULL AND invoice.sequence = max(invoice.sequence) FILTER (WHERE link.id IS NOT NULL)
                OVER of_commitment AS is_newest_posted
        FROM procore_requisition AS requisition
        LEFT JOIN invoice
            ON invoice.company_id = requisition.company_id AND invoice.source = %(source)s
            AND invoice.source_id = requisition.requisition_id
        LEFT JOIN bill_link AS link
            ON link.company_id = invoice.company_id AND link.invoice_id = invoice.id AND link.ended_at IS NULL
        WHERE requisition.company_id = %(company_id)s AND requisition.commitment_id = ANY(%(commitment_ids)s)
            AND requisition.unreadable IS NULL AND requisition.status IN ('approved', 'approved_as_noted')
        WINDOW of_commitment AS (PARTITION BY requisition.commitment_id)
    )
    SELECT stand.commitment_id, stand.imported, stand.first_ours, requisition.raw
    FROM stand
    JOIN procore_requisition AS requisition
        ON requisition.company_id = %(company_id)s AND requisition.id = stand.id
    WHERE NOT stand.imported OR stand.is_newest_posted
"""


@dataclass(frozen=True)
class _Stand:
    """One requisition; ``first_ours`` is the number of its commitment's first one that was imported."""

    commitment_id: str
    imported: bool
    first_ours: int | None
    raw: str


async def _in_procore(session: CompanySession, commitment_ids: Sequence[str]) -> dict[str, _InProcore]:
    found = await session.ask(
        IN_PROCORE,
        _Stand,
        commitment_ids=list(commitment_ids),
        source=InvoiceSource.PROCORE_REQUISITION.value,
    )
    before: dict[str, tuple[int, Decimal]] = {}
    posted: dict[str, Decimal] = {}
    for stand in found:
        wire = json.loads(stand.raw, parse_float=Decimal)
        total, number = (wire.get("summary") or {}).get("total_retainage"), wire.get("number")
        if total is None or number is None:
            continue
        last = int(number), Decimal(str(total))
        if stand.imported:
            posted[stand.commitment_id] = last[1]
        elif stand.first_ours is None or last[0] < stand.first_ours:
            before[stand.commitment_id] = max(before.get(stand.commitment_id, last), last)
    return {
        one: _InProcore(before[one][1] if one in before else None, posted.get(one))
        for one in before.keys() | posted.keys()
    }
