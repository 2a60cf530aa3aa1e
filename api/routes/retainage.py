"""Retainage of commitments: the roll-forward, and opening balances that an admin confirms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.access import Accountant, ChangingAdmin, ServicesNow
from api.intents.mapping_versions import check_connection
from api.intents.retainage import Opening, confirm_openings
from api.money import Money
from models import retainage

router = APIRouter(tags=["retainage"])


class CommitmentAnswer(BaseModel):
    """opening + withheld − released = closing. ``withheld_before``: what Procore withheld before the first bill of
    ours, to be confirmed as the opening balance; null where there was nothing before."""

    commitment_id: str
    number: str
    project: str
    vendor: str
    confirmed: bool
    withheld_before: Money | None
    opening: Money
    withheld: Money
    released: Money
    closing: Money
    in_procore: Money | None
    ties: bool
    sentence: str


class RetainageAnswer(BaseModel):
    """``total`` counts every commitment, whatever the page."""

    total: int
    commitments: list[CommitmentAnswer]


class OpeningBody(BaseModel):
    """What is in QuickBooks already. ``shown`` is the amount that stood confirmed when this was decided; null: none."""

    model_config = ConfigDict(extra="forbid")

    commitment_id: Annotated[str, Field(max_length=32)]
    amount: Money
    shown: Money | None = None


class OpeningsBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    openings: Annotated[list[OpeningBody], Field(min_length=1, max_length=2000)]


class ConfirmedAnswer(BaseModel):
    confirmed: int
    freed: int


@router.get("/connections/{connection_id}/retainage")
async def show(
    connection_id: UUID,
    visitor: Accountant,
    services: ServicesNow,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> RetainageAnswer:
    """A page of the commitments, by project and number."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        known = await retainage.commitments_of(session, connection_id)
        found = await retainage.retainage_of_connection(session, connection_id, known[offset : offset + limit])
    return RetainageAnswer(
        total=len(known),
        commitments=[
            CommitmentAnswer(
                commitment_id=one.commitment_id,
                number=one.number,
                project=one.project_name,
                vendor=one.vendor_name,
                confirmed=one.confirmed,
                withheld_before=one.withheld_before,
                opening=one.rolled.opening,
                withheld=one.rolled.withheld,
                released=one.rolled.released,
                closing=one.rolled.closing,
                in_procore=one.rolled.in_procore,
                ties=one.rolled.ties,
                sentence=one.rolled.sentence,
            )
            for one in found
        ],
    )


@router.put("/connections/{connection_id}/retainage")
async def confirm(
    connection_id: UUID, body: OpeningsBody, visitor: ChangingAdmin, services: ServicesNow
) -> ConfirmedAnswer:
    """Confirm opening balances; releases that waited for them go on. 409 where one was confirmed since it was shown."""
    openings = [Opening(one.commitment_id, one.amount, one.shown) for one in body.openings]
    freed = await confirm_openings(services, visitor, connection_id, openings)
    return ConfirmedAnswer(confirmed=len(openings), freed=freed)
