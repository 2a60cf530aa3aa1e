from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulators.procore.account import (
    ADA,
    HIDDEN,
    PAT,
    SECRET_SUBCONTRACT,
    SERVICE,
    SUBCONTRACT,
    TOWER,
    Procore,
    account,
    requisition,
)

AT = "/rest/v1.1/requisitions"


async def listed(procore: Procore, path: str = AT, **query: Any) -> httpx.Response:
    return await procore.get(path, {"project_id": TOWER, **query})


def numbers(answer: httpx.Response) -> list[int]:
    return [row["id"] - 58000 for row in answer.json()]


def relations(answer: httpx.Response) -> dict[str, str]:
    return {str(name): link["url"] for name, link in answer.links.items()}


async def test_pages_are_linked_as_documented(dmsa: Procore) -> None:
    dmsa.simulator.records.load({"requisitions": [requisition(number) for number in range(4, 96)]})
    first = await listed(dmsa)
    assert (len(first.json()), first.headers["total"], first.headers["per-page"]) == (30, "95", "30")
    assert set(relations(first)) == {"next", "last"}
    second = await dmsa.http.get(relations(first)["next"], headers=dmsa.headers)
    assert set(relations(second)) == {"first", "last", "next"}
    third = await dmsa.http.get(relations(second)["next"], headers=dmsa.headers)
    assert set(relations(third)) == {"first", "prev", "last", "next"}
    fourth = await dmsa.http.get(relations(third)["next"], headers=dmsa.headers)
    assert set(relations(fourth)) == {"first", "prev", "last"}
    pages = [numbers(page) for page in (first, second, third, fourth)]
    assert [len(page) for page in pages] == [30, 30, 30, 5]
    assert {number for page in pages for number in page} == set(range(1, 96))
    assert (await listed(dmsa, per_page=100)).headers.get("link") is None
    assert (await listed(dmsa, page=9)).json() == []


async def test_links_keep_the_filters(dmsa: Procore) -> None:
    query: dict[str, Any] = {"filters[id][]": ["58001", "58003"], "view": "extended"}
    answer = await listed(dmsa, per_page=1, **query)
    following = await dmsa.http.get(relations(answer)["next"], headers=dmsa.headers)
    assert numbers(answer) + numbers(following) == [1, 3]
    assert "items" in following.json()[0]


async def test_no_order_is_promised(dmsa: Procore) -> None:
    dmsa.simulator.records.load({"requisitions": [requisition(number) for number in range(4, 41)]})
    await dmsa.control("POST", "switches", {"list_order": "stable_shuffle"})
    shuffled = numbers(await listed(dmsa, per_page=100))
    assert shuffled != sorted(shuffled)
    assert numbers(await listed(dmsa, per_page=100)) == shuffled
    await dmsa.control("POST", "switches", {"list_order": "shuffle_each_request"})
    assert sorted(numbers(await listed(dmsa, per_page=100))) == sorted(shuffled)


FILTERED = [
    ({"filters[id]": "58002"}, [2]),
    ({"filters[id]": "[58001,58003]"}, [1, 3]),
    ({"filters[id][]": ["58003", "58001", "77"]}, [1, 3]),
    ({"filters[status]": "approved"}, [2]),
    ({"filters[status][]": ["approved", "draft"]}, [1, 2, 3]),
    ({"filters[updated_at]": "2026-07-02T09:14:55Z...2026-07-02T09:14:56Z"}, [1]),
    ({"filters[updated_at]": '"2026-07-03T00:00:00Z...2026-07-05T00:00:00Z"'}, [2]),
    ({"filters[updated_at]": "2026-07-06...2026-07-06"}, [3]),
    ({"filters[created_at]": "2026-06-25...2026-06-25"}, [1, 2, 3]),
    ({"filters[created_at]": "2027-01-01...2027-01-02"}, []),
    ({"filters[origin_id]": "erp-3"}, [3]),
    ({"filters[commitment_id]": str(SUBCONTRACT)}, [1, 2, 3]),
    ({"filters[commitment_id]": "1"}, []),
    ({"filters[period_id]": "4293"}, [1, 2, 3]),
    ({"filters[is_last]": "true"}, [3]),
    ({"filters[is_last]": "false", "filters[status]": "approved"}, [2]),
    ({"filters[unheard_of]": "x"}, [1, 2, 3]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERED)
async def test_filters(dmsa: Procore, query: dict[str, Any], expected: list[int]) -> None:
    dmsa.simulator.load(
        account(
            [
                requisition(1),
                requisition(2, status="approved", updated="2026-07-04T00:00:00Z"),
                requisition(3, updated="2026-07-06T23:59:59Z", origin_id="erp-3"),
            ]
        )
    )
    dmsa = await dmsa.service_account()
    assert numbers(await listed(dmsa, **query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"filters[status]": "paid"},
        {"filters[updated_at]": "yesterday"},
        {"filters[updated_at]": "2026-07-01...soon"},
        {"filters[id]": "x"},
        {"filters[is_last]": "maybe"},
        {"view": "full"},
    ],
)
async def test_what_cannot_be_a_filter_is_400(dmsa: Procore, query: dict[str, str]) -> None:
    assert (await listed(dmsa, **query)).status_code == 400


