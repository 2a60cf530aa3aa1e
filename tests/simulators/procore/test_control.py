from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx

from tests.simulators.procore.account import ADA, COMPANY, JO, SERVICE, SUBCONTRACT, TOWER, Procore, account


async def test_a_new_invoice_from_a_few_facts(dmsa: Procore) -> None:
    given = {
        "commitment_id": SUBCONTRACT,
        "invoice_number": "N-9",
        "billing_date": "2026-07-31",
        "items": [
            {"gross_amount": "1000.00", "retained": "100.00", "cost_code_id": 21585118},
            {"gross_amount": "0.00", "released": "50.00"},
        ],
    }
    created = await dmsa.control(
        "POST",
        "requisitions",
        {"requisition": given, "status": "approved", "by_user_id": JO, "approved_by_user_id": ADA},
    )
    assert (created["number"], created["previous_requisition_id"]) == (4, 58003)
    assert created["created_by"]["company_name"] == "Ernie's Electrical"
    assert [line["net_amount"] for line in created["items"]] == ["900.00", "50.00"]
    summary = created["summary"]
    assert (summary["current_payment_due"], summary["total_retainage"]) == ("950.00", "150.00")
    assert summary["less_previous_certificates_for_payment"] == "900.00"
    shown = await dmsa.get(f"/rest/v1.1/requisitions/{created['id']}", {"project_id": TOWER})
    assert shown.json()["status"] == "approved"
    histories = await dmsa.get(f"/rest/v1.0/requisitions/{created['id']}/change_histories", {"project_id": TOWER})
    assert [(row["new_value"], row["action_by_id"]) for row in histories.json()] == [("approved", ADA)]


async def test_the_service_account_can_be_the_creator(dmsa: Procore) -> None:
    given = {"commitment_id": SUBCONTRACT, "items": [{"gross_amount": "5"}]}
    created = await dmsa.control("POST", "requisitions", {"requisition": given, "by_user_id": SERVICE})
    assert created["created_by"]["id"] == SERVICE


async def test_changed_work_carries_through_to_the_sums(dmsa: Procore) -> None:
    items = [{"id": 900001, "work_completed_this_period": "1500.00"}]
    changed = await dmsa.control("PATCH", "requisitions/58001", {"items": items, "by_user_id": ADA})
    (line,) = changed["items"]
    assert (line["gross_amount"], line["net_amount"]) == ("1500.00", "1350.00")
    assert line["work_completed_retainage_retained_this_period"] == "150.00"
    summary = changed["summary"]
    assert (summary["current_payment_due"], summary["total_retainage"]) == ("1350.00", "150.00")
    assert summary["balance_to_finish_including_retainage"] == "8650.00"
    assert changed["percent_complete"] == "15.00"


async def test_an_edit_can_leave_updated_at_alone(dmsa: Procore) -> None:
    changed = await dmsa.control(
        "PATCH", "requisitions/58001", {"billing_date": "2026-07-01", "bump_updated_at": False}
    )
    assert (changed["billing_date"], changed["updated_at"]) == ("2026-07-01", "2026-07-02T09:14:55Z")
    moved = await dmsa.control("PATCH", "requisitions/58001", {"billing_date": "2026-07-02"})
    assert moved["updated_at"] > "2026-07-02T09:14:55Z"


async def test_the_lock_holds_for_people_too_unless_forced(procore: Procore) -> None:
    await procore.control("PATCH", "requisitions/58001", {"origin_id": "erp-1"})
    refused = await procore.http.post("/control/requisitions/58001/status", json={"status": "approved"})
    assert refused.status_code == 422
    forced = await procore.control("POST", "requisitions/58001/status", {"status": "approved", "force": True})
    assert forced["status"] == "approved"


async def test_an_erp_connector_takes_over_what_is_approved(procore: Procore) -> None:
    await procore.control("POST", "switches", {"erp_connector_active": True})
    approved = await procore.control("POST", "requisitions/58001/status", {"status": "approved"})
    assert approved["erp_status"] == "ready_to_export"
    again = await procore.http.post("/control/requisitions/58001/status", json={"status": "draft"})
    assert again.status_code == 422


