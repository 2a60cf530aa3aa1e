"""Telling us that inBuild pushed a requisition into Procore, so that it is not imported as the subcontractor's own."""

from api.access import Visitor
from api.problems import Problem
from api.services import Services
from models import pushes


async def record_push(services: Services, visitor: Visitor, requisition_id: str, project_id: str) -> bool:
    """Record a push; False when it was known. Raises Problem 409 when the requisition is an invoice already."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            return await pushes.record_push(session, requisition_id, project_id, visitor.user_id)
    except pushes.AlreadyImported:
        raise Problem(
            409,
            "already_imported",
            f"Requisition {requisition_id} was imported as an invoice already. Open that invoice and decide there.",
        ) from None
