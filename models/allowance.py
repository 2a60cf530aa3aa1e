"""How often we may still ask Procore: one account per company of the calls in the running hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from models.database import CompanySession
from models.tables import ProcoreAllowance

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class HourAccount:
    """Calls since ``hour_start`` (UTC), and the hourly limit that Procore's headers last named."""

    hour_start: datetime
    used: int
    hourly_limit: int | None


async def allowance(session: CompanySession) -> HourAccount:
    """The running hour's account; a new hour starts at zero."""
    found = await session.exec(
        select(ProcoreAllowance.hour_start, ProcoreAllowance.used, ProcoreAllowance.hourly_limit).where(
            ProcoreAllowance.company_id == session.company_id
        )
    )
    account = HourAccount(*(found.first() or (session.now, 0, None)))
    if session.now >= account.hour_start + HOUR:
        return HourAccount(session.now, 0, account.hourly_limit)
    return account


async def note_calls(session: CompanySession, calls: int, hourly_limit: int | None) -> HourAccount:
    """Add calls just made. The account stays locked until the unit of work ends: note them last."""
    is_over = col(ProcoreAllowance.hour_start) <= session.now - HOUR
    statement = insert(ProcoreAllowance).values(
        company_id=session.company_id, hour_start=session.now, used=calls, hourly_limit=hourly_limit
    )
    new = statement.excluded
    noted = await session.execute(
        statement.on_conflict_do_update(
            index_elements=["company_id"],
            set_={
                "hour_start": sa.case((is_over, new.hour_start), else_=col(ProcoreAllowance.hour_start)),
                "used": sa.case((is_over, new.used), else_=col(ProcoreAllowance.used) + new.used),
                "hourly_limit": sa.func.coalesce(new.hourly_limit, col(ProcoreAllowance.hourly_limit)),
            },
        ).returning(col(ProcoreAllowance.hour_start), col(ProcoreAllowance.used), col(ProcoreAllowance.hourly_limit))
    )
    return HourAccount(*noted.one())
