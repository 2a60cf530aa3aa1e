"""The reconciliation's routes and pages: what was found is shown and explained, and adds up in each form."""

import csv
import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from models.company_settings import name_accountant
from models.events import timeline
from models.requisitions import store_requisitions
from tests.api.conftest import Office, SignIn, code_of
from tests.api.world import MARISOL, RAY, TOM
from tests.linked_company import LinkedCompany, linked_company, make_run, reading_of, reconcile, requisition

API = "/api/v1/reconciliation"
PAIRS = 9


@pytest_asyncio.fixture
async def company(office: Office) -> LinkedCompany:
    """Nine linked pairs: one renumbered in QuickBooks, one deleted there, one not approved any more."""
    company = await linked_company(office.database, office.company_id, PAIRS)
    await company.edit_in_quickbooks({1: lambda bill: bill.update(DocNumber="OTHER")})
    await company.delete_in_quickbooks(2)
    await company.edit_in_procore({3: lambda told: told.update(status="revise_and_resubmit")})
    return company


async def shown(browser: httpx.AsyncClient, **wanted: str) -> Any:
    answer = await browser.get(API, params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def open_differences(browser: httpx.AsyncClient) -> dict[str, Any]:
    answer = (await browser.get(f"{API}/differences")).json()
    return {f"{one['number']} {one['field']}": one for one in answer["differences"] if one["state"] == "open"}


def net(rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["net"]) for row in rows), Decimal(0))


async def test_a_run_on_demand_is_made_once_and_told(office: Office, company: LinkedCompany) -> None:
    before = await shown(office.admin)
    assert (before["run_id"], before["statement"], before["books"]) == (None, None, [])
    asked = await office.admin.post(f"{API}/runs", json={})
    assert asked.status_code == 202
    again = await office.admin.post(f"{API}/runs", json={"reread": True})
    assert again.json() == asked.json()
    run_id = asked.json()["run_id"]
    assert (await shown(office.admin))["under_way"] == run_id
    await make_run(company, UUID(run_id))
    assert (await office.admin.get(f"{API}/runs/{run_id}")).json()["state"] == "done"
    now = await shown(office.admin)
    assert (now["run_id"], now["under_way"], now["open_differences"]) == (run_id, None, 3)
    (books,) = now["books"]
    assert (books["compared"], books["complete"], books["trouble"]) == (PAIRS, True, None)


async def test_the_statement_ties_for_the_whole_and_for_each_part(office: Office, company: LinkedCompany) -> None:
    await reconcile(company)
    whole = await shown(office.admin)
    statement = whole["statement"]
    assert statement["ties"] and statement["unexplained"] == {"gross": "0.00", "retainage": "0.00", "net": "0.00"}
    assert [row["name"] for row in statement["approved"]] == ["Approved in Procore now", "Approval withdrawn since"]
    assert statement["approved_to_date"]["net"] == str(net(statement["places"]) + net(statement["changes"]))
    there = [Decimal(bill["TotalAmt"]) for place, bill in enumerate(company.bills) if place != 2]
    assert statement["in_quickbooks"]["net"] == str(sum(there))
    parts = [
        await shown(office.admin, project_id="9001"),
        await shown(office.admin, project_id="9002", connection_id=str(company.connection_id)),
        await shown(office.admin, project_id="9003", first="2026-01", last="2026-12"),
    ]
    assert sum(Decimal(one["statement"]["approved_to_date"]["gross"]) for one in parts) == Decimal(
        statement["approved_to_date"]["gross"]
    )
    assert [one["project_id"] for one in whole["projects"]] == ["9001", "9002", "9003"]
    # Billed from May on, by month.
    none = await shown(office.admin, last="2026-04")
    assert (none["statement"]["approved_to_date"]["net"], none["open_differences"]) == ("0.00", 0)


async def test_what_was_left_out_is_accounted_for_with_its_reason(office: Office, company: LinkedCompany) -> None:
    late = requisition(50)
    async with company.session() as session:
        await store_requisitions(session, [reading_of(late).seen])
    await reconcile(company)
    left = [row for row in (await shown(office.admin))["statement"]["places"] if row["name"] == "Not imported"]
    assert [(row["reason"], row["net"]) for row in left] == [
        ("Not looked at yet: mirroring has not been on for it.", late["summary"]["current_payment_due"])
    ]


