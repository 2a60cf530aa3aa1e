"""Signing in with Procore: who gets in, into which company, with which rights."""

from datetime import timedelta
from uuid import uuid4

import httpx
from fastapi import FastAPI

from api.app import SESSION_COOKIE
from api.services import Services
from foundation.clock import ManualClock
from models import directory
from tests.api.conftest import APP, Office, Procore, SignIn, code_of, consent
from tests.api.world import ADA, CASCADE, HARTWELL, JO, NOBODY, RAY, TOM


async def test_an_admin_sees_their_companies_with_the_feature_off(sign_in: SignIn) -> None:
    me = (await (await sign_in(ADA)).get("/api/v1/me")).json()
    assert me["name"] == "Ada Hartwell"
    assert [company["name"] for company in me["companies"]] == ["Hartwell Construction"]
    assert me["company"]["is_company_admin"] is True
    assert me["company"]["feature_enabled"] is False


async def test_a_plain_user_is_no_admin(sign_in: SignIn) -> None:
    me = (await (await sign_in(TOM)).get("/api/v1/me")).json()
    assert me["company"]["is_company_admin"] is False


async def test_two_people_share_one_company_row(sign_in: SignIn) -> None:
    ada = (await (await sign_in(ADA)).get("/api/v1/me")).json()
    tom = (await (await sign_in(TOM)).get("/api/v1/me")).json()
    assert ada["company"]["id"] == tom["company"]["id"]


async def test_a_subcontractors_login_in_the_contractors_procore_opens_nothing(sign_in: SignIn) -> None:
    answer = await (await sign_in(JO)).get("/api/v1/invoices")
    assert (answer.status_code, code_of(answer)) == (403, "no_company")


async def test_without_the_app_there_is_no_company(sign_in: SignIn) -> None:
    browser = await sign_in(NOBODY)
    answer = await browser.get("/api/v1/me")
    assert (answer.status_code, code_of(answer)) == (403, "no_company")
    assert "has installed inBuild Sync" in (await browser.get("/")).text


async def test_the_cookie_holds_ids_only_and_scripts_cannot_read_it(
    anonymous: httpx.AsyncClient, procore: Procore
) -> None:
    answer = await anonymous.get(await consent(anonymous, ADA))
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "httponly" in cookie.lower() and "samesite=lax" in cookie.lower() and "max-age=43200" in cookie.lower()
    assert "secure" not in cookie.lower()


async def test_a_callback_with_a_wrong_state_signs_nobody_in(anonymous: httpx.AsyncClient, procore: Procore) -> None:
    back = httpx.URL(await consent(anonymous, ADA)).copy_set_param("state", "forged")
    answer = await anonymous.get(back)
    assert answer.status_code == 400
    assert "was not started here" in answer.text
    assert (await anonymous.get("/api/v1/me")).status_code == 401


