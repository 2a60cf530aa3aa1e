"""What an admin sets for the whole company: what counts as approved, and who its accountants are."""

from uuid import UUID

from api.access import Visitor
from api.problems import not_found
from api.services import Services
from models import company_settings


async def take_approved_as_noted(services: Services, visitor: Visitor, on: bool) -> None:
    """Count *approved as noted* as approved, or not, from the next look at Procore on."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await company_settings.take_approved_as_noted(session, on, visitor.user_id)


async def name_accountant(services: Services, visitor: Visitor, user_id: UUID, named: bool) -> None:
    """Name a colleague accountant, or end it. Raises Problem 404 for somebody who is not of the company."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        changed = await company_settings.name_accountant(session, user_id, named)
    if changed is None:
        raise not_found("person of this company")
