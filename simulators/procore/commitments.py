"""Commitments (subcontracts and purchase orders) and cost codes.

Source: Procore OpenAPI, RestV10CommitmentsGet, RestV10WorkOrderContractsGet, RestV10PurchaseOrderContractsGet,
RestV20CompaniesCompanyIdProjectsProjectIdCommitmentContractsGet, RestV10CostCodesGet.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from starlette.responses import Response

from simulators.procore.calls import ADMIN, READ, Call, Endpoint, answer
from simulators.procore.errors import not_found
from simulators.procore.paging import page_of
from simulators.procore.records import Records
from simulators.procore.wire import Wire, amount_of, read_time, written_amount

WORK_ORDER, PURCHASE_ORDER = "WorkOrderContract", "PurchaseOrderContract"
_NOTES = {"project_id", "commitment_type", "procore_pay"}
_ISSUED_FIELDS = (
    "id",
    "amount",
    "check_number",
    "date",
    "draw_request_number",
    "invoice_number",
    "notes",
    "payment_number",
    "attachments",
    "origin_id",
    "origin_data",
)


def visible_commitments(call: Call) -> list[Wire]:
    """The project's commitments without private ones the caller may not see."""
    project = call.project()
    call.demand("commitments", READ)
    rows = call.simulator.records.commitments_by_project[project["id"]]
    return [row for row in rows if not hidden_from(call, row)]


def hidden_from(call: Call, commitment: Wire) -> bool:
    """Private commitments are for admins of the tool and the people listed on them."""
    if not commitment.get("private") or call.level("commitments") >= ADMIN:
        return False
    return call.user["id"] not in (commitment.get("accessor_ids") or [])


def with_payments(records: Records, commitment: Wire) -> Wire:
    """The commitment as shown, its payment totals following the contract payments."""
    shown = {name: value for name, value in commitment.items() if name not in _NOTES}
    payments = records.payments_of(commitment["id"])
    paid = sum((amount_of(payment.get("amount")) for payment in payments), Decimal(0))
    contract = amount_of(commitment.get("revised_contract") or commitment.get("grand_total"))
    shown["total_payments"] = written_amount(paid)
    share = paid / contract * 100 if contract else Decimal(0)
    shown["percentage_paid"] = written_amount(share.quantize(Decimal("0.01")))
    shown["payments_issued"] = [{name: payment.get(name) for name in _ISSUED_FIELDS} for payment in payments]
    return shown


def commitments(call: Call) -> Response:
    """The thin list of both kinds."""
    rows = [
        {
            "id": each["id"],
            "title": each.get("title"),
            "number": each.get("number"),
            "status": each.get("status"),
            "executed": each.get("executed"),
            "delivery_date": each.get("delivery_date"),
            "vendor": _vendor_of(call.simulator.records, each),
        }
        for each in visible_commitments(call)
    ]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=2000)
    return answer(page, headers=headers)


def _vendor_of(records: Records, commitment: Wire) -> Wire | None:
    vendor = commitment.get("vendor")
    if not vendor:
        return None
    name = records.vendors.get(vendor["id"], {}).get("name") or vendor.get("company") or vendor.get("name")
    return {"id": vendor["id"], "name": name}


def _contracts(kind: str) -> Callable[[Call], Response]:
    def contracts(call: Call) -> Response:
        query = call.query
        ids, status = query.filter_ids("id"), query.filter("status")
        created, updated = query.filter_range("created_at"), query.filter_range("updated_at")
        origin, deleted = query.filter("origin_id"), query.filter("include_deleted")
        rows = []
        for each in visible_commitments(call):
            gone = each.get("deleted_at") is not None
            if each["commitment_type"] != kind or (gone and deleted is None) or (deleted == "only" and not gone):
                continue
            if (ids is not None and each["id"] not in ids) or (origin and each.get("origin_id") != origin):
                continue
            if status is not None and str(each.get("status", "")).casefold() != status.casefold():
                continue
            if created is not None and not created.holds(read_time(each["created_at"])):
                continue
            if updated is not None and not updated.holds(read_time(each["updated_at"])):
                continue
            rows.append(each)
        page, headers = page_of(rows, query, call.address, default=100, maximum=2000)
        shown = [with_payments(call.simulator.records, each) for each in page]
        if query.get("view") == "compact":
            shown = [{name: value for name, value in each.items() if name != "line_items"} for each in shown]
        return answer(shown, headers=headers)

    return contracts


def _contract(kind: str) -> Callable[[Call], Response]:
    def contract(call: Call) -> Response:
        wanted = call.id_in_path()
        for each in visible_commitments(call):
            if each["id"] == wanted and each["commitment_type"] == kind:
                return answer(with_payments(call.simulator.records, each))
        raise not_found()

    return contract


def commitment_contracts(call: Call) -> Response:
    """v2: both kinds in one enveloped list, ids as strings, ten a page."""
    kind, vendor = call.query.filter("type"), call.query.filter("vendor_id")
    updated = call.query.filter_range("updated_at")
    rows = [
        each
        for each in visible_commitments(call)
        if (kind is None or each["commitment_type"] == kind)
        and (vendor is None or str((each.get("vendor") or {}).get("id")) == vendor)
        and (updated is None or updated.holds(read_time(each["updated_at"])))
    ]
    page, headers = page_of(rows, call.query, call.address, default=10, maximum=100)
    records = call.simulator.records
    return answer(
        {
            "data": [
                {
                    **with_payments(records, each),
                    "id": str(each["id"]),
                    "type": each["commitment_type"],
                    "vendor_id": str((each.get("vendor") or {}).get("id") or "") or None,
                }
                for each in page
            ]
        },
        headers=headers,
    )


def cost_codes(call: Call) -> Response:
    project = call.project()
    ids = call.query.filter_ids("id")
    rows = [
        {name: value for name, value in each.items() if name != "project_id"}
        for each in call.simulator.records.cost_codes_by_project[project["id"]]
        if ids is None or each["id"] in ids
    ]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=2000)
    return answer(page, headers=headers)


ENDPOINTS = (
    Endpoint("GET", "/rest/v1.0/commitments", commitments),
    Endpoint("GET", "/rest/v1.0/work_order_contracts", _contracts(WORK_ORDER)),
    Endpoint("GET", "/rest/v1.0/work_order_contracts/{id}", _contract(WORK_ORDER)),
    Endpoint("GET", "/rest/v1.0/purchase_order_contracts", _contracts(PURCHASE_ORDER)),
    Endpoint("GET", "/rest/v1.0/purchase_order_contracts/{id}", _contract(PURCHASE_ORDER)),
    Endpoint(
        "GET",
        "/rest/v2.0/companies/{company_id}/projects/{project_id}/commitment_contracts",
        commitment_contracts,
    ),
    Endpoint("GET", "/rest/v1.0/cost_codes", cost_codes),
)
