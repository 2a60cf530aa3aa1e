from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulators.procore.account import PAT, PURCHASE_ORDER, SUBCONTRACT, TOWER, Procore

AT = "/rest/v1.0/contract_payments"
QUERY = {"project_id": TOWER, "contract_id": SUBCONTRACT}


async def pay(procore: Procore, **fields: Any) -> httpx.Response:
    given = {"amount": "900.00", "date": "2026-07-15", "requisition_id": 58001, **fields}
    return await procore.send("POST", AT, {**QUERY, "contract_payment": given})


async def test_a_payment_is_created_listed_changed_and_deleted(dmsa: Procore) -> None:
    created = await pay(dmsa, payment_method="check", check_number="10233", invoice_date="2026-06-30")
    assert created.status_code == 201
    payment = created.json()
    assert (payment["contract_id"], payment["requisition_id"], payment["amount"]) == (SUBCONTRACT, 58001, "900.00")
    assert payment["status"] is None
    assert not {"payment_method", "invoice_date"} & set(payment)
    listed = await dmsa.get(AT, QUERY)
    assert listed.json() == [payment]
    changed = await dmsa.send("PATCH", f"{AT}/{payment['id']}", {**QUERY, "contract_payment": {"amount": "450.00"}})
    assert changed.json()["amount"] == "450.00"
    assert (await dmsa.send("DELETE", f"{AT}/{payment['id']}", query=QUERY)).status_code == 200
    assert (await dmsa.get(f"{AT}/{payment['id']}", QUERY)).status_code == 404


async def test_both_ids_are_required(dmsa: Procore) -> None:
    assert (await dmsa.get(AT, {"project_id": TOWER})).status_code == 400
    assert (await dmsa.get(AT, {"contract_id": SUBCONTRACT})).status_code == 400
    assert (await dmsa.send("POST", AT, {"project_id": TOWER, "contract_payment": {"amount": "1"}})).status_code == 400


async def test_origin_id_locks_a_payment_and_is_unique_in_the_company(dmsa: Procore) -> None:
    payment = (await pay(dmsa, origin_id="bill-payment-1")).json()
    at = f"{AT}/{payment['id']}"

    async def patch(**fields: Any) -> int:
        return (await dmsa.send("PATCH", at, {**QUERY, "contract_payment": fields})).status_code

    again = await pay(dmsa, origin_id="bill-payment-1")
    assert (again.status_code, again.json()) == (422, {"errors": {"origin_id": ["has already been taken"]}})
    assert await patch(amount="1.00") == 422
    assert await patch(origin_data="note") == 200
    assert (await dmsa.send("DELETE", at, query=QUERY)).status_code == 422
    assert await patch(origin_id=None) == 200
    assert await patch(amount="1.00") == 200
    assert (await dmsa.send("DELETE", at, query=QUERY)).status_code == 200


async def test_the_commitment_follows_its_payments(dmsa: Procore) -> None:
    await pay(dmsa, amount="2500.00")
    shown = (await dmsa.get(f"/rest/v1.0/work_order_contracts/{SUBCONTRACT}", {"project_id": TOWER})).json()
    assert (shown["total_payments"], shown["percentage_paid"]) == ("2500.00", "25.00")
    assert [payment["amount"] for payment in shown["payments_issued"]] == ["2500.00"]
    order = (await dmsa.get(f"/rest/v1.0/purchase_order_contracts/{PURCHASE_ORDER}", {"project_id": TOWER})).json()
    assert order["total_payments"] == "0.00"


@pytest.mark.parametrize(
    "fields",
    [{"amount": "-1.00"}, {"amount": "ten"}, {"payment_method": "cash"}, {"requisition_id": 4242}],
)
async def test_what_cannot_be_paid_is_422(dmsa: Procore, fields: dict[str, Any]) -> None:
    assert (await pay(dmsa, **fields)).status_code == 422
    assert (await dmsa.get(AT, QUERY)).json() == []