async def test_status_lists_can_be_switched_to_filter(dmsa: Procore) -> None:
    await dmsa.control("POST", "switches", {"status_list_filter": "any_of"})
    query: dict[str, Any] = {"filters[status][]": ["approved", "draft"]}
    assert numbers(await listed(dmsa, **query)) == []


async def test_views(dmsa: Procore) -> None:
    async def fields(view: str | None, path: str = AT) -> set[str]:
        answer = await listed(dmsa, path, **({"view": view} if view else {}))
        return set(answer.json()[0])

    extras = {"summary_text", "tax_summary", "accounting_method"}
    lines = {"items", "item_packages"}
    plain = await fields(None)
    assert plain == await fields("default")
    assert {"summary", "attachments", "created_by", "origin_id", "erp_status"} <= plain
    assert not plain & (extras | lines | {"comment"})
    assert await fields("extended") == plain | extras | lines
    assert await fields("items") == plain | lines
    assert await fields("header_only") == plain | extras
    assert await fields("action_policy") == plain | {"action_policy"}
    assert await fields("extended", "/rest/v1.0/requisitions") == plain | {"comment"}


async def test_one_requisition(dmsa: Procore) -> None:
    shown = (await dmsa.get(f"{AT}/58001", {"project_id": TOWER})).json()
    assert shown["items"][0]["net_amount"] == "900.00"
    assert shown["number"] == 1
    assert shown["invoice_number"] == "INV-1"
    assert (await dmsa.get(f"{AT}/58001")).status_code == 400
    assert (await dmsa.get(f"{AT}/4242", {"project_id": TOWER})).status_code == 404
    assert (await dmsa.get(f"{AT}/58001", {"project_id": HIDDEN})).status_code == 403


async def test_a_private_commitment_hides_its_invoices_from_readers(dmsa: Procore) -> None:
    dmsa.simulator.records.load({"requisitions": [requisition(50, commitment_id=SECRET_SUBCONTRACT)]})
    pat = await dmsa.signed_in(PAT)
    assert numbers(await listed(pat)) == [1, 2, 3]
    assert (await pat.get(f"{AT}/58050", {"project_id": TOWER})).status_code == 404
    assert numbers(await listed(dmsa)) == [1, 2, 3, 50]
    commitments = await pat.get("/rest/v1.0/work_order_contracts", {"project_id": TOWER})
    assert [row["id"] for row in commitments.json()] == [SUBCONTRACT]


async def test_an_approval_is_written_down_with_person_and_time(dmsa: Procore) -> None:
    ada = await dmsa.signed_in(ADA)
    await dmsa.control("POST", "clock", {"now": "2026-08-03T10:00:00Z"})
    ada, dmsa = await ada.signed_in(ADA), await dmsa.service_account()
    body = {"project_id": TOWER, "requisition": {"status": "approved"}}
    approved = await ada.send("PATCH", f"{AT}/58001", body)
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert approved.json()["updated_at"].startswith("2026-08-03T10:00:0")
    histories = await dmsa.get("/rest/v1.0/requisitions/58001/change_histories", {"project_id": TOWER})
    (row,) = histories.json()
    assert (row["column"], row["old_value"], row["new_value"]) == ("status", "under_review", "approved")
    assert (row["action_by"], row["action_by_id"], row["ref_id"]) == ("Ada Lindqvist", ADA, 58001)
    assert row["ref_type"] == "Billings::Requisition"
    assert row["created_at"] == approved.json()["updated_at"]
    assert "requisition_id" not in row


async def test_histories_can_be_spelled_as_labels(dmsa: Procore) -> None:
    await dmsa.control("POST", "switches", {"history_spelling": "label"})
    await dmsa.control("POST", "requisitions/58001/status", {"status": "approved_as_noted", "by_user_id": ADA})
    histories = await dmsa.get("/rest/v1.0/requisitions/58001/change_histories", {"project_id": TOWER})
    assert histories.json()[0]["new_value"] == "Approved As Noted"