async def test_a_callback_without_a_start_signs_nobody_in(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/sign-in/callback?state=x&code=y")).status_code == 400


async def test_a_code_used_twice_is_refused(anonymous: httpx.AsyncClient, app: FastAPI, procore: Procore) -> None:
    used = httpx.URL(await consent(anonymous, ADA))
    assert (await anonymous.get(used)).status_code == 303
    await anonymous.post("/sign-out")
    fresh = httpx.URL(await consent(anonymous, ADA))
    answer = await anonymous.get(fresh.copy_set_param("code", used.params["code"]))
    assert answer.status_code == 400
    assert "used before or is too old" in answer.text


async def test_refusing_on_procores_page_is_said_kindly(anonymous: httpx.AsyncClient, procore: Procore) -> None:
    back = httpx.URL(await consent(anonymous, ADA))
    answer = await anonymous.get(f"/sign-in/callback?error=access_denied&state={back.params['state']}")
    assert answer.status_code == 403
    assert "Start again when you want to" in answer.text


async def test_procore_being_down_is_said(anonymous: httpx.AsyncClient, procore: Procore) -> None:
    back = await consent(anonymous, ADA)
    async with httpx.AsyncClient(base_url=procore.url, trust_env=False) as control:
        fault = {"path": "/rest/v1.0/me", "effect": "status", "status": 503}
        assert (await control.post("/control/faults", json=fault)).is_success
    answer = await anonymous.get(back)
    assert answer.status_code == 503
    assert "Try again in a few minutes" in answer.text


async def test_after_signing_in_one_is_back_on_the_page(anonymous: httpx.AsyncClient, procore: Procore) -> None:
    refused = await anonymous.get("/invoices?status=Posted")
    assert refused.status_code == 401
    assert "/sign-in?next=%2Finvoices%3Fstatus%3DPosted" in refused.text
    begun = await anonymous.get("/sign-in?next=/invoices%3Fstatus%3DPosted")
    async with httpx.AsyncClient(trust_env=False) as outside:
        decided = await outside.post(begun.headers["location"], data={"user_id": str(ADA)})
    answer = await anonymous.get(decided.headers["location"])
    assert answer.headers["location"] == "/invoices?status=Posted"


async def test_signing_in_never_leads_to_another_site(anonymous: httpx.AsyncClient, procore: Procore) -> None:
    begun = await anonymous.get("/sign-in?next=//evil.example/")
    async with httpx.AsyncClient(trust_env=False) as outside:
        decided = await outside.post(begun.headers["location"], data={"user_id": str(ADA)})
    answer = await anonymous.get(decided.headers["location"])
    assert answer.headers["location"] == "/"


async def test_signing_out_ends_session_and_tokens(sign_in: SignIn, services: Services, procore: Procore) -> None:
    browser = await sign_in(ADA)
    assert (await browser.post("/sign-out")).status_code == 303
    assert (await browser.get("/api/v1/me")).status_code == 401
    assert all(grant.revoked for grant in procore.simulator.oauth.store.grants)


async def test_a_copied_cookie_opens_nothing_once_its_person_signed_out(sign_in: SignIn, app: FastAPI) -> None:
    browser, elsewhere = await sign_in(ADA), await sign_in(ADA)
    thief = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=APP, cookies=dict(browser.cookies))
    async with thief:
        assert (await thief.get("/api/v1/me")).status_code == 200
        await browser.post("/sign-out")
        again = await sign_in(ADA)
        for _ in range(2):
            assert (await thief.get("/api/v1/me")).status_code == 401
            # Nor does it sign its person out.
            assert (await thief.post("/sign-out")).status_code == 303
            thief.cookies.update(dict(elsewhere.cookies))
        assert (await again.get("/api/v1/me")).status_code == 200


async def test_a_user_of_two_companies_chooses(sign_in: SignIn) -> None:
    browser = await sign_in(RAY)
    me = (await browser.get("/api/v1/me")).json()
    assert {company["procore_company_id"] for company in me["companies"]} == {str(HARTWELL), str(CASCADE)}
    # Where they are admin comes first.
    assert me["company"]["procore_company_id"] == str(CASCADE)
    other = next(company for company in me["companies"] if company["procore_company_id"] == str(HARTWELL))
    assert (await browser.post(f"/companies/{other['id']}/choose")).status_code == 303
    assert (await browser.get("/api/v1/me")).json()["company"]["id"] == other["id"]


async def test_a_company_that_is_not_ones_own_cannot_be_chosen(sign_in: SignIn, office: Office) -> None:
    ray = await sign_in(RAY)
    companies = (await ray.get("/api/v1/me")).json()["companies"]
    cascade = next(company["id"] for company in companies if company["procore_company_id"] == str(CASCADE))
    foreign = await office.admin.post(f"/companies/{cascade}/choose")
    unknown = await office.admin.post(f"/companies/{uuid4()}/choose")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text == unknown.text
    assert (await office.admin.get("/api/v1/me")).json()["company"]["id"] == str(office.company_id)


