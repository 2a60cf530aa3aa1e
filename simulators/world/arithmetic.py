"""The reference's arithmetic (section 3.5), checked on the printed documents alone.

Source: Procore documentation, tutorials/tutorial_requisitions.md; per-line formulas as connectors publish them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from simulators.world.money import ZERO, percent_of

Wire = dict[str, Any]

AMOUNT_FIELDS = (
    "scheduled_value",
    "work_completed_from_previous_application",
    "work_completed_this_period",
    "materials_presently_stored",
    "materials_presently_stored_from_previous_progress",
    "materials_moved",
    "materials_retainage_retained_moved",
    "total_completed_and_stored_to_date",
    "total_completed_and_stored_to_date_from_previous",
    "work_completed_retainage_from_previous_application",
    "work_completed_retainage_retained_this_period",
    "work_completed_retainage_released_this_period",
    "materials_stored_retainage_currently_retained",
    "materials_stored_retainage_new_materials",
    "materials_stored_retainage_released_this_period",
    "gross_amount",
    "net_amount",
)


def sum_of(items: Iterable[Wire], name: str) -> Decimal:
    return sum((Decimal(item[name]) for item in items), ZERO)


def requisition_faults(requisition: Wire, previous: Wire | None) -> list[str]:
    """Every equation that does not hold, named; `current_payment_due` is left to `due_fault`."""
    summary = {name: Decimal(text) for name, text in requisition["summary"].items() if name != "formatted_period"}
    items = requisition["items"]
    before = Decimal(previous["summary"]["total_earned_less_retainage"]) if previous else ZERO
    equations = {
        "contract sum": (
            summary["contract_sum_to_date"],
            summary["original_contract_sum"] + summary["net_change_by_change_orders"],
        ),
        "scheduled values": (summary["contract_sum_to_date"], sum_of(items, "scheduled_value")),
        "completed and stored": (
            summary["total_completed_and_stored_to_date"],
            sum_of(items, "work_completed_from_previous_application")
            + sum_of(items, "work_completed_this_period")
            + sum_of(items, "materials_presently_stored"),
        ),
        "retainage": (
            summary["total_retainage"],
            summary["completed_work_retainage_amount"] + summary["stored_materials_retainage_amount"],
        ),
        "earned": (
            summary["total_earned_less_retainage"],
            summary["total_completed_and_stored_to_date"] - summary["total_retainage"],
        ),
        "previous certificates": (summary["less_previous_certificates_for_payment"], before),
        "balance to finish": (
            summary["balance_to_finish_including_retainage"],
            summary["contract_sum_to_date"] - summary["total_earned_less_retainage"],
        ),
        "net is due": (
            sum_of(items, "net_amount"),
            summary["total_earned_less_retainage"] - summary["less_previous_certificates_for_payment"],
        ),
    }
    faults = [
        f"{requisition['id']}: {name}: {left} is not {right}"
        for name, (left, right) in equations.items()
        if left != right
    ]
    earlier = {item["line_item_id"]: item for item in previous["items"]} if previous else {}
    for item in items:
        faults += _item_faults(requisition["id"], item, earlier.get(item["line_item_id"]))
    return faults


def due_fault(requisition: Wire) -> str | None:
    """Says so when the amount due is not earned less previous certificates."""
    summary = requisition["summary"]
    right = Decimal(summary["total_earned_less_retainage"]) - Decimal(summary["less_previous_certificates_for_payment"])
    due = Decimal(summary["current_payment_due"])
    return None if due == right else f"{requisition['id']}: payment due: {due} is not {right}"


def _item_faults(requisition_id: int, item: Wire, previous: Wire | None) -> list[str]:
    amount = {name: Decimal(item[name]) for name in AMOUNT_FIELDS}
    past = {name: Decimal(previous[name]) if previous else ZERO for name in AMOUNT_FIELDS}
    percent = Decimal(item["work_completed_retainage_percent_this_period"])
    stored_change = (
        amount["materials_stored_retainage_currently_retained"]
        + amount["materials_stored_retainage_released_this_period"]
        - past["materials_stored_retainage_currently_retained"]
    )
    withheld = (
        amount["work_completed_retainage_retained_this_period"]
        + amount["materials_retainage_retained_moved"]
        + stored_change
    )
    released = (
        amount["work_completed_retainage_released_this_period"]
        + amount["materials_stored_retainage_released_this_period"]
    )
    equations = {
        "to date": (
            amount["total_completed_and_stored_to_date"],
            amount["work_completed_from_previous_application"]
            + amount["work_completed_this_period"]
            + amount["materials_presently_stored"],
        ),
        "from previous": (
            amount["total_completed_and_stored_to_date_from_previous"],
            past["total_completed_and_stored_to_date"],
        ),
        "previous work": (
            amount["work_completed_from_previous_application"],
            past["work_completed_from_previous_application"]
            + past["work_completed_this_period"]
            + amount["materials_moved"],
        ),
        "stored before": (
            amount["materials_presently_stored_from_previous_progress"],
            past["materials_presently_stored"],
        ),
        "gross": (
            amount["gross_amount"],
            amount["total_completed_and_stored_to_date"] - amount["total_completed_and_stored_to_date_from_previous"],
        ),
        "net": (amount["net_amount"], amount["gross_amount"] - withheld + released),
        "retained": (
            amount["work_completed_retainage_retained_this_period"],
            percent_of(amount["work_completed_this_period"], percent),
        ),
    }
    return [
        f"{requisition_id}, line {item['position']}: {name}: {left} is not {right}"
        for name, (left, right) in equations.items()
        if left != right
    ]
