"""Requisitions approved in Procore that were not imported, each with its reason."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import Member, ServicesNow
from api.words import left_out_sentence
from models.left_out import left_out

router = APIRouter(tags=["requisitions"])


class LeftOutAnswer(BaseModel):
    requisition_id: str
    project_id: str
    project_name: str | None
    vendor_name: str | None
    number: str | None
    reason: str
    sentence: str
    needs_person: bool
    updated_at: datetime | None


class LeftOutPageAnswer(BaseModel):
    requisitions: list[LeftOutAnswer]
    total: int


@router.get("/requisitions/not-imported")
async def not_imported(
    visitor: Member,
    services: ServicesNow,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> LeftOutPageAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        page = await left_out(session, limit, offset)
    return LeftOutPageAnswer(
        requisitions=[
            LeftOutAnswer(
                requisition_id=row.requisition_id,
                project_id=row.project_id,
                project_name=row.project_name,
                vendor_name=row.vendor_name,
                number=row.number,
                reason=row.reason,
                sentence=left_out_sentence(row.reason),
                needs_person=row.needs_person,
                updated_at=row.updated_at,
            )
            for row in page.rows
        ],
        total=page.total,
    )
