"""Requisitions that inBuild pushed into Procore."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.access import Accountant, ServicesNow
from api.intents import pushing

router = APIRouter(tags=["procore pushes"])

ProcoreId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]


class PushBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    requisition_id: ProcoreId
    project_id: ProcoreId


class PushAnswer(BaseModel):
    requisition_id: str
    recorded: bool


@router.post("/procore-pushes", status_code=201)
async def record_push(body: PushBody, visitor: Accountant, services: ServicesNow, response: Response) -> PushAnswer:
    """201 for a new one, 200 for one that was recorded before."""
    recorded = await pushing.record_push(services, visitor, body.requisition_id, body.project_id)
    if not recorded:
        response.status_code = 200
    return PushAnswer(requisition_id=body.requisition_id, recorded=recorded)