async def test_what_control_cannot_do_is_said(procore: Procore) -> None:
    async def status(method: str, path: str, body: object) -> int:
        return (await procore.http.request(method, f"/control/{path}", json=body)).status_code

    assert await status("POST", "requisitions/1/status", {"status": "approved"}) == 404
    assert await status("POST", "requisitions/58001/status", {"status": "paid"}) == 422
    assert await status("POST", "requisitions/58001/status", {}) == 422
    assert await status("POST", "requisitions/58001/status", {"status": "approved", "by_user_id": 5}) == 422
    assert await status("POST", "requisitions", {"requisition": {"commitment_id": 1}}) == 422
    assert await status("PATCH", "vendors/1", {"name": "x"}) == 404
    assert await status("PATCH", "weather/1", {"name": "x"}) == 404
    assert await status("POST", "load", {"projects": [{"name": "no id"}]}) == 422
    assert await status("POST", "load", []) == 422


async def test_a_document_that_does_not_load_leaves_the_old_one(procore: Procore) -> None:
    await procore.http.post("/control/load", json={"projects": [{"name": "no id"}]})
    assert len((await procore.control("GET", "state"))["requisitions"]) == 3


async def test_state_can_be_loaded_again(procore: Procore) -> None:
    await procore.control("POST", "requisitions/58001/status", {"status": "approved", "by_user_id": ADA})
    state = await procore.control("GET", "state")
    await procore.control("POST", "load", state)
    assert await procore.control("GET", "state") == state
    await procore.control("POST", "load", account())
    await procore.control("POST", "requisitions/58001/status", {"status": "approved"})
    await procore.control("POST", "reset")
    shown = await procore.control("GET", "requisitions/58001")
    assert (shown["status"], shown["change_histories"]) == ("under_review", [])


async def test_more_can_be_added_to_what_is_there(dmsa: Procore) -> None:
    project = {**account()["projects"][0], "id": 900, "name": "Annex"}
    await dmsa.control("POST", "add", {"projects": [project]})
    projects = await dmsa.get("/rest/v1.1/projects", {"company_id": COMPANY})
    assert [row["name"] for row in projects.json()] == ["Harbor Tower", "Annex"]


async def test_a_renamed_vendor_and_ended_tokens(dmsa: Procore) -> None:
    await dmsa.control("PATCH", "vendors/8881212", {"name": "Ernie & Sons"})
    vendors = await dmsa.get("/rest/v1.0/vendors", {"company_id": COMPANY})
    assert [(row["name"], row["updated_at"] > "2026-01-10") for row in vendors.json()] == [("Ernie & Sons", True)]
    assert (await dmsa.control("POST", "tokens/revoke"))["revoked"] == 1
    assert (await dmsa.get("/rest/v1.0/me")).status_code == 401


async def test_as_a_program_with_a_login_host_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "procore.json").write_text(json.dumps(account()))
    arguments = ["--login-port", "0", "--load", str(tmp_path / "procore.json"), "--canary", "c4n4ry"]
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators.procore", *arguments, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    assert program.stdout is not None
    try:
        urls = json.loads(await asyncio.wait_for(program.stdout.readline(), 30))
        async with httpx.AsyncClient(trust_env=False) as http:
            form = {
                "grant_type": "client_credentials",
                "client_id": "procore-client",
                "client_secret": "procore-secret",
            }
            assert (await http.post(f"{urls['api']}/oauth/token", data=form)).status_code == 404
            token = (await http.post(f"{urls['login']}/oauth/token", data=form)).json()["access_token"]
            assert "c4n4ry" in token
            headers = {"Authorization": f"Bearer {token}", "Procore-Company-Id": str(COMPANY)}
            assert (await http.get(f"{urls['login']}/rest/v1.0/companies", headers=headers)).status_code == 404
            companies = await http.get(f"{urls['api']}/rest/v1.0/companies", headers=headers)
            assert [row["id"] for row in companies.json()] == [COMPANY]
    finally:
        program.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(program.wait(), 10) == 0
