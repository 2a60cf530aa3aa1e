"""Keeping an edited requisition's sums right.

Works with differences, so lines and summary keep adding up whatever they held before (Procore:
documentation/tutorials/tutorial_requisitions.md, the G702 arithmetic).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from simulators.procore.wire import Wire, amount_of, written_amount

CENT = Decimal("0.01")


def change_work_this_period(item: Wire, work: Decimal, retained: Decimal | None = None) -> None:
    """Set the line's work of this period; `retained` None keeps the line's retainage percent.

    Follows through to gross, net and totals of the line.
    """
    more_work = work - amount_of(item.get("work_completed_this_period"))
    if retained is None:
        percent = amount_of(item.get("work_completed_retainage_percent_this_period"))
        retained = (work * percent / 100).quantize(CENT, ROUND_HALF_UP)
    more_retained = retained - amount_of(item.get("work_completed_retainage_retained_this_period"))
    item["work_completed_this_period"] = written_amount(work)
    if item.get("work_completed_this_period_quantity") is not None and (price := item.get("scheduled_unit_price")):
        # Billed by the unit: the quantity follows, to the four decimals Procore shows.
        item["work_completed_this_period_quantity"] = f"{work / amount_of(price):.4f}"
    item["work_completed_retainage_retained_this_period"] = written_amount(retained)
    _add(item, "gross_amount", more_work)
    _add(item, "net_amount", more_work - more_retained)
    _add(item, "total_completed_and_stored_to_date", more_work)
    scheduled = amount_of(item.get("scheduled_value"))
    if "total_completed_and_stored_to_date_percent" in item and scheduled:
        share = amount_of(item["total_completed_and_stored_to_date"]) / scheduled * 100
        item["total_completed_and_stored_to_date_percent"] = written_amount(share.quantize(CENT))


def line_totals(items: list[Wire]) -> tuple[Decimal, Decimal]:
    """Sum of gross and sum of net over the lines."""
    gross = sum((amount_of(item.get("gross_amount")) for item in items), Decimal(0))
    net = sum((amount_of(item.get("net_amount")) for item in items), Decimal(0))
    return gross, net


def carry_into_summary(wire: Wire, more_gross: Decimal, more_net: Decimal) -> None:
    """Move the summary by what its lines moved; the difference of gross and net is retainage."""
    summary = wire["summary"]
    _add(summary, "total_completed_and_stored_to_date", more_gross)
    _add(summary, "completed_work_retainage_amount", more_gross - more_net)
    _add(summary, "total_retainage", more_gross - more_net)
    _add(summary, "total_earned_less_retainage", more_net)
    _add(summary, "current_payment_due", more_net)
    _add(summary, "balance_to_finish_including_retainage", -more_net)
    if wire.get("total_claimed_amount") is not None:
        _add(wire, "total_claimed_amount", more_gross)
    contract_sum = amount_of(summary.get("contract_sum_to_date"))
    if contract_sum:
        share = amount_of(summary["total_completed_and_stored_to_date"]) / contract_sum * 100
        wire["percent_complete"] = written_amount(share.quantize(CENT, ROUND_HALF_UP))


def _add(wire: Wire, name: str, amount: Decimal) -> None:
    wire[name] = written_amount(amount_of(wire.get(name)) + amount)
