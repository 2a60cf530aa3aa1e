"""Taking bills back: one or many, how it goes, and posting one again. Company admins only."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access import Accountant, ChangingAdmin, Member, ServicesNow
from api.answers import Answer
from api.intents import posting_again, taking_back
from api.intents.taking_back import MOST_AT_ONCE
from api.money import Money
from models.tables import TakeBackState, TakeBackWay

router = APIRouter(tags=["taking back"])


class TakeBackBody(BaseModel):
    """``remove`` deletes the bill (Desktop: voids it), ``reverse`` makes a vendor credit against it."""

    model_config = ConfigDict(extra="forbid")

    invoice_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]
    way: TakeBackWay = TakeBackWay.REMOVE


class LeftAnswer(Answer):
    invoice_id: UUID
    sentence: str


class AskedAnswer(BaseModel):
    """How many are on their way by which request, and what was left as it is, with the reason."""

    id: UUID
    count: int
    left: list[LeftAnswer]


class ItemAnswer(Answer):
    invoice_id: UUID
    number: str
    vendor_name: str
    total: Money
    state: TakeBackState
    sentence: str
    may_reverse: bool
    ended_at: datetime | None


class TakingBackAnswer(BaseModel):
    """One request, newest bill first. ``waiting`` 0: it is over."""

    id: UUID
    way: TakeBackWay
    requested_at: datetime
    waiting: int
    done: int
    refused: int
    items: list[ItemAnswer]


class PostAgainBody(BaseModel):
    """``fingerprint`` names the differences of a removed bill as they were shown; what was taken back has none."""

    model_config = ConfigDict(extra="forbid")

    fingerprint: Annotated[str, Field(max_length=64)] = ""


class PostAgainAnswer(BaseModel):
    accepted: bool = True


@router.post("/takings-back", status_code=202)
async def take_back(body: TakeBackBody, visitor: ChangingAdmin, services: ServicesNow) -> AskedAnswer:
    asked = await taking_back.ask(services, visitor, body.invoice_ids, body.way)
    left = [LeftAnswer.model_validate(one) for one in asked.left]
    return AskedAnswer.model_validate({"id": asked.id, "count": asked.count, "left": left})


@router.get("/takings-back/{taking_back_id}")
async def show_taking_back(taking_back_id: UUID, visitor: Member, services: ServicesNow) -> TakingBackAnswer:
    shown = await taking_back.show(services, visitor, taking_back_id)
    return TakingBackAnswer(
        id=shown.id,
        way=shown.way,
        requested_at=shown.requested_at,
        waiting=len(shown.of(TakeBackState.WAITING)),
        done=len(shown.of(TakeBackState.DONE)),
        refused=len(shown.of(TakeBackState.REFUSED)),
        items=[ItemAnswer.model_validate(item) for item in shown.items],
    )


@router.post("/invoices/{invoice_id}/post-again", status_code=202)
async def post_again(
    invoice_id: UUID, visitor: Accountant, services: ServicesNow, body: PostAgainBody | None = None
) -> PostAgainAnswer:
    """*Post again*: what QuickBooks removed, or (admins only) what was taken back."""
    await posting_again.post_again(services, visitor, invoice_id, body.fingerprint if body else "")
    return PostAgainAnswer()
