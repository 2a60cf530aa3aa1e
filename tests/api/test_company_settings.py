"""Settings → Company: accountants are named by admins only, and what counts as approved is the company's choice."""

import httpx
from sqlmodel import select

from models.mirroring import company_rules
from models.tables import AuditLog
from tests.api.conftest import Office, SignIn, code_of
from tests.api.world import MARISOL, TOM

HERE = "/settings/company"


async def person_id(browser: httpx.AsyncClient) -> str:
    return str((await browser.get("/api/v1/me")).json()["id"])


async def test_an_admin_names_an_accountant_and_ends_it(office: Office, sign_in: SignIn) -> None:
    marisol = await sign_in(MARISOL)
    path = f"{HERE}/people/{await person_id(marisol)}"
    for _ in range(2):
        assert (await office.admin.post(path, data={"accountant": "true"})).status_code == 303
    assert (await marisol.get("/api/v1/me")).json()["company"]["is_accountant"] is True
    await office.admin.post(path, data={"accountant": "false"})
    assert (await marisol.get("/api/v1/me")).json()["company"]["is_accountant"] is False
    async with office.database.company(office.company_id, office.actor) as session:
        audited = await session.exec(select(AuditLog.action))
        # Named twice, written down once.
        assert sorted(audited) == ["accountant_ended", "accountant_named", "feature_enabled"]


async def test_an_accountant_names_nobody(office: Office, sign_in: SignIn) -> None:
    marisol, tom = await sign_in(MARISOL), await sign_in(TOM)
    await office.admin.post(f"{HERE}/people/{await person_id(marisol)}", data={"accountant": "true"})
    refused = await marisol.post(f"{HERE}/people/{await person_id(tom)}", data={"accountant": "true"})
    assert refused.status_code == 403
    assert (await tom.get("/api/v1/me")).json()["company"]["is_accountant"] is False
    shown = (await marisol.get(HERE)).text
    assert "Only company admins can change this." in shown and "Name accountant" not in shown


async def test_a_stranger_is_not_named(office: Office) -> None:
    answer = await office.admin.post(f"{HERE}/people/{office.company_id}", data={"accountant": "true"})
    assert answer.status_code == 404


async def test_people_are_searched_by_name_and_login(office: Office, sign_in: SignIn) -> None:
    await sign_in(MARISOL)
    await sign_in(TOM)
    assert "Marisol Vega" in (await office.admin.get(f"{HERE}?search=vega")).text
    assert "Marisol Vega" not in (await office.admin.get(f"{HERE}?search=tom@")).text
    assert "Nobody of that name." in (await office.admin.get(f"{HERE}?search=100%25")).text


async def test_what_counts_as_approved_is_the_companys_choice(office: Office, sign_in: SignIn) -> None:
    async def counts() -> bool:
        async with office.database.company(office.company_id, office.actor) as session:
            return (await company_rules(session)).approved_as_noted

    assert await counts() is True
    for _ in range(2):
        assert (await office.admin.post(HERE, data={"approved_as_noted": "false"})).status_code == 303
    assert await counts() is False
    assert (await (await sign_in(TOM)).post(HERE, data={"approved_as_noted": "true"})).status_code == 403
    assert await counts() is False
    async with office.database.company(office.company_id, office.actor) as session:
        audited = await session.exec(select(AuditLog).where(AuditLog.action == "approved_as_noted_changed"))
        assert [one.data for one in audited] == [{"on": False}]


# --- the same for programs

API = "/api/v1"


async def test_a_program_names_an_accountant_and_ends_it(office: Office, sign_in: SignIn) -> None:
    marisol = await sign_in(MARISOL)
    user_id = await person_id(marisol)
    path = f"{API}/people/{user_id}/accountant"
    for named in (True, True, False):
        answer = await office.admin.put(path, json={"accountant": named})
        assert answer.json() == {"user_id": user_id, "accountant": named}
        (found,) = (await office.admin.get(f"{API}/people?search=vega")).json()["people"]
        assert (found["name"], found["is_accountant"], found["is_company_admin"]) == ("Marisol Vega", named, False)
    async with office.database.company(office.company_id, office.actor) as session:
        assert sorted(await session.exec(select(AuditLog.action))) == [
            "accountant_ended",
            "accountant_named",
            "feature_enabled",
        ]


async def test_people_come_in_pages(office: Office, sign_in: SignIn) -> None:
    await sign_in(MARISOL)
    await sign_in(TOM)
    first = (await office.admin.get(f"{API}/people?limit=2")).json()
    second = (await office.admin.get(f"{API}/people?limit=2&offset=2")).json()
    assert first["total"] == second["total"] == 3
    assert [one["name"] for one in first["people"] + second["people"]] == ["Ada Hartwell", "Marisol Vega", "Tom Okafor"]


async def test_a_program_chooses_what_counts_as_approved(office: Office) -> None:
    assert (await office.admin.get(f"{API}/company-settings")).json() == {"approved_as_noted": True}
    answer = await office.admin.put(f"{API}/company-settings", json={"approved_as_noted": False})
    assert answer.json() == {"approved_as_noted": False}
    async with office.database.company(office.company_id, office.actor) as session:
        assert (await company_rules(session)).approved_as_noted is False


async def test_programs_of_accountants_and_readers_change_nothing(office: Office, sign_in: SignIn) -> None:
    marisol, tom = await sign_in(MARISOL), await sign_in(TOM)
    await office.admin.put(f"{API}/people/{await person_id(marisol)}/accountant", json={"accountant": True})
    for browser in (marisol, tom):
        path = f"{API}/people/{await person_id(tom)}/accountant"
        assert code_of(await browser.put(path, json={"accountant": True})) == "not_admin"
        answer = await browser.put(f"{API}/company-settings", json={"approved_as_noted": False})
        assert code_of(answer) == "not_admin"
        assert (await browser.get(f"{API}/company-settings")).json() == {"approved_as_noted": True}
        assert (await browser.get(f"{API}/people")).json()["total"] == 3


async def test_a_program_names_no_stranger_and_says_nothing_odd(office: Office) -> None:
    stranger = f"{API}/people/{office.company_id}/accountant"
    answer = await office.admin.put(stranger, json={"accountant": True})
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    for odd in ({}, {"accountant": "perhaps"}, {"accountant": True, "admin": True}):
        answer = await office.admin.put(stranger, json=odd)
        assert (answer.status_code, code_of(answer)) == (422, "invalid_input")
