"""How old our copy of Procore is: what a page says beside what it shows while Procore or the network is down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.procore_access import procore_access
from models.tables import Mirroring, ProcoreProject

# A look comes every few minutes; three of them missing is no accident.
LATE = timedelta(minutes=15)


@dataclass(frozen=True)
class Freshness:
    """When any project was last read (UTC, None: never), how many could not be, and what Procore said then.

    ``late`` is True when mirroring is on and nothing has been read for a quarter of an hour.
    """

    last_looked_at: datetime | None
    projects_in_trouble: int
    trouble: str | None
    late: bool
    access: str


async def freshness(session: CompanySession) -> Freshness:
    found = await session.execute(
        sa.select(
            sa.func.max(col(ProcoreProject.last_looked_at)),
            sa.func.count().filter(col(ProcoreProject.trouble).is_not(None)),
            sa.func.max(col(ProcoreProject.trouble)),
        ).where(col(ProcoreProject.company_id) == session.company_id, col(ProcoreProject.is_visible).is_(True))
    )
    last_looked_at, in_trouble, trouble = found.one()
    switched_on = await session.exec(select(Mirroring.is_on).where(Mirroring.company_id == session.company_id))
    is_on = bool(switched_on.first())
    return Freshness(
        last_looked_at=last_looked_at,
        projects_in_trouble=in_trouble,
        trouble=trouble,
        late=is_on and last_looked_at is not None and session.now - last_looked_at > LATE,
        access=(await procore_access(session)).sentence,
    )
