"""Companies for tests: the one row that every other row hangs on."""

from uuid import UUID

from foundation.ids import new_id
from models.database import Database
from models.tables import Company

PROCORE_ENVIRONMENT = "production"


async def add_company(database: Database, name: str = "Hartwell Construction", *, feature_enabled: bool = True) -> UUID:
    """One more company, with a Procore company id of its own."""
    company_id = new_id(database.clock)
    async with database.directory() as session:
        session.add(
            Company(
                id=company_id,
                procore_environment=PROCORE_ENVIRONMENT,
                procore_company_id=str(company_id.int % 10**15),
                name=name,
                feature_enabled=feature_enabled,
                created_at=database.clock.now(),
            )
        )
    return company_id