async def test_rights_taken_away_in_procore_end_within_ten_minutes(
    office: Office, procore: Procore, clock: ManualClock
) -> None:
    _set_directory(procore, ADA, "Read Only")
    assert (await office.admin.get("/api/v1/connections")).status_code == 200
    clock.advance(timedelta(minutes=11))
    answer = await office.admin.get("/api/v1/connections")
    assert (answer.status_code, code_of(answer)) == (403, "not_admin")


async def test_a_change_asks_procore_at_once(office: Office, procore: Procore) -> None:
    _set_directory(procore, ADA, "Read Only")
    answer = await office.admin.post("/api/v1/connections/online")
    assert (answer.status_code, code_of(answer)) == (403, "not_admin")


async def test_a_change_is_refused_while_procore_is_silent_and_reading_goes_on(
    office: Office, procore: Procore, clock: ManualClock
) -> None:
    clock.advance(timedelta(minutes=11))
    async with httpx.AsyncClient(base_url=procore.url, trust_env=False) as control:
        fault = {"path": "/rest/v1.0/settings/permissions", "effect": "status", "status": 500}
        assert (await control.post("/control/faults", json=fault)).is_success
    answer = await office.admin.post("/api/v1/connections/online")
    assert (answer.status_code, code_of(answer)) == (503, "cannot_confirm_admin")
    assert (await office.admin.get("/api/v1/connections")).status_code == 200


async def test_whoever_is_removed_from_the_company_is_out(office: Office, procore: Procore, clock: ManualClock) -> None:
    procore.simulator.records.users[ADA]["companies"] = {}
    clock.advance(timedelta(minutes=11))
    answer = await office.admin.get("/api/v1/invoices")
    assert (answer.status_code, code_of(answer)) == (401, "membership_ended")
    assert (await office.admin.get("/api/v1/invoices")).status_code == 403


async def test_an_ended_access_token_is_renewed_once_and_stored(
    office: Office, services: Services, procore: Procore, clock: ManualClock
) -> None:
    clock.advance(timedelta(hours=2))
    answer = await office.admin.post("/api/v1/connections/online")
    assert answer.status_code == 201
    async with services.database.directory() as session:
        stored = await directory.user_tokens(session, office.admin_id)
    assert stored is not None and stored.refresh_token is not None
    assert stored.expires_at > clock.now()


async def test_a_lost_renewal_asks_for_a_new_sign_in(office: Office, procore: Procore, clock: ManualClock) -> None:
    clock.advance(timedelta(hours=2))
    async with httpx.AsyncClient(base_url=procore.url, trust_env=False) as control:
        fault = {"path": "/oauth/token", "effect": "drop_after", "count": 1}
        assert (await control.post("/control/faults", json=fault)).is_success
    answer = await office.admin.post("/api/v1/connections/online")
    assert (answer.status_code, code_of(answer)) == (403, "cannot_confirm_admin")
    assert "sign in again" in answer.json()["error"]["message"]


async def test_a_forged_cookie_is_nobody(anonymous: httpx.AsyncClient) -> None:
    anonymous.cookies.set(SESSION_COOKIE, "eyJ1c2VyIjogIjEifQ==.aa.bb")
    assert (await anonymous.get("/api/v1/me")).status_code == 401


async def test_a_form_of_another_site_is_refused(office: Office) -> None:
    for path in ("/sign-out", "/settings/procore/off", "/api/v1/sync-now"):
        answer = await office.admin.post(path, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
        answer = await office.admin.post(path, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
    assert (await office.admin.get("/api/v1/me")).status_code == 200


def _set_directory(procore: Procore, user_id: int, level: str) -> None:
    tools = procore.simulator.records.users[user_id]["companies"][str(HARTWELL)]["permissions"]
    procore.simulator.records.users[user_id]["companies"][str(HARTWELL)]["permissions"] = {**tools, "directory": level}
