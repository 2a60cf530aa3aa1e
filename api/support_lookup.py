"""Finding anything across companies for inBuild support: the one audited look-up, which returns ids only."""

from uuid import UUID

from api.services import Services
from models import directory
from models.directory import FoundIds


async def find(services: Services, support_user_id: UUID, text: str) -> list[FoundIds]:
    """Ids that a number, an id or a name points at; each company touched is told in its audit log.

    Raises PermissionError for who is not of support.
    """
    async with services.database.directory() as session:
        return await directory.find_for_support(session, services.clock, support_user_id, text)
