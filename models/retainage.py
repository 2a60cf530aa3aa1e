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
from models.tables import (
    BillLink,
    InvoiceRow,
    ProcoreCommitment,
    ProcoreProject,
    ProcoreRequisition,
    RetainageOpening,
)


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
    number: str
    project_name: str
    vendor_name: str


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
    told = []
    for one in commitments:
        posted, opening = moves.get(one.commitment_id), openings.get(one.commitment_id, ZERO)
        now = in_procore.get(one.commitment_id, _InProcore(None, None))
        told.append(
            CommitmentRetainage(
                commitment_id=one.commitment_id,
                number=one.number,
                project_name=one.project_name,
                vendor_name=one.vendor_name,
                confirmed=one.commitment_id in openings,
                withheld_before=now.before_ours,
                rolled=roll_forward(one.commitment_id, opening, [posted] if posted else [], now.posted, None),
            )
        )
    return told


async def commitments_of(session: CompanySession, connection_id: UUID) -> list[Commitment]:
    """Every commitment with a requisition in a project that posts here, by project and number."""
    routes = await routes_now(session)
    found = await session.execute(
        sa.select(
            col(ProcoreRequisition.commitment_id),
            col(ProcoreRequisition.project_id),
            sa.func.max(col(ProcoreCommitment.number)),
            sa.func.max(col(ProcoreProject.name)),
            sa.func.max(col(ProcoreRequisition.vendor_name)),
        )
        .outerjoin(
            ProcoreCommitment,
            sa.and_(
                col(ProcoreCommitment.company_id) == col(ProcoreRequisition.company_id),
                col(ProcoreCommitment.commitment_id) == col(ProcoreRequisition.commitment_id),
            ),
        )
        .outerjoin(
            ProcoreProject,
            sa.and_(
                col(ProcoreProject.company_id) == col(ProcoreRequisition.company_id),
                col(ProcoreProject.project_id) == col(ProcoreRequisition.project_id),
            ),
        )
        .where(col(ProcoreRequisition.company_id) == session.company_id)
        .where(col(ProcoreRequisition.commitment_id).is_not(None))
        .group_by(col(ProcoreRequisition.commitment_id), col(ProcoreRequisition.project_id))
    )
    here = {
        commitment_id: Commitment(commitment_id, number or commitment_id, project or project_id, vendor or "")
        for commitment_id, project_id, number, project, vendor in found.all()
        if routes.of(project_id).connection_id == connection_id
    }
    return sorted(here.values(), key=lambda one: (one.project_name, one.number, one.commitment_id))


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


@dataclass(frozen=True)
class _Stand:
    """One requisition's number, its total retainage, and what became of it."""

    number: int
    total: Decimal
    imported: bool
    posted: bool


async def _in_procore(session: CompanySession, commitment_ids: Iterable[str]) -> dict[str, _InProcore]:
    found = await session.execute(
        sa.select(
            col(ProcoreRequisition.commitment_id),
            col(ProcoreRequisition.raw),
            col(InvoiceRow.id),
            col(BillLink.id),
        )
        .outerjoin(
            InvoiceRow,
            sa.and_(
                col(InvoiceRow.company_id) == col(ProcoreRequisition.company_id),
                col(InvoiceRow.source_id) == col(ProcoreRequisition.requisition_id),
                col(InvoiceRow.source) == InvoiceSource.PROCORE_REQUISITION,
            ),
        )
        .outerjoin(
            BillLink,
            sa.and_(
                col(BillLink.company_id) == col(InvoiceRow.company_id),
                col(BillLink.invoice_id) == col(InvoiceRow.id),
                col(BillLink.ended_at).is_(None),
            ),
        )
        .where(col(ProcoreRequisition.company_id) == session.company_id)
        .where(col(ProcoreRequisition.commitment_id).in_(set(commitment_ids)))
        .where(col(ProcoreRequisition.unreadable).is_(None))
        .where(col(ProcoreRequisition.status).in_(["approved", "approved_as_noted"]))
    )
    stands: dict[str, list[_Stand]] = {}
    for commitment_id, raw, invoice_id, link_id in found:
        wire = json.loads(raw, parse_float=Decimal)
        total, number = (wire.get("summary") or {}).get("total_retainage"), wire.get("number")
        if commitment_id is not None and total is not None and number is not None:
            stand = _Stand(int(number), Decimal(str(total)), invoice_id is not None, link_id is not None)
            stands.setdefault(commitment_id, []).append(stand)
    return {commitment_id: _shown(of) for commitment_id, of in stands.items()}


def _shown(stands: list[_Stand]) -> _InProcore:
    first_ours = min((one.number for one in stands if one.imported), default=None)
    before = [one for one in stands if not one.imported and (first_ours is None or one.number < first_ours)]
    posted = [one for one in stands if one.posted]
    return _InProcore(
        before_ours=max(before, key=lambda one: one.number).total if before else None,
        posted=max(posted, key=lambda one: one.number).total if posted else None,
    )
