"""How often we may still ask Procore: one account per company of the calls in the running hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import CompanySession

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class HourAccount:
    """Calls since ``hour_start`` (UTC), and the hourly limit that Procore's headers last named."""

    hour_start: datetime
    used: int
    hourly_limit: int | None


ACCOUNT = "SELECT hour_start, used, hourly_limit FROM procore_allowance WHERE company_id = %(company_id)s"
# One statement, so that nobody waits for more than its commit.
NOTE = """
    INSERT INTO procore_allowance AS account (company_id, hour_start, used, hourly_limit)
    VALUES (%(company_id)s, %(now)s, %(calls)s, %(hourly_limit)s)
    ON CONFLICT (company_id) DO UPDATE SET
        hour_start = CASE WHEN account.hour_start <= %(hour_ago)s THEN excluded.hour_start ELSE account.hour_start END,
        used = excluded.used + CASE WHEN account.hour_start <= %(hour_ago)s THEN 0 ELSE account.used END,
        hourly_limit = coalesce(excluded.hourly_limit, account.hourly_limit)
    RETURNING hour_start, used, hourly_limit
"""


async def allowance(session: CompanySession) -> HourAccount:
    """The running hour's account; a new hour starts at zero."""
    found = await session.ask(ACCOUNT, HourAccount)
    if not found:
        return HourAccount(session.now, 0, None)
    if session.now >= found[0].hour_start + HOUR:
        return HourAccount(session.now, 0, found[0].hourly_limit)
    return found[0]


async def note_calls(session: CompanySession, calls: int, hourly_limit: int | None) -> HourAccount:
    """Add calls just made. The account stays locked until the unit of work ends: note them last."""
    (account,) = await session.ask(
        NOTE, HourAccount, now=session.now, hour_ago=session.now - HOUR, calls=calls, hourly_limit=hourly_limit
    )
    return account
