"""Payments entered in QuickBooks Online become contract payments: the cash of each bill, never a second one."""

from __future__ import annotations

from tests.activities.conftest import Opener
from tests.activities.paying import paying


async def test_a_check_in_two_parts_is_two_contract_payments(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        (row,) = await hands.invoices()
        hands.do("pay_bill", id=bill, amount=400, number="10432", date=hands.today.isoformat())
        assert (await hands.sync()).written == 1
        assert (await hands.invoices())[0].settled == "part"
        hands.do("pay_bill", id=bill, date=hands.today.isoformat(), number="ACH 0712")
        assert (await hands.sync()).written == 1
        assert (await hands.invoices())[0].settled == "paid"
        first, second = hands.issued()
        assert (first["amount"], first["check_number"], first["payment_method"]) == ("400.00", "10432", "check")
        assert (second.get("check_number"), second["payment_method"]) == (None, "electronic")
        assert first["requisition_id"] == int(row.source_id) and first["contract_id"] == int(row.commitment_id)
        assert (first["invoice_number"], first["notes"]) == (row.number, "QuickBooks check 10432 of $400.00")
        assert first["origin_id"] != second["origin_id"] and first["origin_id"].startswith("ib-")
        assert f"{row.due:.2f}" == f"{float(first['amount']) + float(second['amount']):.2f}"
        # Nothing new: nothing is done, however often it is looked at.
        assert (await hands.sync()).written == 0 and len(hands.issued()) == 2
