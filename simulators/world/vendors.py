"""Sixty subcontractors and suppliers, with the names real directories have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulators.world.ids import WIDE
from simulators.world.people import SUBCONTRACTOR, Person
from simulators.world.projects import HALVORSEN, Company

# name | trade | prefix of their invoice numbers | city | state | QuickBooks terms (blank: none set)
_DIRECTORY = """\
Ernie's Electrical|electrical|EE|Albany|NY|Net 30
Northgate Concrete LLC|concrete|NGC|Reno|NV|Net 30
Peña & Sons Drywall|drywall|PSD|Phoenix|AZ|Net 15
Glück Curtain Wall GmbH (US)|glazing|GCW|Chicago|IL|Net 45
O'Malley Steel Erectors, Inc.|steel|OMS|Detroit|MI|Net 30
🔥 Fireline Fire Protection|fire|FFP|Denver|CO|
Three Rivers Masonry|masonry|TRM|Louisville|KY|Net 30
Kealoha Plumbing & Mechanical|plumbing|KPM|Honolulu|HI|Net 30
Aurora Cold Systems|hvac|ACS|Anchorage|AK|Net 45
Bluegrass Millwork Co.|carpentry|BMC|Lexington|KY|Due on receipt
Summit Roofing Partners|roofing|SRP|Boise|ID|Net 30
D'Angelo Tile & Stone|finishes|DTS|Indianapolis|IN|
Pacific Crest Elevator|elevator|PCE|Oakland|CA|Net 30
Windy City Sitework|sitework|WCS|Chicago|IL|Net 30
Desert Bloom Landscaping|landscape|DBL|Mesa|AZ|Net 15
Hoosier Low Voltage|lowvoltage|HLV|Carmel|IN|Net 30
Keystone Door & Hardware|doors|KDH|Albany|NY|
Signs by Saoirse|specialties|SBS|Boston|MA|Due on receipt
Lone Pine Lumber & Supply|supply|LPL|Meridian|ID|Net 30
Sunbelt Equipment Yard No. 14|supply|SEY|Tempe|AZ|Net 30
Crowe & Crowe Concrete Pumping|concrete|CCP|Aurora|CO|
Great Lakes Structural|steel|GLS|Toledo|OH|Net 45
Müller Insulation Systems|roofing|MIS|Milwaukee|WI|Net 30
Bay Area Glazing Contractors|glazing|BAG|San Leandro|CA|Net 30
Tri-County Paving LLC|paving|TCP|Center|ND|-
Redwood Finish Carpentry|carpentry|RFC|Eureka|CA|Net 30
Alamo Painting & Coatings|finishes|APC|Denver|CO|Net 15
Capitol Fire & Life Safety|fire|CFL|Sacramento|CA|Net 30
Maunakea Masonry Hawaiʻi|masonry|MMH|Hilo|HI|
Frontier Excavating|sitework|FEX|Palmer|AK|Net 30
Motor City Mechanical|hvac|MCM|Detroit|MI|Net 30
Hudson Valley Electric Cooperative Contractors|electrical|HVE|Poughkeepsie|NY|Net 45
Snake River Plumbing|plumbing|SNR|Nampa|ID|
Circle City Acoustics|drywall|CCA|Indianapolis|IN|Net 30
Derby Door Company|doors|DDC|Louisville|KY|Net 30
Front Range Elevator Service|elevator|FRE|Golden|CO|-
Lakeshore Landscape Group|landscape|LLG|Evanston|IL|
Golden Gate Data & Security|lowvoltage|GGD|Daly City|CA|Net 30
Prairie Specialties|specialties|PRS|Bismarck|ND|Net 30
Mesa Ready Mix|supply|MRM|Mesa|AZ|Net 15
Anderson-Nakamura Joint Venture|concrete|ANJ|Honolulu|HI|Net 30
Bob Smith|carpentry|BSM|Anchorage|AK|Due on receipt
Smith, Bob & Daughters|finishes|SBD|Boise|ID|
Zürich Waterproofing of America|roofing|ZWA|New York|NY|Net 45
Straight Line Striping "SLS"|paving|SLS|Phoenix|AZ|Net 30
Heartland Precast|supply|HPC|Terre Haute|IN|Net 30
Élan Interiors|drywall|ELI|Chicago|IL|Net 30
Ironworks 1897|steel|IRW|Pittsburgh|PA|
Blue Ox Demolition|sitework|BOD|Bemidji|MN|Net 30
Coastal Air Balance|hvac|CAB|San Mateo|CA|Net 30
A1 Electric|electrical|AEL|Tempe|AZ|Net 15
ABC Plumbing|plumbing|ABC|Schenectady|NY|Net 30
All-Weather Glass|glazing|AWG|Fairbanks|AK|
Empire Tile|finishes|EMT|Troy|NY|Net 30
Vortex Controls|hvac|VXC|Louisville|KY|-
Weiß Brothers Masonry|masonry|WBM|Cincinnati|OH|Net 30
Wolverine Sprinkler|fire|WSP|Lansing|MI|Net 30
Yellowstone Fence|landscape|YSF|Billings|MT|
Zenith Communications|lowvoltage|ZCM|Aurora|CO|Net 30
Big Island Rentals|supply|BIR|Kona|HI|Due on receipt"""

TERM_DAYS = {"Net 15": 15, "Net 30": 30, "Net 45": 45, "Due on receipt": 0}
DEFAULT_DAYS = 30
"""The company default: what a bill gets when neither the commitment nor the vendor names terms."""


@dataclass(frozen=True)
class Vendor:
    id: int
    name: str
    trade: str
    prefix: str
    city: str
    state: str
    terms: str
    """A term's name in QuickBooks; blank when the vendor has none."""
    in_books: bool
    """False: QuickBooks has no vendor of exactly this name."""
    foreman: Person
    """The vendor's user in Procore, who makes its invoices there."""
    company: Company = HALVORSEN

    @property
    def days(self) -> int:
        return TERM_DAYS[self.terms] if self.terms else DEFAULT_DAYS

    def wire(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "abbreviated_name": self.prefix,
            "legal_name": self.name,
            "trade_name": None,
            "address": f"{100 + self.id % 900} Industrial Way",
            "city": self.city,
            "state_code": self.state,
            "zip": None,
            "country_code": "US",
            "business_phone": f"555-010-{self.id % 10000:04d}",
            "email_address": f"ap@{self.prefix.lower()}.example",
            "is_active": True,
            "license_number": None,
            "business_register": None,
            "origin_id": None,
            "origin_code": None,
            "origin_data": None,
            "synced_to_erp": False,
            "parent": None,
            "project_ids": [],
            "standard_cost_codes": [],
            "updated_at": "2026-01-12T18:00:00Z",
            "company_id": self.company.id,
        }


