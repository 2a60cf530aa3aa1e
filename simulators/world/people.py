"""Who works in Procore: the personas of the demo, the service account, the people of a subcontractor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulators.world.projects import CASCADE, HALVORSEN, TIDEWATER, Company

ADMIN_TOOLS = {"directory": "Admin", "admin": "Admin", "commitments": "Admin", "invoicing": "Admin"}
ACCOUNTANT_TOOLS = {"directory": "Standard", "admin": "None", "commitments": "Admin", "invoicing": "Admin"}
READER_TOOLS = {
    "directory": "Read Only",
    "admin": "None",
    "commitments": "Read Only",
    "invoicing": "Read Only",
}
SUBCONTRACTOR_TOOLS = {
    "directory": "None",
    "admin": "None",
    "commitments": "Standard",
    "invoicing": "Standard",
}


@dataclass(frozen=True)
class Membership:
    company: Company
    tools: dict[str, str]


@dataclass(frozen=True)
class Person:
    id: int
    login: str
    name: str
    persona: str
    company_name: str
    memberships: tuple[Membership, ...] = ()

    def wire(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "login": self.login,
            "name": self.name,
            "persona": self.persona,
            "companies": {
                str(membership.company.id): {
                    "permissions": dict(membership.tools),
                    "company_name": self.company_name,
                }
                for membership in self.memberships
            },
        }

    def creator(self) -> dict[str, Any]:
        """The `created_by` object of a requisition."""
        return {
            "id": self.id,
            "login": self.login,
            "name": self.name,
            "company_name": self.company_name,
        }


ADMIN = Person(
    1101,
    "ada.halvorsen@halvorsenbuilders.example",
    "Ada Halvorsen",
    "Company admin",
    "Halvorsen Builders",
    (Membership(HALVORSEN, ADMIN_TOOLS),),
)
ACCOUNTANT = Person(
    1102,
    "marisol.vega@halvorsenbuilders.example",
    "Marisol Vega",
    "Project accountant",
    "Halvorsen Builders",
    (Membership(HALVORSEN, ACCOUNTANT_TOOLS),),
)
READER = Person(
    1103,
    "tom.okafor@halvorsenbuilders.example",
    "Tom Okafor",
    "Plain user",
    "Halvorsen Builders",
    (Membership(HALVORSEN, READER_TOOLS),),
)
OTHER_ADMIN = Person(
    1104,
    "grace.lindqvist@cascadeti.example",
    "Grace Lindqvist",
    "Admin of a company without the feature",
    "Cascade Tenant Improvements",
    (Membership(CASCADE, ADMIN_TOOLS),),
)
CONSULTANT = Person(
    562_949_953_431_105,
    "ray.duarte@ledgerlane.example",
    "Ray Duarte",
    "User of two companies",
    "Ledger Lane Consulting",
    (Membership(HALVORSEN, ADMIN_TOOLS), Membership(CASCADE, READER_TOOLS)),
)
SUBCONTRACTOR = Person(
    1106,
    "jo@ernies.example",
    "Jo Bill",
    "Subcontractor",
    "Ernie's Electrical",
    (Membership(HALVORSEN, SUBCONTRACTOR_TOOLS),),
)
SUPPORT = Person(
    1107,
    "dana.whitfield@inbuild.example",
    "Dana Whitfield",
    "inBuild support",
    "inBuild",
)
DESKTOP_ADMIN = Person(
    1108,
    "nell.avery@tidewaterconstructors.example",
    "Nell Avery",
    "Company admin with QuickBooks Desktop",
    "Tidewater Constructors",
    (Membership(TIDEWATER, ADMIN_TOOLS),),
)
SERVICE_ACCOUNT = Person(
    990_001,
    "inbuild-sync@dmsa.example",
    "inBuild Sync (DMSA)",
    "Service account",
    "inBuild Sync",
)
PEOPLE = (ADMIN, ACCOUNTANT, READER, OTHER_ADMIN, CONSULTANT, SUBCONTRACTOR, SUPPORT, DESKTOP_ADMIN)
APPROVERS = (ADMIN, ACCOUNTANT)
