"""The two contractors, their jobs, and the local time each job lives in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from simulators.world.ids import WIDE


@dataclass(frozen=True)
class Company:
    id: int
    name: str
    realm_id: str
    books_name: str

    def wire(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "is_active": True, "app_installed": True}


HALVORSEN = Company(4907, "Halvorsen Builders", "9130350000000001", "Halvorsen Builders Inc.")
CASCADE = Company(
    562_949_953_434_271, "Cascade Tenant Improvements", "9130350000000002", "Cascade Tenant Improvements LLC"
)
TIDEWATER = Company(562_949_953_440_015, "Tidewater Constructors", "", "Tidewater Constructors")
"""Keeps its books in QuickBooks Desktop; it has no realm."""
COMPANIES = (HALVORSEN, CASCADE, TIDEWATER)


@dataclass(frozen=True)
class Project:
    id: int
    number: str
    name: str
    owner: str
    """The client the job is built for; the parent customer in the books, blank for a job without one."""
    zone: str
    city: str
    state: str
    zip: str
    company: Company = HALVORSEN
    in_books: bool = True
    """False: QuickBooks has no customer of exactly this name."""

    @property
    def wide(self) -> bool:
        return self.id > WIDE

    def customer_path(self) -> str:
        """The FullyQualifiedName of the job in the books."""
        return f"{self.owner}:{self.name}" if self.owner else self.name

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """The UTC time at which the wall clock of the job shows that hour."""
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.zone)).astimezone(UTC)

    def wire(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "display_name": f"{self.number} - {self.name}",
            "project_number": self.number,
            "active": True,
            "stage": "Course of Construction",
            "time_zone": self.zone,
            "company": {"id": self.company.id, "name": self.company.name},
            "company_id": self.company.id,
            "permitted": True,
            "city": self.city,
            "state_code": self.state,
            "zip": self.zip,
            "country_code": "US",
            "origin_id": None,
            "origin_data": None,
            "origin_code": None,
            "accounting_project_number": None,
            "created_at": "2025-11-03T16:00:00Z",
            "updated_at": "2026-02-02T17:30:00Z",
        }


def stamp(moment: datetime) -> str:
    """A Procore v1 datetime: UTC with second precision."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


PROJECTS = (
    Project(5201, "2601", "Riverside Medical Office Building", "Riverside Health Partners",
            "America/New_York", "Albany", "NY", "12207"),
    Project(5202, "2602", "Lakefront Elementary School", "Evanston School District 65",
            "America/Chicago", "Evanston", "IL", "60201"),
    Project(5203, "2603", "Union Station Lofts", "Mile High Urban LLC",
            "America/Denver", "Denver", "CO", "80202"),
    Project(WIDE + 5204, "2604", "Mission Bay Life Science Center", "Bayline Labs REIT",
            "America/Los_Angeles", "San Francisco", "CA", "94158"),
    Project(5205, "2605", "Camelback Resort Renovation", "Saguaro Hospitality Group",
            "America/Phoenix", "Phoenix", "AZ", "85018"),
    Project(5206, "2606", "Ship Creek Cold Storage", "", "America/Anchorage", "Anchorage", "AK", "99501"),
    Project(WIDE + 5207, "2607", "Ala Moana Parking Structure", "Kapiolani Properties",
            "Pacific/Honolulu", "Honolulu", "HI", "96814"),
    Project(5208, "2608", "Corktown Distribution Hub", "", "America/Detroit", "Detroit", "MI", "48216"),
    Project(5209, "2609", "Treasure Valley Fire Station No. 7", "City of Meridian",
            "America/Boise", "Meridian", "ID", "83642"),
    Project(5210, "2610", "Monument Circle Hotel", "Saguaro Hospitality Group",
            "America/Indiana/Indianapolis", "Indianapolis", "IN", "46204"),
    Project(5211, "2611", "Bourbon Trail Visitors' Center", "", "America/Kentucky/Louisville",
            "Louisville", "KY", "40202"),
    Project(5212, "2612", "Harbor Point Phase I", "Bayline Labs REIT",
            "America/North_Dakota/Center", "Center", "ND", "58530", in_books=False),
)  # fmt: skip
CASCADE_PROJECT = Project(
    562_949_953_436_001, "TI-01", "Pearl District Suite 400", "", "America/Los_Angeles",
    "Portland", "OR", "97209", CASCADE,
)  # fmt: skip
TIDEWATER_PROJECTS = (
    Project(562_949_953_441_001, "N-301", "Ghent Tide Gate", "City of Norfolk",
            "America/New_York", "Norfolk", "VA", "23507", TIDEWATER),
    Project(6302, "N-302", "Elizabeth River Pump Station", "City of Norfolk",
            "America/New_York", "Norfolk", "VA", "23510", TIDEWATER),
    Project(6401, "R-401", "Cumberland Plateau Data Hall", "Overmountain Compute LLC",
            "America/Chicago", "Crossville", "TN", "38555", TIDEWATER),
    Project(6402, "R-402", "Nashville Yard Ductbank", "", "America/Chicago", "Nashville", "TN", "37203", TIDEWATER),
)  # fmt: skip
