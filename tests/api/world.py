"""The Procore that these tests sign in to: two companies with the app, one without, and who works where."""

from typing import Any

from simulators.world.people import ACCOUNTANT_TOOLS, ADMIN_TOOLS, READER_TOOLS, SUBCONTRACTOR_TOOLS

HARTWELL, CASCADE, NORTHGATE = 4907, 562_949_953_430_001, 4911
ADA, MARISOL, TOM, RAY, JO, NOBODY, BERT = 1101, 1102, 1103, 1105, 1106, 1107, 1108


def _user(user_id: int, name: str, companies: dict[int, dict[str, str]], employer: str = "Hartwell") -> dict[str, Any]:
    return {
        "id": user_id,
        "login": f"{name.split()[0].lower()}@example.test",
        "name": name,
        "companies": {
            str(company): {"permissions": tools, "company_name": employer} for company, tools in companies.items()
        },
    }


def procore_world() -> dict[str, Any]:
    return {
        "companies": [
            {"id": HARTWELL, "name": "Hartwell Construction", "is_active": True, "app_installed": True},
            {"id": CASCADE, "name": "Cascade Tenant Improvements", "is_active": True, "app_installed": True},
            {"id": NORTHGATE, "name": "Northgate Builders", "is_active": True, "app_installed": False},
        ],
        "users": [
            _user(ADA, "Ada Hartwell", {HARTWELL: ADMIN_TOOLS, NORTHGATE: ADMIN_TOOLS}),
            _user(BERT, "Bert Hartwell", {HARTWELL: ADMIN_TOOLS}),
            _user(MARISOL, "Marisol Vega", {HARTWELL: ACCOUNTANT_TOOLS}),
            _user(TOM, "Tom Okafor", {HARTWELL: READER_TOOLS}),
            _user(RAY, "Ray Duarte", {HARTWELL: READER_TOOLS, CASCADE: ADMIN_TOOLS}),
            _user(JO, "Jo Bill", {HARTWELL: SUBCONTRACTOR_TOOLS}, employer="Ernie's Electrical"),
            _user(NOBODY, "Nora Northgate", {NORTHGATE: ADMIN_TOOLS}),
        ],
        "service_account": {"id": 990_001, "login": "dmsa@example.test", "name": "inBuild Sync (DMSA)"},
        "projects": [],
        "vendors": [
            {
                "id": 8881,
                "name": "Ernie's Electrical",
                "company_id": HARTWELL,
                "is_active": True,
                "created_at": "2026-01-05T10:00:00Z",
                "updated_at": "2026-01-05T10:00:00Z",
            }
        ],
        "commitments": [],
        "cost_codes": [],
        "requisitions": [],
        "change_histories": [],
    }