async def test_the_tables_hold_the_same_sums(office: Office, company: LinkedCompany) -> None:
    assert code_of(await office.admin.get(f"{API}.csv")) == "not_found"
    await reconcile(company)
    answer = await office.admin.get(f"{API}.csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="reconciliation-')
    _, header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[-3:] == ["Gross", "Retainage", "Net"]
    totals = {row[4]: row[-1] for row in rows if row[0] == "Total"}
    for parts in (("Approved to date",), ("Accounted for", "Changed")):
        assert str(sum(Decimal(row[-1]) for row in rows if row[3] in parts)) == totals["Approved to date"]
    assert totals["Unexplained"] == "0.00"
    differences = await office.admin.get(f"{API}/differences.csv")
    told = list(csv.DictReader(io.StringIO(differences.content.decode("utf-8-sig"))))
    assert {(row["Invoice"], row["What"]) for row in told} == {
        ("INV-00001", "Bill number"),
        ("INV-00002", "Deleted in QuickBooks"),
        ("INV-00003", "Approval withdrawn"),
    }


async def test_accountants_explain_and_everybody_reads(office: Office, company: LinkedCompany, sign_in: SignIn) -> None:
    await reconcile(company)
    reader, accountant = await sign_in(TOM), await sign_in(MARISOL)
    me = (await accountant.get("/api/v1/me")).json()
    async with company.session() as session:
        await name_accountant(session, UUID(me["id"]), True)
    one = (await open_differences(reader))["INV-00001 number"]
    assert (one["in_procore"], one["in_quickbooks"], one["changed_in"]) == ("INV-00001", "OTHER", "quickbooks")
    address = f"{API}/differences/{one['id']}/explanation"
    body = {"fingerprint": one["fingerprint"], "note": "The vendor renumbered it."}

    assert code_of(await reader.put(address, json=body)) == "not_accountant"
    assert code_of(await reader.post(f"{API}/runs", json={})) == "not_accountant"
    assert code_of(await accountant.put(address, json={**body, "note": "  "})) == "note_missing"
    assert code_of(await accountant.put(address, json={**body, "fingerprint": "0" * 64})) == "difference_changed"
    nowhere = f"{API}/differences/{company.connection_id}/explanation"
    assert code_of(await accountant.put(nowhere, json=body)) == "not_found"
    assert "INV-00001 number" in await open_differences(reader)

    assert (await accountant.put(address, json=body)).status_code == 204
    assert "INV-00001 number" not in await open_differences(reader)
    async with company.session() as session:
        told = [event.kind for event in await timeline(session, "invoice", one["invoice_id"])]
    assert told[-2:] == ["difference_explained", "kept_as_it_is"]
    assert (await accountant.delete(address)).status_code == 204
    assert "INV-00001 number" in await open_differences(reader)


async def test_nothing_is_reconciled_without_quickbooks(office: Office) -> None:
    assert code_of(await office.admin.post(f"{API}/runs", json={})) == "nothing_connected"
    assert "Nothing has been reconciled yet." in (await office.admin.get("/reconciliation")).text
    assert "Nothing has been reconciled yet." in (await office.admin.get("/reconciliation/report")).text


async def test_another_company_sees_none_of_it(office: Office, company: LinkedCompany, sign_in: SignIn) -> None:
    run_id = await reconcile(company)
    one = (await open_differences(office.admin))["INV-00001 number"]
    ray = await sign_in(RAY)
    companies = (await ray.get("/api/v1/me")).json()["companies"]
    chosen = next(one["id"] for one in companies if one["id"] != str(office.company_id))
    await ray.post(f"/companies/{chosen}/choose")
    assert (await shown(ray))["run_id"] is None
    assert code_of(await ray.get(f"{API}/runs/{run_id}")) == "not_found"
    body = {"fingerprint": one["fingerprint"], "note": "mine"}
    assert code_of(await ray.put(f"{API}/differences/{one['id']}/explanation", json=body)) == "not_found"


@pytest.mark.parametrize("query", ["first=2026-13", "first=July", "last=0000-01", "connection_id=x"])
async def test_a_selection_that_makes_no_sense_is_refused_in_words(office: Office, query: str) -> None:
    assert code_of(await office.admin.get(f"{API}?{query}")) == "invalid_input"


async def test_an_address_from_an_old_bookmark_shows_what_it_can(office: Office, company: LinkedCompany) -> None:
    await reconcile(company)
    answer = await office.admin.get("/reconciliation?from=2026-13&to=x&connection=y&project=9002&page=zzz")
    assert answer.status_code == 200 and "Mill Street School" in answer.text
