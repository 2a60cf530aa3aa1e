"""A complete new requisition from the few facts that a person or a test gives."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from simulators.procore.errors import refused
from simulators.procore.records import Records
from simulators.procore.requisition_amounts import line_totals
from simulators.procore.wire import Wire, amount_of, written_amount, written_time


def new_requisition(records: Records, given: Wire, creator: Wire, now: datetime) -> Wire:
    """Extended wire of the commitment's next requisition, in draft unless `given` says otherwise.

    `given`: `commitment_id`; `items` with `gross_amount` and optionally `retained`, `released`, `cost_code_id`,
    `description_of_work`, `work_completed_this_period` or any other item field; any header field. Raises ApiError.
    """
    commitment = records.commitments.get(int(given.get("commitment_id") or 0))
    if commitment is None:
        raise refused("commitment_id", "Entity with this ID not found")
    previous = records.latest_of_commitment(int(commitment["id"]))
    try:
        items = [_item(records, position, item) for position, item in enumerate(given.get("items") or [], start=1)]
    except (AttributeError, TypeError, ValueError) as unreadable:
        raise refused("items", str(unreadable)) from unreadable
    project_id = int(commitment["project_id"])
    try:
        last_day = date.fromisoformat(given.get("billing_date") or now.date().isoformat())
    except (TypeError, ValueError) as unreadable:
        raise refused("billing_date", "is not a date") from unreadable
    vendor = commitment.get("vendor") or {}
    vendor_name = (
        records.vendors.get(int(vendor.get("id") or 0), {}).get("name") or vendor.get("name") or vendor.get("company")
    )
    kind = str(commitment.get("commitment_type", "WorkOrderContract"))
    wire: Wire = {
        "id": records.new_id(),
        "previous_requisition_id": previous.id if previous else None,
        "project_id": project_id,
        "billing_date": last_day.isoformat(),
        "created_at": written_time(now),
        "updated_at": written_time(now),
        "commitment_id": commitment["id"],
        "commitment_type": kind,
        "contract_name": f"{commitment.get('number')} {commitment.get('title')}",
        "deletable": True,
        "final": False,
        "vendor_name": vendor_name,
        "vendor_id": vendor.get("id"),
        "invoice_number": None,
        "invoice_type": "progress",
        "contract_invoicing_method": "progressive",
        "origin_data": None,
        "origin_id": None,
        "payment_date": None,
        "percent_complete": "0.00",
        "period_id": None,
        "requisition_start": (last_day - timedelta(days=29)).isoformat(),
        "requisition_end": last_day.isoformat(),
        "status": "draft",
        "erp_status": "not_integrated",
        "number": int(previous.wire.get("number") or 0) + 1 if previous else 1,
        "submitted_at": now.date().isoformat(),
        "electronic_signature_id": None,
        "move_materials_to_previous_work_completed": False,
        "created_by": _signature(creator, records.company_of_project(project_id)),
        "currency_configuration": {
            "currency_iso_code": "USD",
            "currency_exchange_rate": 1.0,
            "base_currency_iso_code": "USD",
        },
        "custom_fields": {},
        "attachments": [],
        "tax_summary": [],
        "accounting_method": "amount",
        "item_packages": [],
    }
    wire.update({name: value for name, value in given.items() if name not in {"items", "summary"}})
    wire["items"] = items
    wire["summary"] = {**_summary(commitment, previous.wire if previous else None, items), **given.get("summary", {})}
    gross, _ = line_totals(items)
    wire.setdefault("total_claimed_amount", written_amount(gross))
    return wire


def _signature(user: Wire, company_id: int) -> Wire:
    entry = (user.get("companies") or {}).get(str(company_id), {})
    return {
        "id": user["id"],
        "name": user["name"],
        "login": user["login"],
        "company_name": entry.get("company_name"),
    }


def _item(records: Records, position: int, given: Wire) -> Wire:
    gross = amount_of(given.get("gross_amount", given.get("work_completed_this_period")))
    retained = amount_of(given.get("retained"))
    released = amount_of(given.get("released"))
    before = amount_of(given.get("work_completed_from_previous_application"))
    percent = retained / gross * 100 if gross else Decimal(0)
    item: dict[str, Any] = {
        "id": records.new_id(),
        "item_type": "contract_item",
        "accounting_method": "amount",
        "cost_code_id": None,
        "line_item_id": records.new_id(),
        "description_of_work": f"Work of line {position}",
        "wbs_code": None,
        "scheduled_value": written_amount(before + gross),
        "work_completed_from_previous_application": written_amount(before),
        "work_completed_this_period": written_amount(gross),
        "materials_presently_stored": "0.00",
        "total_completed_and_stored_to_date": written_amount(before + gross),
        "total_completed_and_stored_to_date_from_previous": written_amount(before),
        "work_completed_retainage_retained_this_period": written_amount(retained),
        "work_completed_retainage_percent_this_period": written_amount(percent.quantize(Decimal("0.01"))),
        "work_completed_retainage_released_this_period": written_amount(released),
        "materials_stored_retainage_currently_retained": "0.00",
        "materials_stored_retainage_released_this_period": "0.00",
        "gross_amount": written_amount(gross),
        "net_amount": written_amount(gross - retained + released),
        "comment": None,
        "status": "approved",
        "position": position,
        "taxes": [],
        "uom": None,
    }
    item.update({name: value for name, value in given.items() if name not in {"retained", "released"}})
    return item


def _summary(commitment: Wire, previous: Wire | None, items: list[Wire]) -> Wire:
    gross, net = line_totals(items)
    before = (previous or {}).get("summary") or {}
    contract_sum = amount_of(commitment.get("revised_contract") or commitment.get("grand_total"))
    completed = amount_of(before.get("total_completed_and_stored_to_date")) + gross
    earned_before = amount_of(before.get("total_earned_less_retainage"))
    retainage = amount_of(before.get("total_retainage")) + gross - net
    return {
        "original_contract_sum": written_amount(amount_of(commitment.get("grand_total"))),
        "net_change_by_change_orders": written_amount(contract_sum - amount_of(commitment.get("grand_total"))),
        "contract_sum_to_date": written_amount(contract_sum),
        "total_completed_and_stored_to_date": written_amount(completed),
        "completed_work_retainage_percent": "0.00",
        "completed_work_retainage_amount": written_amount(retainage),
        "stored_materials_retainage_percent": "0.00",
        "stored_materials_retainage_amount": "0.00",
        "total_retainage": written_amount(retainage),
        "total_earned_less_retainage": written_amount(earned_before + net),
        "less_previous_certificates_for_payment": written_amount(earned_before),
        "current_payment_due": written_amount(net),
        "balance_to_finish_including_retainage": written_amount(contract_sum - earned_before - net),
        "tax_applicable_to_this_payment": "0.00",
        "formatted_period": "",
    }