async def test_readers_change_nothing(dmsa: Procore) -> None:
    pat = await dmsa.signed_in(PAT)
    body = {"project_id": TOWER, "requisition": {"status": "approved"}}
    assert (await pat.send("PATCH", f"{AT}/58003", body)).status_code == 403
    assert (await pat.send("DELETE", f"{AT}/58003", query={"project_id": TOWER})).status_code == 403


async def test_origin_id_locks_the_invoice_and_is_unique(dmsa: Procore) -> None:
    async def patch(number: int, **wanted: Any) -> httpx.Response:
        return await dmsa.send("PATCH", f"{AT}/5800{number}", {"project_id": TOWER, "requisition": wanted})

    assert (await patch(1, origin_id="ours-1")).status_code == 200
    locked = await patch(1, status="approved")
    assert (locked.status_code, list(locked.json()["errors"])) == (422, ["base"])
    assert (await patch(1, origin_data="note")).status_code == 200
    taken = await patch(2, origin_id="ours-1")
    assert (taken.status_code, taken.json()) == (422, {"errors": {"origin_id": ["has already been taken"]}})
    assert (await patch(1, origin_id=None)).status_code == 200
    assert (await patch(1, status="approved")).status_code == 200


async def test_what_an_invoice_cannot_become(dmsa: Procore) -> None:
    async def patch(body: Any) -> int:
        return (await dmsa.send("PATCH", f"{AT}/58001", body)).status_code

    assert await patch({"project_id": TOWER, "requisition": {"status": "paid"}}) == 422
    assert await patch({"project_id": TOWER, "requisition": {"colour": "red"}}) == 406
    assert await patch({"project_id": TOWER, "requisition": {"items": [{"id": 5}]}}) == 422
    assert await patch({"project_id": TOWER, "requisition": {"items": ["all"]}}) == 422
    assert await patch({"project_id": TOWER}) == 400
    malformed = await dmsa.http.patch(
        f"{AT}/58001", content=b"{", headers={**dmsa.headers, "Content-Type": "application/json"}
    )
    assert malformed.status_code == 400


async def test_only_the_latest_can_be_deleted(dmsa: Procore) -> None:
    query = {"project_id": TOWER}
    assert (await dmsa.send("DELETE", f"{AT}/58001", query=query)).status_code == 422
    gone = await dmsa.send("DELETE", f"{AT}/58003", query=query)
    assert (gone.status_code, gone.content) == (200, b"")
    assert (await dmsa.get(f"{AT}/58003", query)).status_code == 404
    assert numbers(await listed(dmsa)) == [1, 2]
    assert (await dmsa.get(f"{AT}/58002", query)).json()["deletable"] is True


async def test_the_service_account_creates_a_draft(dmsa: Procore) -> None:
    given = {"invoice_number": "N-4", "billing_date": "2026-07-31", "items": [{"gross_amount": "250.5"}]}
    body = {"project_id": TOWER, "commitment_id": SUBCONTRACT, "requisition": given}
    for wrong in ({"billing_date": "soon"}, {"items": [{"gross_amount": "ten"}]}, {"items": ["ten"]}):
        unreadable = await dmsa.send("POST", AT, {**body, "requisition": {**given, "period_id": 1, **wrong}})
        assert unreadable.status_code == 422
    refused = await dmsa.send("POST", AT, body)
    assert refused.status_code == 422
    assert "open billing period" in refused.json()["errors"][0]
    created = await dmsa.send("POST", AT, {**body, "requisition": {**given, "period_id": 4294}})
    assert created.status_code == 201
    assert (created.json()["status"], created.json()["number"]) == ("draft", 4)
    assert created.json()["created_by"]["id"] == SERVICE
    assert created.json()["summary"]["current_payment_due"] == "250.50"
    assert numbers(await listed(dmsa, **{"filters[is_last]": "true"})) == [created.json()["id"] - 58000]


async def test_lines_in_their_own_lists(dmsa: Procore) -> None:
    query = {"project_id": TOWER}
    at = "/rest/v1.0/requisitions/58001"
    assert len((await dmsa.get(f"{at}/contract_items", query)).json()) == 1
    assert (await dmsa.get(f"{at}/change_order_items", query)).json() == []
    assert (await dmsa.get(f"{at}/detail", query)).json()[0]["gross_amount"] == "1000.00"
    assert (await dmsa.get(f"{at}/anything", query)).status_code == 404
