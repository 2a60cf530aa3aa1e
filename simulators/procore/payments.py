"""Contract payments ("Payments Issued" of a commitment).

Source: Procore OpenAPI, RestV10ContractPayments*; the lock: documentation/tutorials/tutorial_financial_tools.md.
"""

from __future__ import annotations

from decimal import Decimal

from starlette.responses import Response

from simulators.procore.calls import ADMIN, READ, Call, Endpoint, answer
from simulators.procore.commitments import hidden_from
from simulators.procore.errors import ApiError, no_access, not_found, refused
from simulators.procore.paging import page_of
from simulators.procore.records import Records
from simulators.procore.wire import Wire, amount_of, written_time

RESOURCE = "Contract Payments"
METHODS = {"check", "credit_card", "electronic"}
_WITHOUT_LOCK = {"origin_id", "origin_data", "attachments", "prostore_file_ids"}
_NOT_ECHOED = {"payment_method", "invoice_date"}
_OF_PROCORE_PAY = ("date_payment_settled", "date_payment_initiated", "external_payment_id")
_FIELDS = {
    "amount",
    "check_number",
    "date",
    "draw_request_number",
    "invoice_date",
    "invoice_number",
    "notes",
    "origin_code",
    "origin_data",
    "origin_id",
    "payment_method",
    "payment_number",
    "prostore_file_ids",
    "requisition_id",
}


def _commitment(call: Call, level: int) -> Wire:
    """Both `project_id` and `contract_id` are required on every operation."""
    project, contract_id = call.project(), call.number("contract_id")
    if call.level("commitments") < level:
        raise no_access()
    commitment = call.simulator.records.commitments.get(contract_id)
    if commitment is None or commitment["project_id"] != project["id"] or hidden_from(call, commitment):
        raise not_found()
    return commitment


def _one(call: Call, commitment: Wire) -> Wire:
    payment = call.simulator.records.contract_payments.get(call.id_in_path())
    if payment is None or payment["contract_id"] != commitment["id"]:
        raise not_found()
    return payment


def payments(call: Call) -> Response:
    rows = call.simulator.records.payments_of(_commitment(call, READ)["id"])
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=2000)
    return answer([_shown(each) for each in page], headers=headers)


def payment(call: Call) -> Response:
    return answer(_shown(_one(call, _commitment(call, READ))))


def create(call: Call) -> Response:
    commitment, given = _commitment(call, ADMIN), call.part("contract_payment")
    if commitment.get("allow_payments") is False:
        raise refused("base", "Payments are not enabled on this commitment.")
    if commitment.get("procore_pay") and not call.simulator.switches.procore_pay_takes_payments:
        raise refused("base", "This commitment is paid through Procore Pay.")
    check_fields(call.simulator.records, commitment, given, None)
    now = written_time(call.simulator.clock.now())
    created = {
        "id": call.simulator.records.new_id(),
        "contract_id": commitment["id"],
        "project_id": commitment["project_id"],
        "created_at": now,
        "updated_at": now,
        "status": None,
        "attachments": [],
        **given,
    }
    call.simulator.records.add_payment(created)
    _emit(call, "create", created)
    return answer(_shown(created), 201)


def change(call: Call) -> Response:
    """Once `origin_id` is set only attachments, origin_id and origin_data can be changed."""
    commitment = _commitment(call, ADMIN)
    found, wanted = _one(call, commitment), call.part("contract_payment")
    if found.get("origin_id") is not None and set(wanted) - _WITHOUT_LOCK:
        raise refused("base", "This payment is synced with an ERP integration and cannot be changed.")
    check_fields(call.simulator.records, commitment, wanted, found)
    found.update(wanted)
    found["updated_at"] = written_time(call.simulator.clock.now())
    _emit(call, "update", found)
    return answer(_shown(found))


def delete(call: Call) -> Response:
    found = _one(call, _commitment(call, ADMIN))
    if found.get("origin_id") is not None and not call.simulator.switches.delete_synced_payments:
        raise refused("base", "This payment is synced with an ERP integration and cannot be deleted.")
    call.simulator.records.remove_payment(found)
    _emit(call, "delete", found)
    return Response(b"", 200)


def check_fields(records: Records, commitment: Wire, given: Wire, own: Wire | None) -> None:
    """Raises ApiError for what a payment cannot hold; `own` is the payment that is changed."""
    unknown = set(given) - _FIELDS
    if unknown:
        raise ApiError(406, f"unknown fields: {', '.join(sorted(unknown))}", "errors_text")
    if given.get("payment_method") not in {None, *METHODS}:
        raise refused("payment_method", "is not included in the list")
    try:
        amount = amount_of(given.get("amount"))
    except ValueError as unreadable:
        raise refused("amount", "is not a number") from unreadable
    if amount < Decimal(0):
        raise refused("amount", "must be greater than or equal to 0")
    requisition_id = given.get("requisition_id")
    if requisition_id is not None:
        number = int(requisition_id) if str(requisition_id).isdecimal() else 0
        requisition = records.requisitions.get(number)
        if requisition is None or requisition.commitment_id != commitment["id"]:
            raise refused("requisition_id", "Entity with this ID not found")
    origin, company = given.get("origin_id"), records.company_of_project(commitment["project_id"])
    for other in records.contract_payments.values():
        same_company = records.company_of_project(other["project_id"]) == company
        if origin is not None and other is not own and other.get("origin_id") == origin and same_company:
            raise refused("origin_id", "has already been taken")


def _shown(payment: Wire) -> Wire:
    fields = (_FIELDS | {"id", "contract_id", "project_id", "created_at", "updated_at", "status", "attachments"}) - (
        _NOT_ECHOED | {"prostore_file_ids"}
    )
    return {name: payment.get(name) for name in (*_OF_PROCORE_PAY, *sorted(fields))}


def _emit(call: Call, event: str, payment: Wire) -> None:
    call.simulator.events.emit(RESOURCE, event, payment["id"], call.company, payment["project_id"], call.actor)


ENDPOINTS = (
    Endpoint("GET", "/rest/v1.0/contract_payments", payments),
    Endpoint("GET", "/rest/v1.0/contract_payments/{id}", payment),
    Endpoint("POST", "/rest/v1.0/contract_payments", create),
    Endpoint("PATCH", "/rest/v1.0/contract_payments/{id}", change),
    Endpoint("DELETE", "/rest/v1.0/contract_payments/{id}", delete),
)
