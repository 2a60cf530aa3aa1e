"""An item goes by the unit exactly where quantity × price is the amount, to the last decimal."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.bill import draft_bill, draft_hash
from accounting.bill_settings import BillSettings, Decisions, LineGrouping, RetainageBooking
from accounting.bill_types import BillDraft, BillLine, Books, LineRole
from accounting.coding import CodeMap, Coding, Target
from accounting.invoice import Invoice
from accounting.quantities import ONE, quantity_of, unit_price
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

ITEMS = Coding((CodeMap(cost_codes={"26": Target.item("501")}),))
BY_CODE = BillSettings(line_grouping=LineGrouping.BUDGET_CODE)
NET = BillSettings(retainage_booking=RetainageBooking.NET)


@pytest.mark.parametrize(
    ("gross", "quantity", "goes_as"),
    [
        ("36807.23", "31.0000", ("31", "1187.33")),
        ("6975.00", "180", ("180", "38.75")),
        ("4691.20", "733.0000000", ("733", "6.40")),
        ("10.00", "3.2", ("3.2", "3.125")),
        ("1.00", "0.00001", ("0.00001", "100000.00")),
        ("500.00", "1", ("1", "500.00")),
        ("1.25", "100000", ("100000", "0.0000125")),
        ("10.00", "3", None),  # 3.33333…
        ("10.00", "1.0000001", None),  # six decimals and more
        ("10.00", "0", None),
        ("10.00", "-2", None),
        ("-10.00", "-2", None),
        ("-10.00", "2", None),
        ("0.00", "5", None),
        ("10.00", None, None),
        ("0.01", "10000000", None),  # a price below the fifth decimal
    ],
)
def test_the_quantity_of_a_line(gross: str, quantity: str | None, goes_as: tuple[str, str] | None) -> None:
    billed = line(gross, quantity=None if quantity is None else Decimal(quantity))
    found = quantity_of(billed, Decimal(gross))
    price = unit_price(Decimal(gross), found)
    exact = goes_as if goes_as is not None and goes_as[1] != "0.0000125" else ("1", gross)
    assert (f"{found:f}", f"{price:f}") == exact
    assert found * price == Decimal(gross)


@given(
    st.decimals(min_value="0.01", max_value="9999999999.99", places=2),
    st.decimals(min_value="-10", max_value="9999999", places=4),
)
def test_whatever_procore_says_the_product_is_the_amount(gross: Decimal, quantity: Decimal) -> None:
    found = quantity_of(line(str(gross), quantity=quantity), gross)
    price = unit_price(gross, found)
    assert found * price == gross
    assert price == price.quantize(Decimal("0.00001")) and found == found.quantize(Decimal("0.00001"))


DOORS = line("36807.23", "3680.72", quantity=Decimal("31.0000"))
FRAMES = line("100.00", position=2, quantity=Decimal("4"), budget_code="26-051.S")


def drafted(one: Invoice, **changes: Any) -> BillDraft:
    draft = draft_bill(one, books(coding=ITEMS, **changes), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft), draft
    return draft


def by_the_unit(draft: BillDraft) -> list[tuple[str, str, str]]:
    return [(f"{one.quantity:f}", f"{one.unit_price:f}", f"{one.amount:f}") for one in draft.lines]


def test_one_sov_line_per_bill_line_goes_by_the_unit() -> None:
    assert by_the_unit(drafted(invoice(DOORS, FRAMES))) == [
        ("31", "1187.33", "36807.23"),
        ("4", "25.00", "100.00"),
        ("1", "-3680.72", "-3680.72"),
    ]


def test_accounts_have_no_quantity() -> None:
    draft = draft_bill(invoice(FRAMES), books(), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft) and draft.lines[0].quantity == ONE


@pytest.mark.parametrize(
    ("one", "changes", "goes_as"),
    [
        # Two SOV lines in one line of the bill have no quantity together; one alone in its budget code has.
        (invoice(DOORS, replace(FRAMES, budget_code="26-050.S")), {"settings": BY_CODE}, "1"),
        (invoice(DOORS, FRAMES), {"settings": BY_CODE}, "31"),
        # At net the amount is not what the units cost.
        (invoice(DOORS), {"settings": NET}, "1"),
        # A few cents that a person put on the line are not in its price.
        (
            invoice(replace(FRAMES, position=1), due="100.02"),
            {"decisions": Decisions(small_difference=Decimal("0.02"))},
            "1",
        ),
    ],
    ids=["two lines in one", "alone in its code", "at net", "with a small difference"],
)
def test_where_the_line_is_not_the_units_alone_it_goes_as_one(
    one: Invoice, changes: dict[str, Any], goes_as: str
) -> None:
    cost = drafted(one, **changes).lines[0]
    assert (cost.role, f"{cost.quantity:f}") == (LineRole.COST, goes_as)
    assert cost.quantity * cost.unit_price == cost.amount


def test_a_vendor_credit_goes_as_ones() -> None:
    back = invoice(FRAMES, line("-300.00", position=3, quantity=Decimal(-12)))
    draft = drafted(back, decisions=Decisions(vendor_credit=True))
    assert by_the_unit(draft) == [("1", "-100.00", "-100.00"), ("1", "300.00", "300.00")]


def test_the_quantity_is_part_of_what_is_approved() -> None:
    of: Books = books(coding=ITEMS)
    drafts = [
        draft_bill(invoice(replace(FRAMES, quantity=Decimal(quantity))), of, NO_RETAINAGE, False)
        for quantity in ("4", "8", "3.125", "3.2")
    ]
    assert len({draft_hash(one) for one in drafts if isinstance(one, BillDraft)}) == 4
    again = draft_bill(invoice(replace(FRAMES, quantity=Decimal("4.0000"))), of, NO_RETAINAGE, False)
    assert isinstance(again, BillDraft) and isinstance(drafts[0], BillDraft)
    assert draft_hash(again) == draft_hash(drafts[0])


def test_a_line_of_one_hashes_as_any_other() -> None:
    one = BillLine(LineRole.COST, "", "Doors", Decimal("10.00"), "12", item_id="501")
    assert (one.quantity, one.unit_price) == (ONE, Decimal("10.00"))
