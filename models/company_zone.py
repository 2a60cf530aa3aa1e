"""The time zone a company's times are told in where they belong to no one project."""

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.dates import UnknownTimeZone, zone
from models.database import CompanySession
from models.tables import ProcoreProject


async def company_zone(session: CompanySession) -> str:
    """The time zone most of the company's projects are in, the oldest's among equals; UTC while it has none."""
    found = await session.exec(
        select(ProcoreProject.time_zone)
        .where(ProcoreProject.company_id == session.company_id)
        .group_by(col(ProcoreProject.time_zone))
        .order_by(sa.func.count().desc(), sa.func.min(sa.func.lpad(ProcoreProject.project_id, 20, "0")))
        .limit(1)
    )
    name = found.first() or "UTC"
    try:
        zone(name)
    except UnknownTimeZone:
        return "UTC"
    return name
