"""What went to QuickBooks lately, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import col

from accounting.dates import zone
from accounting.money import to_cents
from models.database import CompanySession
from models.tables import BillLink


@dataclass(frozen=True)
class PostedDay:
    """Bills linked on one day of the company's own calendar."""

    day: date
    count: int
    total: Decimal


async def posted_days(session: CompanySession, time_zone: str, days: int) -> list[PostedDay]:
    """The last ``days`` days up to today in this zone, empty ones included, the oldest first.

    Raises UnknownTimeZone.
    """
    here = zone(time_zone)
    today = session.now.astimezone(here).date()
    calendar = [today - timedelta(days=back) for back in reversed(range(days))]
    # Midnights as instants, so that a day of 23 or 25 hours is one day.
    midnights = [datetime.combine(day, datetime.min.time(), here) for day in (*calendar, today + timedelta(days=1))]
    return [
        PostedDay(day, count, total)
        for day, (count, total) in zip(calendar, await _between(session, midnights), strict=True)
    ]


async def _between(session: CompanySession, instants: Sequence[datetime]) -> list[tuple[int, Decimal]]:
    """Count and sum of the bills between each instant and the next."""
    bucket = sa.func.width_bucket(col(BillLink.linked_at), list(instants))
    found = await session.execute(
        sa.select(bucket.label("bucket"), sa.func.count(), sa.func.sum(_worth()))
        .where(col(BillLink.company_id) == session.company_id)
        .where(col(BillLink.linked_at) >= instants[0], col(BillLink.linked_at) < instants[-1])
        .group_by(sa.text("bucket"))
    )
    counted = {int(place): (int(count), to_cents(total)) for place, count, total in found}
    return [counted.get(place, (0, Decimal(0))) for place in range(1, len(instants))]


def _worth() -> sa.ColumnElement[Decimal]:
    """What a transaction adds to what is owed: QuickBooks keeps the total of a vendor credit as a positive one."""
    is_credit = col(BillLink.transaction_type) == "VendorCredit"
    return sa.case((is_credit, -col(BillLink.total)), else_=col(BillLink.total))
