"""Who may do what: tool permissions per user and company, and the manifest that shows them.

A company admin is a user with Admin on the company Directory; that makes the user Admin on every other company
tool except Payments (support.procore.com/faq/what-is-a-company-admin). Levels: Procore's ids 1 to 4.
"""

from __future__ import annotations

from simulators.procore.records import Records
from simulators.procore.wire import Wire

LEVELS = {"None": 1, "Read Only": 2, "Standard": 3, "Admin": 4}
_COMPANY_TOOLS = (
    ("directory", "Directory"),
    ("admin", "Admin"),
    ("home", "Portfolio"),
    ("documents", "Documents"),
    ("permissions", "Permissions"),
    ("reports", "Reports"),
    ("cost_catalog", "Cost Catalog"),
    ("workflows", "Workflows"),
    ("webhooks", "Webhooks API"),
    ("payments", "Payments"),
)
_PROJECT_TOOLS = (
    ("home", "Home"),
    ("directory", "Directory"),
    ("admin", "Admin"),
    ("budget", "Budget"),
    ("commitments", "Commitments"),
    ("invoicing", "Invoicing"),
    ("direct_costs", "Direct Costs"),
    ("documents", "Documents"),
    ("webhooks", "Webhooks API"),
)
_SERVICE_ACCOUNT_DEFAULTS = {
    "directory": "Read Only",
    "admin": "Read Only",
    "commitments": "Admin",
    "invoicing": "Admin",
    "webhooks": "Standard",
}


def membership(records: Records, user: Wire, company_id: int) -> Wire | None:
    """The user's entry in a company, or None when the user does not belong to it."""
    if user["id"] == records.service_account["id"]:
        company = records.companies.get(company_id)
        if company is None or not company["app_installed"]:
            return None
        configured: Wire = (user.get("companies") or {}).get(str(company_id), {})
        return {**configured, "permissions": {**_SERVICE_ACCOUNT_DEFAULTS, **configured.get("permissions", {})}}
    entry: Wire | None = (user.get("companies") or {}).get(str(company_id))
    return entry


def is_company_admin(records: Records, user: Wire, company_id: int) -> bool:
    entry = membership(records, user, company_id)
    return entry is not None and entry.get("permissions", {}).get("directory") == "Admin"


def level(records: Records, user: Wire, company_id: int, tool: str) -> int:
    """1 None, 2 Read Only, 3 Standard, 4 Admin; 1 also for a user outside the company."""
    entry = membership(records, user, company_id)
    if entry is None:
        return 1
    permissions: dict[str, str] = entry.get("permissions", {})
    if permissions.get("directory") == "Admin" and tool != "payments":
        return 4
    if tool == "webhooks" and tool not in permissions:
        return 3
    return LEVELS[permissions.get(tool, "None")]


def sees_project(records: Records, user: Wire, project: Wire) -> bool:
    """Company admins see every project; the service account its permitted ones; others those of their entry.

    An entry without a `projects` list means all projects.
    """
    company_id = int(project["company_id"])
    if user["id"] == records.service_account["id"]:
        return bool(project.get("permitted", True))
    entry = membership(records, user, company_id)
    if entry is None:
        return False
    return is_company_admin(records, user, company_id) or project["id"] in entry.get("projects", [project["id"]])


def manifest(records: Records, user: Wire, company_id: int, project_id: int | None) -> Wire:
    """The answer of `GET /rest/v1.0/settings/permissions` for one user."""
    place = f"/{company_id}/company" if project_id is None else f"/{project_id}/project"
    tools = []
    names = {level_id: name for name, level_id in LEVELS.items()}
    for number, (name, friendly_name) in enumerate(_COMPANY_TOOLS if project_id is None else _PROJECT_TOOLS):
        granted = level(records, user, company_id, name)
        tools.append(
            {
                "id": 901 + number if project_id is None else 1901 + number,
                "name": name,
                "friendly_name": friendly_name,
                "domain_id": number + 1,
                "tab_group": "core",
                "available_for_user": granted > 1,
                "url": f"{place}/{name}",
                "user_access_level": {"id": granted, "name": names[granted]},
                "permitted_actions": [],
                "create_url": None,
                "can_create": granted > 2,
                "trial": False,
            }
        )
    return {"tools": tools}
