"""The numbers of a digest, and the day of the last one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from accounting.alert_digest import Waiting
from models.database import CompanySession
from models.invoice_pages import WaitsFor
from models.posted_days import posted_days
from models.tables import AlertRound
from models.work_list import reason_words, waiting_groups


@dataclass(frozen=True)
class DigestNumbers:
    """``posted`` are count and sum of the bills of ``day``, which is yesterday in the company's zone."""

    day: date
    posted: tuple[int, Decimal]
    waiting: tuple[Waiting, ...]


async def last_digest_day(session: CompanySession) -> date | None:
    """The day whose morning had its digest last; None for a company that has not begun."""
    found = await session.exec(select(AlertRound).where(AlertRound.company_id == session.company_id))
    row = found.first()
    return row.digest_day if row else None


async def digest_given(session: CompanySession, day: date) -> None:
    """The digest of this day's morning is on its way, or there was nothing to tell."""
    await session.execute(
        insert(AlertRound)
        .values(company_id=session.company_id, digest_day=day)
        .on_conflict_do_update(index_elements=["company_id"], set_={"digest_day": day})
    )


async def digest_numbers(session: CompanySession, time_zone: str) -> DigestNumbers:
    """What there is to tell this morning."""
    yesterday, _ = await posted_days(session, time_zone, 2)
    waiting = tuple(Waiting(_words(group.reason), group.count, group.due) for group in await waiting_groups(session))
    return DigestNumbers(yesterday.day, (yesterday.count, yesterday.total), waiting)


def _words(reason: WaitsFor | None) -> str:
    return reason_words(reason) if reason else "On their way to QuickBooks"
