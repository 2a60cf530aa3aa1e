from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, LineRole
from accounting.money import ZERO
from accounting.tax import TaxTreatment, shares
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line


@pytest.mark.parametrize(
    ("due", "total", "how"),
    [("15300", "16101.00", TaxTreatment.ON_TOP), ("16101", "16101.00", TaxTreatment.IN_DUE)],
)
def test_tax_is_a_line_beside_its_cost_and_the_treatment_is_recorded(due: str, total: str, how: TaxTreatment) -> None:
    draft = draft_bill(invoice(due=due, tax=Decimal(801)), books(class_id="7"), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft)
    assert (str(draft.total), draft.tax_treatment) == (total, how)
    cost, tax, _ = draft.lines
    assert (tax.role, str(tax.amount), tax.description) == (LineRole.TAX, "801.00", "Tax, 26-050.S Rough-in")
    assert (tax.account_id, tax.customer_id, tax.class_id) == (cost.account_id, cost.customer_id, cost.class_id)


def test_each_line_carries_its_share() -> None:
    of = invoice(line("100"), line("0", position=2), line("200", position=3), tax=Decimal("10.00"), due="300")
    draft = draft_bill(of, books(), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft)
    assert [(one.role, str(one.amount)) for one in draft.lines] == [
        (LineRole.COST, "100.00"),
        (LineRole.TAX, "3.33"),
        (LineRole.COST, "200.00"),
        (LineRole.TAX, "6.67"),
    ]


def test_without_tax_nothing_is_recorded() -> None:
    draft = draft_bill(invoice(), books(), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft) and draft.tax_treatment is TaxTreatment.NONE


MONEY = st.decimals(min_value=-(10**7), max_value=10**7, places=2)


@given(MONEY, st.lists(MONEY, min_size=1, max_size=12))
def test_shares_are_whole_cents_and_sum_to_the_tax(tax: Decimal, gross: list[Decimal]) -> None:
    lines = [line(str(amount), position=place) for place, amount in enumerate(gross, start=1)]
    parts = shares(tax, lines)
    assert sum((part for _, part in parts), ZERO) == (tax if any(gross) else 0)
    assert all(part == part.quantize(Decimal("0.01")) != 0 and one.gross != 0 for one, part in parts)
