"""The times during which mirroring was on: one open interval at most, closed whenever the toggle goes off."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import col

from models.database import CompanySession
from models.tables import Mirroring, MirroringInterval


def open_interval(session: CompanySession, toggle: Mirroring, start_date: date) -> None:
    """Mirroring is on from now, with the toggle's plan and version."""
    session.add(
        MirroringInterval(
            company_id=session.company_id,
            id=session.new_id(),
            start_date=start_date,
            on_at=session.now,
            plan_id=toggle.plan_id,
            version=toggle.version,
        )
    )


async def close_interval(session: CompanySession) -> None:
    """Mirroring is off from now."""
    await session.execute(
        sa.update(MirroringInterval)
        .where(col(MirroringInterval.company_id) == session.company_id, col(MirroringInterval.off_at).is_(None))
        .values(off_at=session.now)
        .execution_options(synchronize_session=False)
    )
