"""What changed after posting: what differs between an invoice and its bill, and the two answers to it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import Accountant, Member, ServicesNow
from api.answers import Answer
from api.differences_shown import differences_shown
from api.intents import after_posting
from api.problems import not_found
from models.invoice_sheet import invoice_sheet

router = APIRouter(tags=["invoices"])

Fingerprint = Annotated[str, Field(max_length=64)]


class DifferenceAnswer(Answer):
    """One field with its three values in words; ``posted`` is empty where inBuild posted nothing."""

    field: str
    what: str
    posted: str
    in_procore: str
    in_quickbooks: str
    who: str


class ExplainedAnswer(Answer):
    by: str
    at: datetime
    note: str


class DifferencesAnswer(BaseModel):
    """``step``: ``ask`` may be answered, ``flag`` is only shown, ``update`` happens by itself. An answer names
    ``fingerprint``; it is empty, as are the differences, while invoice and bill agree.
    """

    fingerprint: str
    step: str
    because: str
    compared_at: datetime | None
    updating: bool
    explained: ExplainedAnswer | None
    differences: list[DifferenceAnswer]


class ShownBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fingerprint: Fingerprint


class KeepBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fingerprint: Fingerprint
    note: Annotated[str, Field(max_length=500)]


@router.get("/invoices/{invoice_id}/differences")
async def differences(invoice_id: UUID, visitor: Member, services: ServicesNow) -> DifferencesAnswer:
    """What differs, as last compared."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        sheet = await invoice_sheet(session, invoice_id)
        if sheet is None:
            raise not_found("invoice")
        shown = await differences_shown(session, visitor, sheet.invoice)
    if shown is None:
        return DifferencesAnswer(
            fingerprint="", step="nothing", because="", compared_at=None, updating=False, explained=None, differences=[]
        )
    return DifferencesAnswer(
        fingerprint=shown.fingerprint,
        step=shown.step.value,
        because=shown.because,
        compared_at=shown.compared_at,
        updating=shown.updating,
        explained=ExplainedAnswer.model_validate(shown.explained) if shown.explained else None,
        differences=[DifferenceAnswer.model_validate(one) for one in shown.differences],
    )


@router.post("/invoices/{invoice_id}/differences/update", status_code=204)
async def update_bill(invoice_id: UUID, body: ShownBody, visitor: Accountant, services: ServicesNow) -> Response:
    """*Update the bill* by exactly these differences."""
    await after_posting.update_bill(services, visitor, invoice_id, body.fingerprint)
    return Response(status_code=204)


@router.post("/invoices/{invoice_id}/differences/keep", status_code=204)
async def keep_as_it_is(invoice_id: UUID, body: KeepBody, visitor: Accountant, services: ServicesNow) -> Response:
    """*Keep as it is*: explained until something else differs."""
    await after_posting.keep_as_it_is(services, visitor, invoice_id, body.fingerprint, body.note)
    return Response(status_code=204)
