from __future__ import annotations

from tests.simulators.procore.account import ADA, CLOSED, COMPANY, HIDDEN, JO, NOT_INSTALLED, PAT, TOWER, Procore


async def test_a_person_needs_no_company_header_for_me_and_companies(procore: Procore) -> None:
    ada = await procore.signed_in(ADA)
    ada.company = None
    me = await ada.get("/rest/v1.0/me")
    assert me.json() == {"id": ADA, "login": "ada@harborvale.example", "name": None}
    companies = await ada.get("/rest/v1.0/companies")
    assert [company["id"] for company in companies.json()] == [COMPANY]
    elsewhere = await ada.get("/rest/v1.0/vendors", {"company_id": COMPANY})
    assert elsewhere.status_code == 400
    assert elsewhere.json()["message"].startswith("Missing Procore-Company-Id header!")


async def test_the_service_account_needs_it_everywhere(dmsa: Procore) -> None:
    dmsa.company = None
    for path in ("/rest/v1.0/me", "/rest/v1.0/companies"):
        assert (await dmsa.get(path)).status_code == 400


async def test_a_company_without_the_app_is_not_connected(dmsa: Procore) -> None:
    dmsa.company = NOT_INSTALLED
    answer = await dmsa.get("/rest/v1.0/companies")
    assert answer.status_code == 403
    assert answer.json() == {"errors": ["App is not connected to this company."]}
    dmsa.company = 1
    assert (await dmsa.get("/rest/v1.0/companies")).status_code == 403


async def test_uninstalling_the_app_closes_the_door(dmsa: Procore) -> None:
    assert (await dmsa.get("/rest/v1.0/companies")).status_code == 200
    await dmsa.control("PATCH", f"companies/{COMPANY}", {"app_installed": False})
    assert (await dmsa.get("/rest/v1.0/companies")).status_code == 403


async def test_a_company_in_the_query_must_be_that_of_the_header(dmsa: Procore) -> None:
    answer = await dmsa.get("/rest/v1.0/vendors", {"company_id": 12})
    assert answer.status_code == 403


async def test_me_has_a_name_within_a_company(procore: Procore) -> None:
    ada = await procore.signed_in(ADA)
    assert (await ada.get("/rest/v1.0/me", {"company_id": COMPANY})).json()["name"] == "Ada Lindqvist"


async def test_the_company_user_has_no_admin_flag(procore: Procore) -> None:
    jo = await procore.signed_in(JO)
    user = (await jo.get(f"/rest/v1.0/companies/{COMPANY}/me")).json()
    assert user["vendor"] == {"id": 8881212, "name": "Ernie's Electrical"}
    assert user["is_employee"] is False
    assert not [name for name in user if "admin" in name]


async def _levels(person: Procore) -> dict[str, str]:
    answer = await person.get("/rest/v1.0/settings/permissions", {"company_id": COMPANY})
    return {tool["name"]: tool["user_access_level"]["name"] for tool in answer.json()["tools"]}


async def test_directory_admin_is_admin_of_all_but_payments(procore: Procore) -> None:
    ada = await procore.signed_in(ADA)
    levels = await _levels(ada)
    assert levels.pop("payments") == "None"
    assert set(levels.values()) == {"Admin"}
    await procore.control(
        "POST", f"users/{ADA}/permissions", {"company_id": COMPANY, "tool": "directory", "level": "Standard"}
    )
    levels = await _levels(ada)
    assert levels["directory"] == "Standard"
    assert levels["admin"] == "None"


async def test_permissions_take_a_company_or_a_project_never_both(procore: Procore) -> None:
    pat = await procore.signed_in(PAT)
    assert (await _levels(pat))["directory"] == "Read Only"
    project = await pat.get("/rest/v1.0/settings/permissions", {"project_id": TOWER})
    levels = {tool["name"]: tool["user_access_level"]["id"] for tool in project.json()["tools"]}
    assert levels["commitments"] == 2
    both = await pat.get("/rest/v1.0/settings/permissions", {"project_id": TOWER, "company_id": COMPANY})
    assert both.status_code == 400


async def test_projects_are_active_and_permitted_ones(dmsa: Procore) -> None:
    async def ids(**query: object) -> list[int]:
        answer = await dmsa.get("/rest/v1.1/projects", {"company_id": COMPANY, **query})
        return [project["id"] for project in answer.json()]

    assert await ids() == [TOWER]
    assert await ids(**{"filters[by_status]": "All"}) == [TOWER, CLOSED]
    assert await ids(**{"filters[by_status]": "Inactive"}) == [CLOSED]
    assert (await dmsa.get("/rest/v1.1/projects")).status_code == 400


async def test_projects_show_no_notes_of_the_simulator(dmsa: Procore) -> None:
    project = (await dmsa.get(f"/rest/v1.0/projects/{TOWER}", {"company_id": COMPANY})).json()
    assert project["name"] == "Harbor Tower"
    assert not {"company_id", "permitted"} & set(project)


async def test_a_project_not_given_to_the_service_account_is_forbidden_or_hidden(dmsa: Procore) -> None:
    query = {"company_id": COMPANY}
    answer = await dmsa.get(f"/rest/v1.0/projects/{HIDDEN}", query)
    assert answer.status_code == 403
    assert answer.json() == {"errors": "You do not have sufficient access to complete that action"}
    assert (await dmsa.get("/rest/v1.0/projects/1", query)).status_code == 404
    await dmsa.control("POST", "switches", {"hide_unpermitted_projects": True})
    assert (await dmsa.get(f"/rest/v1.0/projects/{HIDDEN}", query)).status_code == 404
    await dmsa.control("PATCH", f"projects/{HIDDEN}", {"permitted": True})
    assert (await dmsa.get(f"/rest/v1.0/projects/{HIDDEN}", query)).status_code == 200


async def test_active_and_inactive_vendors_are_two_lists(dmsa: Procore) -> None:
    active = await dmsa.get("/rest/v1.0/vendors", {"company_id": COMPANY})
    assert [vendor["name"] for vendor in active.json()] == ["Ernie's Electrical"]
    inactive = await dmsa.get(f"/rest/v1.0/companies/{COMPANY}/vendors/inactive")
    assert [vendor["name"] for vendor in inactive.json()] == ["Gone Glazing"]


async def test_a_permission_that_is_missing_is_403(procore: Procore) -> None:
    jo = await procore.signed_in(JO)
    assert (await jo.get("/rest/v1.1/requisitions", {"project_id": TOWER})).status_code == 403
    assert (await jo.get("/rest/v1.0/vendors", {"company_id": COMPANY})).status_code == 403


async def test_an_address_that_does_not_exist_is_404(dmsa: Procore) -> None:
    answer = await dmsa.get("/rest/v1.0/nonsense")
    assert (answer.status_code, answer.json()) == (404, {"errors": "Not Found"})
    assert answer.headers["x-request-id"]
