"""Payments that people enter on a commitment's Payments Issued tab, or that Procore Pay makes.

Source: support.procore.com, Payments Issued: a payment with an `origin_id` is neither edited nor deleted there.
`external_payment_id` and the dates of initiation and settlement belong to Procore Pay (OpenAPI,
RestV10ContractPayments).
"""

from __future__ import annotations

from simulators.procore.errors import not_found, refused
from simulators.procore.payments import RESOURCE, check_fields
from simulators.procore.requisition_book import Actor
from simulators.procore.simulator import ProcoreSimulator
from simulators.procore.wire import Wire, written_time


def issue(simulator: ProcoreSimulator, given: Wire, actor: Actor) -> Wire:
    """Enter a payment on the commitment `contract_id`; with `procore_pay` it was paid through Procore Pay.

    Such a commitment is marked, and its page says so. Raises ApiError for what Procore refuses.
    """
    fields = {name: value for name, value in given.items() if name not in ("contract_id", "procore_pay")}
    commitment = simulator.records.commitments.get(int(given["contract_id"]))
    if commitment is None:
        raise not_found()
    check_fields(simulator.records, commitment, fields, None)
    now = written_time(simulator.clock.now())
    payment = {
        "id": simulator.records.new_id(),
        "contract_id": commitment["id"],
        "project_id": commitment["project_id"],
        "created_at": now,
        "updated_at": now,
        "status": None,
        "attachments": [],
        **fields,
    }
    if given.get("procore_pay"):
        commitment["procore_pay"] = True
        payment |= {
            "status": "paid",
            "external_payment_id": f"pp-{payment['id']}",
            "date_payment_initiated": payment.get("date"),
            "date_payment_settled": payment.get("date"),
        }
    simulator.records.add_payment(payment)
    _tell(simulator, "create", payment, actor)
    return payment


def change(simulator: ProcoreSimulator, payment_id: int, wanted: Wire, actor: Actor) -> Wire:
    """Edit a payment in the web UI. Raises ApiError for a synced one."""
    payment = _own(simulator, payment_id)
    check_fields(simulator.records, simulator.records.commitments[payment["contract_id"]], wanted, payment)
    payment.update(wanted)
    payment["updated_at"] = written_time(simulator.clock.now())
    _tell(simulator, "update", payment, actor)
    return payment


def remove(simulator: ProcoreSimulator, payment_id: int, actor: Actor) -> None:
    """Delete a payment in the web UI. Raises ApiError for a synced one."""
    payment = _own(simulator, payment_id)
    simulator.records.remove_payment(payment)
    _tell(simulator, "delete", payment, actor)


def _own(simulator: ProcoreSimulator, payment_id: int) -> Wire:
    payment = simulator.records.contract_payments.get(payment_id)
    if payment is None:
        raise not_found()
    if payment.get("origin_id") is not None:
        raise refused("base", "This payment is synced with an ERP integration.")
    return payment


def _tell(simulator: ProcoreSimulator, event: str, payment: Wire, actor: Actor) -> None:
    company = simulator.records.company_of_project(payment["project_id"])
    simulator.events.emit(RESOURCE, event, payment["id"], company, payment["project_id"], actor)