async def test_payments_can_be_off_on_a_commitment(dmsa: Procore) -> None:
    await dmsa.control("PATCH", f"commitments/{SUBCONTRACT}", {"allow_payments": False})
    assert (await pay(dmsa)).status_code == 422


async def test_readers_see_payments_and_write_none(dmsa: Procore) -> None:
    pat = await dmsa.signed_in(PAT)
    assert (await pat.get(AT, QUERY)).status_code == 200
    assert (await pay(pat)).status_code == 403


async def test_v2_lists_both_kinds_of_commitments_with_text_ids(dmsa: Procore) -> None:
    at = f"/rest/v2.0/companies/4907/projects/{TOWER}/commitment_contracts"
    rows = (await dmsa.get(at)).json()["data"]
    assert str(PURCHASE_ORDER) in [row["id"] for row in rows]
    orders = await dmsa.get(at, {"filters[type]": "PurchaseOrderContract"})
    assert [row["id"] for row in orders.json()["data"]] == [str(PURCHASE_ORDER)]


async def issued(procore: Procore, **fields: Any) -> dict[str, Any]:
    given = {"contract_id": SUBCONTRACT, "amount": "900.00", "date": "2026-07-10", **fields}
    payment: dict[str, Any] = await procore.control("POST", "payments", given)
    return payment


async def test_a_person_issues_changes_and_deletes_a_payment(dmsa: Procore) -> None:
    payment = await issued(dmsa, check_number="10199", requisition_id=58001)
    [listed] = (await dmsa.get(AT, QUERY)).json()
    assert (listed["amount"], listed["origin_id"], listed["external_payment_id"]) == ("900.00", None, None)
    await dmsa.control("PATCH", f"payments/{payment['id']}", {"amount": "850.00"})
    assert (await dmsa.get(f"{AT}/{payment['id']}", QUERY)).json()["amount"] == "850.00"
    await dmsa.control("DELETE", f"payments/{payment['id']}")
    assert (await dmsa.get(AT, QUERY)).json() == []


async def test_people_cannot_touch_a_synced_payment(dmsa: Procore) -> None:
    payment = (await pay(dmsa, origin_id="bill-payment-1")).json()
    for method, body in (("PATCH", {"amount": "1.00"}), ("DELETE", None)):
        answer = await dmsa.http.request(method, f"/control/payments/{payment['id']}", json=body)
        assert answer.status_code == 422
    assert (await dmsa.get(AT, QUERY)).json()[0]["amount"] == "900.00"


async def test_procore_pay_leaves_its_mark(dmsa: Procore) -> None:
    payment = await issued(dmsa, procore_pay=True)
    shown = (await dmsa.get(f"{AT}/{payment['id']}", QUERY)).json()
    assert (shown["status"], shown["external_payment_id"]) == ("paid", f"pp-{payment['id']}")
    assert shown["date_payment_settled"] == "2026-07-10"
    contract = (await dmsa.get(f"/rest/v1.0/work_order_contracts/{SUBCONTRACT}", {"project_id": TOWER})).json()
    assert "procore_pay" not in contract
    assert (await pay(dmsa)).status_code == 201
    await dmsa.control("POST", "switches", {"procore_pay_takes_payments": False})
    assert (await pay(dmsa)).status_code == 422


async def test_a_synced_payment_may_be_deleted_if_procore_lets(dmsa: Procore) -> None:
    payment = (await pay(dmsa, origin_id="bill-payment-1")).json()
    await dmsa.control("POST", "switches", {"delete_synced_payments": True})
    assert (await dmsa.send("DELETE", f"{AT}/{payment['id']}", query=QUERY)).status_code == 200


async def test_the_invoice_page_shows_the_payments_of_its_commitment(dmsa: Procore) -> None:
    page = "/requisitions/58001"
    assert "No payment has been issued" in (await dmsa.http.get(page)).text
    await issued(dmsa, procore_pay=True)
    await pay(dmsa, check_number="10233", origin_id="bill-payment-7")
    shown = (await dmsa.http.get(page)).text
    assert all(text in shown for text in ("10233", "bill-payment-7", "900.00", "through Procore Pay"))
