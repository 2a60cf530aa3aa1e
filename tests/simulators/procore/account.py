"""A small Procore account as a world document, and a client of the simulator that serves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from simulators.procore.simulator import ProcoreSimulator

Wire = dict[str, Any]
COMPANY, NOT_INSTALLED, TOWER, HIDDEN, CLOSED = 4907, 4911, 789, 790, 791
ADA, PAT, JO, SERVICE = 11, 12, 13, 990001
SUBCONTRACT, SECRET_SUBCONTRACT, PURCHASE_ORDER = 701973, 701974, 701980
REDIRECT = "https://sync.example/auth/callback"


def requisition(
    number: int, *, status: str = "under_review", updated: str = "2026-07-02T09:14:55Z", **more: Any
) -> Wire:
    """Requisition `58000 + number` of the subcontract: one line of 1000.00 with 100.00 retained."""
    return {
        "id": 58000 + number,
        "previous_requisition_id": 57999 + number if number > 1 else None,
        "project_id": TOWER,
        "billing_date": "2026-06-30",
        "created_at": "2026-06-25T15:02:11Z",
        "updated_at": updated,
        "commitment_id": SUBCONTRACT,
        "commitment_type": "WorkOrderContract",
        "contract_name": "SC-001 Electrical",
        "deletable": False,
        "vendor_name": "Ernie's Electrical",
        "vendor_id": 8881212,
        "invoice_number": f"INV-{number}",
        "origin_data": None,
        "origin_id": None,
        "payment_date": None,
        "percent_complete": "10.00",
        "period_id": 4293,
        "status": status,
        "erp_status": "not_integrated",
        "number": number,
        "total_claimed_amount": "1000.00",
        "comment": "as agreed",
        "accounting_method": "amount",
        "tax_summary": [],
        "summary_text": {"original_contract_sum": "Original"},
        "summary": {
            "contract_sum_to_date": "10000.00",
            "total_completed_and_stored_to_date": "1000.00",
            "completed_work_retainage_amount": "100.00",
            "total_retainage": "100.00",
            "total_earned_less_retainage": "900.00",
            "less_previous_certificates_for_payment": "0.00",
            "current_payment_due": "900.00",
            "balance_to_finish_including_retainage": "9100.00",
        },
        "created_by": {"id": JO, "name": "Jo Bill", "login": "jo@ernies.example", "company_name": "Ernie's Electrical"},
        "attachments": [{"id": 5000 + number, "url": "", "filename": "inv.pdf", "content_type": "application/pdf"}],
        "items": [
            {
                "id": 900000 + number,
                "item_type": "contract_item",
                "cost_code_id": 21585118,
                "scheduled_value": "10000.00",
                "description_of_work": "Rough-in",
                "work_completed_this_period": "1000.00",
                "total_completed_and_stored_to_date": "1000.00",
                "work_completed_retainage_retained_this_period": "100.00",
                "work_completed_retainage_percent_this_period": "10.00",
                "gross_amount": "1000.00",
                "net_amount": "900.00",
                "status": "approved",
                "position": 1,
            }
        ],
        "item_packages": [],
        **more,
    }


def account(requisitions: list[Wire] | None = None) -> Wire:
    """The world document; three requisitions unless others are given."""

    def project(number: int, name: str, *, active: bool = True, permitted: bool = True) -> Wire:
        return {
            "id": number,
            "name": name,
            "active": active,
            "time_zone": "America/Los_Angeles",
            "company": {"id": COMPANY, "name": "Harbor & Vale"},
            "created_at": "2026-01-05T17:00:00Z",
            "updated_at": "2026-05-01T08:30:00Z",
            "company_id": COMPANY,
            "permitted": permitted,
        }

    def commitment(number: int, kind: str, *, private: bool = False) -> Wire:
        return {
            "id": number,
            "number": f"C-{number}",
            "title": "Electrical",
            "status": "Approved",
            "vendor": {"id": 8881212, "company": "Ernie's Electrical"},
            "grand_total": "10000.00",
            "revised_contract": "10000.00",
            "private": private,
            "line_items": [{"id": 1, "amount": "10000.00"}],
            "created_at": "2026-01-05T17:00:00Z",
            "updated_at": "2026-05-01T08:30:00Z",
            "deleted_at": None,
            "project_id": TOWER,
            "commitment_type": kind,
        }

    def user(number: int, name: str, permissions: dict[str, str], employer: str = "Harbor & Vale") -> Wire:
        login = f"{name.split()[0].lower()}@harborvale.example"
        companies = {str(COMPANY): {"permissions": permissions, "company_name": employer}}
        return {"id": number, "login": login, "name": name, "persona": "Person", "companies": companies}

    return {
        "companies": [
            {"id": COMPANY, "name": "Harbor & Vale", "is_active": True, "app_installed": True},
            {"id": NOT_INSTALLED, "name": "Northgate", "is_active": True, "app_installed": False},
        ],
        "users": [
            user(ADA, "Ada Lindqvist", {"directory": "Admin", "payments": "None"}),
            user(PAT, "Pat Osei", {"directory": "Read Only", "commitments": "Read Only"}),
            user(JO, "Jo Bill", {"commitments": "None"}, "Ernie's Electrical"),
        ],
        "service_account": {"id": SERVICE, "login": "sync@dmsa.example", "name": "Sync (DMSA)"},
        "projects": [
            project(TOWER, "Harbor Tower"),
            project(HIDDEN, "Pier 9", permitted=False),
            project(CLOSED, "Old Mill", active=False),
        ],
        "vendors": [
            {
                "id": 8881212,
                "name": "Ernie's Electrical",
                "is_active": True,
                "updated_at": "2026-01-10T09:00:00Z",
                "company_id": COMPANY,
            },
            {
                "id": 8881213,
                "name": "Gone Glazing",
                "is_active": False,
                "updated_at": "2026-01-10T09:00:00Z",
                "company_id": COMPANY,
            },
        ],
        "commitments": [
            commitment(SUBCONTRACT, "WorkOrderContract"),
            commitment(SECRET_SUBCONTRACT, "WorkOrderContract", private=True),
            commitment(PURCHASE_ORDER, "PurchaseOrderContract"),
        ],
        "cost_codes": [{"id": 21585118, "full_code": "26-050", "name": "Electrical", "project_id": TOWER}],
        "requisitions": [requisition(number) for number in (1, 2, 3)] if requisitions is None else requisitions,
        "change_histories": [],
    }


@dataclass
class Procore:
    """A running simulator and a client of it; requests carry `token` and the company header."""

    simulator: ProcoreSimulator
    http: httpx.AsyncClient
    url: str
    token: str = ""
    company: int | None = COMPANY

    async def service_account(self) -> Procore:
        """The same simulator, asked with a client-credentials token."""
        answer = await self.token_request(grant_type="client_credentials")
        return Procore(self.simulator, self.http, self.url, answer.json()["access_token"])

    async def signed_in(self, user_id: int) -> Procore:
        """The same simulator, asked with that person's token."""
        answer = await self.token_request(
            grant_type="authorization_code", code=await self.code(user_id), redirect_uri=REDIRECT
        )
        return Procore(self.simulator, self.http, self.url, answer.json()["access_token"])

    async def code(self, user_id: int) -> str:
        asked = {"response_type": "code", "client_id": "app", "redirect_uri": REDIRECT, "state": "s-1"}
        answer = await self.http.post("/oauth/authorize", params=asked, data={"user_id": str(user_id)})
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def token_request(self, **form: str) -> httpx.Response:
        credentials = {"client_id": "app", "client_secret": "s3cret"}
        return await self.http.post("/oauth/token", data={**credentials, **form})

    async def get(self, path: str, query: Any = None) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self.headers)

    async def send(self, method: str, path: str, body: Any = None, query: Any = None) -> httpx.Response:
        return await self.http.request(method, path, json=body, params=query, headers=self.headers)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, f"/control/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"}
        return headers if self.company is None else {**headers, "Procore-Company-Id": str(self.company)}
