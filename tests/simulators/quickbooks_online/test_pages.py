"""The pages for a person, and the control API."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx

from simulators.quickbooks_online.templates import amount
from tests.simulators.quickbooks_online.books import CLIENT_ID, REALM, VENDOR, bill, document, line
from tests.simulators.quickbooks_online.conftest import Quickbooks


def test_amounts_are_readable() -> None:
    assert [amount(value) for value in ("1234567.5", -9, None)] == ["$1,234,567.50", "-$9.00", "$0.00"]


async def test_companies_and_bills_are_listed(qbo: Quickbooks) -> None:
    await qbo.post("bill", bill(line(81000), DocNumber="NGC-47", PrivateNote="Procore <SC-001> #3"))
    start = (await qbo.http.get("/")).text
    assert "Northside Builders" in start and "1, $81,000.00 open" in start and CLIENT_ID in start
    page = (await qbo.http.get(f"/companies/{REALM}")).text
    for text in ("Northgate Concrete LLC", "NGC-47", "$81,000.00", "Procore &lt;SC-001&gt; #3"):
        assert text in page
    assert "NGC-47" not in (await qbo.http.get(f"/companies/{REALM}", params={"find": "zzz"})).text
    assert (await qbo.http.get("/companies/1")).status_code == 404


async def test_a_vendor_credit_has_a_page(qbo: Quickbooks) -> None:
    credit = await qbo.post("vendorcredit", {"VendorRef": {"value": VENDOR}, "DocNumber": "CM-19", "Line": [line(250)]})
    shown = (await qbo.http.get(f"/companies/{REALM}/credits/{credit['Id']}")).text
    assert "Vendor credit CM-19" in shown and "$250.00" in shown
    assert (await qbo.http.get(f"/companies/{REALM}/credits/999999")).status_code == 404


async def test_a_person_works_on_a_bill(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill(DocNumber="NGC-47"))
    page = f"/companies/{REALM}/bills/{stored['Id']}"
    shown = (await qbo.http.get(page)).text
    assert "Subcontractors" in shown and "Pay this bill" in shown
    bad = await qbo.http.post(page + "/pay", data={"amount": "lots"})
    assert (bad.status_code, "not a number" in bad.text) == (400, True)
    too_much = await qbo.http.post(page + "/pay", data={"amount": "5,000"})
    assert (too_much.status_code, 'role="alert"' in too_much.text) == (400, True)
    paid = await qbo.http.post(page + "/pay", data={"amount": "1,000.00", "number": "55"})
    assert paid.status_code == 303
    assert (await qbo.read("bill", stored["Id"]))["Balance"] == 0
    assert "Paid" in (await qbo.http.get(page)).text
    payment_id = (await qbo.query("select * from BillPayment"))["BillPayment"][0]["Id"]
    await qbo.http.post(f"{page}/payments/{payment_id}", data={"action": "void_payment"})
    await qbo.http.post(
        page + "/edit", data={"DocNumber": "NGC-48", "TxnDate": "2026-11-19", "DueDate": "", "PrivateNote": "mine"}
    )
    changed = await qbo.read("bill", stored["Id"])
    assert (changed["DocNumber"], changed["TxnDate"], changed["PrivateNote"], changed["Balance"]) == (
        "NGC-48",
        "2026-11-19",
        "mine",
        1000.0,
    )
    assert (await qbo.http.post(page + "/delete")).headers["location"] == f"/companies/{REALM}"
    assert (await qbo.http.get(page)).status_code == 404


async def test_the_disconnect_button(qbo: Quickbooks) -> None:
    await qbo.http.post(f"/companies/{REALM}/disconnect")
    assert (await qbo.call("GET", "preferences")).status_code == 401
    assert "No app is connected" in (await qbo.http.get(f"/companies/{REALM}")).text


async def test_control_refuses_nonsense(qbo: Quickbooks) -> None:
    for path, body in (
        ("switches", {"realm_per_second": 3}),
        ("switches", {"realm_per_minute": -1}),
        ("actions", {"action": "explode", "realm": REALM}),
        ("load", {"companies": [{}]}),
        ("clock", {"then": 1}),
        ("apps", {}),
    ):
        assert (await qbo.http.post(f"/control/{path}", json=body)).status_code == 422, path
    assert (await qbo.http.post("/control/actions", json={"action": "pay_bill", "realm": "1"})).status_code == 404
    missing = await qbo.http.post("/control/actions", json={"action": "pay_bill", "realm": REALM, "id": "999"})
    assert missing.json()["Fault"]["Error"][0]["code"] == "610"


async def test_switches_reset_and_state(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/switches", json={"refresh_grace": True})
    assert (await qbo.http.get("/control/switches")).json()["refresh_grace"] is True
    await qbo.post("bill", bill())
    state = (await qbo.http.get("/control/state")).json()
    assert state["companies"][0]["realm_id"] == REALM
    assert len(state["companies"][0]["Bill"]) == 1
    assert state["consents"][0]["realm_id"] == REALM
    await qbo.http.post("/control/reset")
    assert (await qbo.http.get("/control/state")).json() == {"companies": [], "consents": []}
    assert (await qbo.http.get("/control/switches")).json()["refresh_grace"] is False


async def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    world = tmp_path / "quickbooks_online.json"
    world.write_text(json.dumps(document()), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "simulators.quickbooks_online", "--load", str(world), "--switch", "realm_per_minute=0"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    try:
        async with httpx.AsyncClient(base_url=ready["url"]) as http:
            assert (await http.get("/healthz")).json() == {"status": "ok"}
            assert (await http.get("/control/switches")).json()["realm_per_minute"] == 0
            assert "Northside Builders" in (await http.get("/")).text
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
