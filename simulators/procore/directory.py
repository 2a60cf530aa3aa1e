"""Who am I, which companies, what may I do, projects and vendors.

Source: Procore OpenAPI, RestV10MeGet, RestV10CompaniesGet, RestV11ProjectsGet, RestV10VendorsGet.
"""

from __future__ import annotations

from starlette.responses import Response

from simulators.procore import permissions
from simulators.procore.calls import READ, Call, Endpoint, answer
from simulators.procore.errors import ApiError, bad_parameter, no_access, not_found
from simulators.procore.paging import page_of
from simulators.procore.wire import Wire, read_time

_PROJECT_NOTES = {"company_id", "permitted"}


def me(call: Call) -> Response:
    """`name` is only filled when a company or project is given."""
    known = call.company_id is not None and (call.query.get("company_id") or call.query.get("project_id"))
    return answer({"id": call.user["id"], "login": call.user["login"], "name": call.user["name"] if known else None})


def companies(call: Call) -> Response:
    """For a service account: the companies where the app is installed."""
    records = call.simulator.records
    rows = [
        {
            "id": company["id"],
            "name": company["name"],
            "is_active": company["is_active"],
            "logo_url": None,
            "pcn_business_experience": None,
            "my_company": True,
        }
        for company in records.companies.values()
        if permissions.membership(records, call.user, int(company["id"])) is not None
    ]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=1000)
    return answer(page, headers=headers)


def company_user(call: Call) -> Response:
    user = call.user
    first_name, _, last_name = str(user["name"]).partition(" ")
    entry = permissions.membership(call.simulator.records, user, call.company) or {}
    employer = entry.get("company_name")
    vendors = call.simulator.records.vendors_by_company[call.company]
    vendor = next(({"id": each["id"], "name": each["name"]} for each in vendors if each["name"] == employer), None)
    return answer(
        {
            "id": user["id"],
            "name": user["name"],
            "first_name": first_name,
            "last_name": last_name,
            "email_address": user["login"],
            "is_active": True,
            "is_employee": vendor is None,
            "job_title": user.get("persona"),
            "vendor": vendor,
            "origin_id": None,
            "company_permission_template_id": None,
            "default_permission_template_id": None,
        }
    )


def tool_permissions(call: Call) -> Response:
    """`company_id` or `project_id`, never both."""
    company_asked, project_asked = call.query.get("company_id"), call.query.get("project_id")
    if (company_asked is None) == (project_asked is None):
        raise ApiError(400, "Provide either company_id or project_id", "error_text", field="company_id")
    project_id = int(call.project()["id"]) if project_asked else None
    return answer(permissions.manifest(call.simulator.records, call.user, call.company, project_id))


def projects(call: Call) -> Response:
    """Those the caller may see; active ones unless `filters[by_status]` says otherwise."""
    call.number("company_id")
    status = (call.query.filter("by_status") or "Active").casefold()
    if status not in {"active", "inactive", "all"}:
        raise bad_parameter("filters[by_status]")
    ids, updated = call.query.filter_ids("id"), call.query.filter_range("updated_at")
    created, name = call.query.filter_range("created_at"), call.query.filter("name")
    rows = []
    for project in call.simulator.records.projects_by_company[call.company]:
        active = bool(project.get("active", True))
        if not permissions.sees_project(call.simulator.records, call.user, project):
            continue
        if (status == "active" and not active) or (status == "inactive" and active):
            continue
        if ids is not None and project["id"] not in ids:
            continue
        if name is not None and name.casefold() not in str(project["name"]).casefold():
            continue
        if updated is not None and not updated.holds(read_time(project["updated_at"])):
            continue
        if created is not None and not created.holds(read_time(project["created_at"])):
            continue
        rows.append(_without(project, _PROJECT_NOTES))
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=300)
    return answer(page, headers=headers)


def project(call: Call) -> Response:
    return answer(_without(call.project("id"), _PROJECT_NOTES))


def vendors(call: Call) -> Response:
    """The company's active vendors."""
    return _vendor_list(call, call.number("company_id"), active=True)


def inactive_vendors(call: Call) -> Response:
    return _vendor_list(call, call.company, active=False)


def _vendor_list(call: Call, company_id: int, *, active: bool) -> Response:
    call.demand("directory", READ)
    ids, search = call.query.filter_ids("id"), call.query.filter("search")
    origin, updated = call.query.filter("origin_id"), call.query.filter_range("updated_at")
    rows = [
        _vendor(each, call.query.get("view") or "extended")
        for each in call.simulator.records.vendors_by_company[company_id]
        if bool(each.get("is_active", True)) is active
        and (ids is None or each["id"] in ids)
        and (search is None or search.casefold() in str(each["name"]).casefold())
        and (origin is None or each.get("origin_id") == origin)
        and (updated is None or updated.holds(read_time(each["updated_at"])))
    ]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=2000)
    return answer(page, headers=headers)


def vendor(call: Call) -> Response:
    if call.level("directory") < READ:
        raise no_access()
    found = call.simulator.records.vendors.get(call.id_in_path())
    if found is None or found["company_id"] != call.number("company_id"):
        raise not_found()
    return answer(_vendor(found, call.query.get("view") or "extended"))


def _vendor(vendor: Wire, view: str) -> Wire:
    if view == "compact":
        return {"id": vendor["id"], "name": vendor["name"]}
    return _without(vendor, {"company_id"})


def _without(wire: Wire, notes: set[str]) -> Wire:
    return {name: value for name, value in wire.items() if name not in notes}


ENDPOINTS = (
    Endpoint("GET", "/rest/v1.0/me", me, company_optional=True),
    Endpoint("GET", "/rest/v1.0/companies", companies, company_optional=True),
    *(
        Endpoint("GET", f"/rest/{version}/companies/{{company_id}}/me", company_user)
        for version in ("v1.0", "v1.1", "v1.2", "v1.3")
    ),
    Endpoint("GET", "/rest/v1.0/settings/permissions", tool_permissions),
    Endpoint("GET", "/rest/v1.0/projects", projects),
    Endpoint("GET", "/rest/v1.1/projects", projects),
    Endpoint("GET", "/rest/v1.0/projects/{id}", project),
    Endpoint("GET", "/rest/v1.1/projects/{id}", project),
    Endpoint("GET", "/rest/v1.0/vendors", vendors),
    Endpoint("GET", "/rest/v1.0/vendors/{id}", vendor),
    Endpoint("GET", "/rest/v1.0/companies/{company_id}/vendors/inactive", inactive_vendors),
)