def _foreman(place: int, name: str, prefix: str) -> Person:
    if name == SUBCONTRACTOR.company_name:
        return SUBCONTRACTOR
    return Person(20_000 + place, f"billing@{prefix.lower()}.example", f"{prefix} Billing", "", name)


def halvorsen_vendors() -> tuple[Vendor, ...]:
    """All sixty; the three marked `-` are unknown to QuickBooks under exactly that name."""
    vendors = []
    for place, line in enumerate(_DIRECTORY.splitlines(), start=1):
        name, trade, prefix, city, state, terms = line.split("|")
        base = WIDE if place % 10 == 0 else 0
        vendors.append(
            Vendor(
                base + 88_000 + place, name, trade, prefix, city, state,
                "" if terms == "-" else terms, terms != "-", _foreman(place, name, prefix),
            )
        )  # fmt: skip
    return tuple(vendors)


def cascade_vendors(company: Company) -> tuple[Vendor, ...]:
    """Two vendors of the tiny company; one shares its name with a Halvorsen vendor, as happens in one town."""
    rows = (("Rose City Drywall", "drywall", "RCD"), ("A1 Electric", "electrical", "ALE"))
    return tuple(
        Vendor(
            WIDE + 89_000 + place, name, trade, prefix, "Portland", "OR", "Net 30", True,
            _foreman(900 + place, name, prefix), company,
        )
        for place, (name, trade, prefix) in enumerate(rows, start=1)
    )  # fmt: skip


_TIDEWATER_DIRECTORY = """\
Chesapeake & Albemarle Structural Steel Fabricators|steel|CAS|Norfolk|VA|Net 30
Outer Banks Dock & Pile 🌊|sitework|OBD|Manteo|NC|Net 30
Señor Tile & Stone|finishes|STS|Virginia Beach|VA|Net 15
Hampton Roads Electric|electrical|HRE|Hampton|VA|Net 45
Dismal Swamp Dewatering|sitework|DSD|Suffolk|VA|
Plateau Mechanical: HVAC and Controls|hvac|PMC|Cookeville|TN|Net 30
Cumberland Concrete Pumping|concrete|CCU|Nashville|TN|Net 30
Overlook Plumbing|plumbing|OVP|Sparta|TN|Due on receipt
Volunteer Data Cabling|lowvoltage|VDC|Knoxville|TN|Net 30
A1 Electric|electrical|ALT|Norfolk|VA|-"""


def tidewater_vendors(company: Company) -> tuple[Vendor, ...]:
    """Ten vendors; QuickBooks Desktop can hold four of the names only in other words, and lacks the last vendor."""
    vendors = []
    for place, line in enumerate(_TIDEWATER_DIRECTORY.splitlines(), start=1):
        name, trade, prefix, city, state, terms = line.split("|")
        vendors.append(
            Vendor(
                91_000 + place, name, trade, prefix, city, state, "" if terms == "-" else terms, terms != "-",
                _foreman(950 + place, name, prefix), company,
            )
        )  # fmt: skip
    return tuple(vendors)
