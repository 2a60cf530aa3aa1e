"""The support view: finds anything in any company, writes every look down, and changes nothing but the feature."""

from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlmodel import select

from api.support_text import searched_for
from models.directory import grant_support
from models.tables import AuditLog
from tests.api.conftest import Office, SignIn
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.world import NOBODY, RAY, TOM


@pytest_asyncio.fixture
async def support(office: Office, sign_in: SignIn) -> httpx.AsyncClient:
    """Nora's browser: she belongs to no company of inBuild's, and to its support."""
    browser = await sign_in(NOBODY)
    async with office.database.directory() as session:
        assert await grant_support(session, "simulated", "nora@example.test", True)
    return browser


@pytest_asyncio.fixture
async def invoice_id(office: Office) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
        await add_projects(session)
        return await add_invoice(session, "INV-1042", connection_id=connection_id, source_id="777001")


async def actions(office: Office) -> list[str]:
    async with office.database.company(office.company_id, office.actor) as session:
        found = await session.exec(select(AuditLog.action).where(AuditLog.actor_kind == "support"))
        return list(found)


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("  INV-1042 ", "INV-1042"),
        ("https://app.procore.com/562949953430001/project/commitments/701/requisitions/7001", "7001"),
        ("https://sandbox.procore.com/webclients/host/companies/4907/projects/9001/tools/invoices", "9001"),
        ("https://app.qbo.intuit.com/app/bill?txnId=145", "145"),
        ("https://qbo.intuit.com/#/app/bill?txnId=145&x=1", "145"),
        ("https://example.test/nothing", "https://example.test/nothing"),
    ],
)
def test_what_is_looked_for_in_a_pasted_address(pasted: str, text: str) -> None:
    assert searched_for(pasted) == text


async def test_an_invoice_is_found_by_whatever_names_it(
    office: Office, support: httpx.AsyncClient, invoice_id: UUID
) -> None:
    reference = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()["reference"]
    link = f"/support/companies/{office.company_id}/invoices/{invoice_id}"
    for text in (
        "INV-1042",
        "777001",
        str(reference),
        str(invoice_id),
        "https://app.procore.com/1/requisitions/777001",
    ):
        found = await support.get("/support", params={"text": text})
        assert link in found.text, text
    assert link not in (await support.get("/support", params={"text": "INV-1043"})).text
    assert await actions(office) == ["support_lookup"] * 5


async def test_companies_and_connections_are_found_by_name_and_id(
    office: Office, support: httpx.AsyncClient, invoice_id: UUID
) -> None:
    for text in ("hartwell constr", "4907", "9130350000000001"):
        found = await support.get("/support", params={"text": text})
        assert f"/support/companies/{office.company_id}" in found.text, text


async def test_each_look_at_a_company_is_written_down(
    office: Office, support: httpx.AsyncClient, invoice_id: UUID
) -> None:
    company = await support.get(f"/support/companies/{office.company_id}")
    assert company.status_code == 200
    for words in ("Hartwell Construction", "INV-1042", f"mirroring/{office.company_id}", "Not running"):
        assert words in company.text, words
    invoice = await support.get(f"/support/companies/{office.company_id}/invoices/{invoice_id}")
    assert "Brought into inBuild" in invoice.text
    assert await actions(office) == ["support_viewed", "support_viewed"]
    assert "Support viewed" in (await support.get(f"/support/companies/{office.company_id}")).text


async def test_support_enables_the_feature(office: Office, support: httpx.AsyncClient, sign_in: SignIn) -> None:
    ray = await sign_in(RAY)
    companies = (await ray.get("/api/v1/me")).json()["companies"]
    cascade = next(one for one in companies if one["name"] == "Cascade Tenant Improvements")
    for _ in range(2):
        assert (await support.post(f"/support/companies/{cascade['id']}/feature")).status_code == 303
    companies = (await ray.get("/api/v1/me")).json()["companies"]
    assert next(one for one in companies if one["id"] == cascade["id"])["feature_enabled"] is True
    async with office.database.company(UUID(cascade["id"]), office.actor) as session:
        found = await session.exec(select(AuditLog.action).where(AuditLog.actor_kind == "support"))
        assert list(found) == ["feature_enabled"]


async def test_support_is_nobody_in_a_company(office: Office, support: httpx.AsyncClient, invoice_id: UUID) -> None:
    for path in ("/invoices", f"/invoices/{invoice_id}", "/settings/procore", "/api/v1/invoices"):
        assert (await support.get(path)).status_code == 403, path
    named = await support.post(f"/settings/company/people/{office.admin_id}", data={"accountant": "true"})
    assert named.status_code == 403


async def test_nobody_else_sees_it(office: Office, invoice_id: UUID, sign_in: SignIn) -> None:
    for browser in (office.admin, await sign_in(TOM)):
        for path in ("/support", f"/support/companies/{office.company_id}"):
            refused = await browser.get(path)
            assert refused.status_code == 403 and "Only inBuild support can open this page." in refused.text
        assert (await browser.post(f"/support/companies/{office.company_id}/feature")).status_code == 403
        assert 'href="/support"' not in (await browser.get("/invoices")).text


async def test_a_role_that_was_taken_away_is_gone_at_once(office: Office, support: httpx.AsyncClient) -> None:
    assert (await support.get("/support")).status_code == 200
    async with office.database.directory() as session:
        await grant_support(session, "simulated", "nora@example.test", False)
    assert (await support.get("/support")).status_code == 403


async def test_unknown_companies_and_invoices_of_others_are_404(
    office: Office, support: httpx.AsyncClient, invoice_id: UUID
) -> None:
    for path in (
        f"/support/companies/{invoice_id}",
        f"/support/companies/{invoice_id}/invoices/{invoice_id}",
        f"/support/companies/{office.company_id}/invoices/{office.company_id}",
        f"/support/companies/{office.company_id}/invoices/{invoice_id}/history?event=99999",
    ):
        assert (await support.get(path)).status_code == 404, path
