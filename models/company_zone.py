"""The time zone a company's times are told in where they belong to no one project."""

from dataclasses import dataclass

from accounting.dates import UnknownTimeZone, zone
from models.database import CompanySession

COMPANY_ZONE = """
    SELECT time_zone AS name FROM procore_project WHERE company_id = %(company_id)s
    GROUP BY time_zone ORDER BY count(*) DESC, min(lpad(project_id, 20, '0')) LIMIT 1
"""


@dataclass(frozen=True)
class _Zone:
    name: str


async def company_zone(session: CompanySession) -> str:
    """The time zone most of the company's projects are in, the oldest's among equals; UTC while it has none."""
    found = await session.ask(COMPANY_ZONE, _Zone)
    name = found[0].name if found else "UTC"
    try:
        zone(name)
    except UnknownTimeZone:
        return "UTC"
    return name
