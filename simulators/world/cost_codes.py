"""CSI cost codes by trade, and what a subcontract's schedule of values says under each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulators.world.projects import Project

TRADES: dict[str, tuple[tuple[str, str], ...]] = {
    "sitework": (("31-220", "Site grading"), ("31-230", "Excavation and fill"), ("33-410", "Storm drainage")),
    "paving": (("32-120", "Asphalt paving"), ("32-160", "Curbs and gutters"), ("32-172", "Pavement markings")),
    "concrete": (
        ("03-110", "Formwork"), ("03-200", "Reinforcing steel"), ("03-300", "Cast-in-place concrete"),
        ("03-350", "Slab finishing"),
    ),
    "masonry": (("04-200", "Unit masonry"), ("04-430", "Stone veneer")),
    "steel": (("05-120", "Structural steel"), ("05-310", "Metal deck"), ("05-510", "Metal stairs")),
    "carpentry": (("06-100", "Rough carpentry"), ("06-200", "Finish carpentry"), ("06-410", "Casework")),
    "roofing": (("07-210", "Thermal insulation"), ("07-540", "TPO roofing"), ("07-620", "Sheet metal flashing")),
    "glazing": (("08-410", "Storefronts"), ("08-440", "Curtain wall"), ("08-800", "Glazing")),
    "doors": (("08-110", "Hollow metal frames"), ("08-140", "Wood doors"), ("08-710", "Door hardware")),
    "drywall": (("09-220", "Metal framing"), ("09-290", "Gypsum board"), ("09-510", "Acoustical ceilings")),
    "finishes": (("09-300", "Tile"), ("09-650", "Resilient flooring"), ("09-680", "Carpet"), ("09-910", "Painting")),
    "specialties": (("10-140", "Signage"), ("10-280", "Toilet accessories"), ("10-440", "Fire extinguishers")),
    "elevator": (("14-210", "Traction elevators"), ("14-220", "Elevator cabs")),
    "fire": (("21-100", "Fire suppression piping"), ("21-130", "Sprinkler heads and trim")),
    "plumbing": (("22-110", "Water piping"), ("22-130", "Sanitary waste"), ("22-400", "Plumbing fixtures")),
    "hvac": (("23-310", "Ductwork"), ("23-740", "Rooftop units"), ("23-090", "Controls"), ("23-590", "Balancing")),
    "electrical": (
        ("26-050", "Electrical rough-in"), ("26-240", "Switchgear"), ("26-510", "Lighting fixtures"),
        ("26-320", "Generator"),
    ),
    "lowvoltage": (("27-100", "Structured cabling"), ("28-310", "Fire alarm"), ("28-100", "Access control")),
    "landscape": (("32-840", "Irrigation"), ("32-930", "Plants"), ("32-310", "Fencing")),
    "supply": (("01-540", "Equipment rental"), ("01-520", "Site facilities"), ("06-050", "Lumber package")),
}  # fmt: skip

GENERAL = (("01-310", "General requirements"), ("01-740", "Cleanup"))


@dataclass(frozen=True)
class CostCode:
    id: int
    wbs_id: int
    project: Project
    code: str
    name: str

    def wire(self) -> dict[str, Any]:
        division, _, tail = self.code.partition("-")
        return {
            "id": self.id,
            "code": tail,
            "full_code": self.code,
            "name": self.name,
            "parent": {"id": None, "code": division},
            "origin_id": None,
            "origin_data": None,
            "standard_cost_code_id": None,
            "line_item_types": [],
            "project_id": self.project.id,
        }

    def wbs(self, cost_type: str) -> dict[str, Any]:
        """The budget code: cost code plus cost type (S subcontract, M material)."""
        words = {"S": "Subcontract", "M": "Materials"}
        return {
            "id": self.wbs_id,
            "flat_code": f"{self.code}.{cost_type}",
            "description": f"{self.name}.{words[cost_type]}",
            "segment_items": [],
        }


def project_cost_codes(project: Project, first_id: int) -> dict[str, CostCode]:
    """Every code of the company's standard list, set up in one project."""
    listed = [*GENERAL, *(code for codes in TRADES.values() for code in codes)]
    return {
        code: CostCode(first_id + place, first_id + 5_000_000 + place, project, code, name)
        for place, (code, name) in enumerate(listed)
    }
