import pytest

from accounting.coding import CodeMap, Coding, Target, TargetKind, cost_type
from accounting.invoice import InvoiceLine
from tests.accounting.samples import line

PAIR, CODE, TYPE = Target.account("pair"), Target.account("code"), Target.item("type")
MAPPED = CodeMap({"26-050.s": PAIR}, {"26": CODE}, {"s": TYPE})


@pytest.mark.parametrize(
    ("one", "target"),
    [
        (line("1"), PAIR),
        (line("1", budget_code="26 - 050 . S"), PAIR),
        (line("1", budget_code="26-051.S"), CODE),
        (line("1", budget_code=None), CODE),
        (line("1", cost_code_id="27", budget_code="27-100.S"), TYPE),
        (line("1", cost_code_id="27", budget_code="27-100.L"), None),
        (line("1", cost_code_id=None, budget_code=None), None),
    ],
)
def test_the_pair_knows_best_then_the_code_then_the_type(one: InvoiceLine, target: Target | None) -> None:
    assert Coding((MAPPED,)).target_of(one) == target


def test_a_narrower_scope_wins_even_with_a_weaker_word() -> None:
    commitment, project = CodeMap(cost_types={"s": Target.account("c")}), CodeMap(cost_codes={"26": CODE})
    coding = Coding((commitment, project, MAPPED))
    assert coding.target_of(line("1")) == Target.account("c")
    assert coding.target_of(line("1", budget_code="26-050.L")) == CODE


def test_a_line_recoded_on_this_invoice_wins_over_everything() -> None:
    coding = Coding((MAPPED,), {2: Target.account("recoded")}, default=Target.account("default"))
    assert coding.target_of(line("1", position=2)) == Target.account("recoded")
    assert coding.target_of(line("1", position=1)) == PAIR


def test_the_default_answers_only_for_what_nobody_mapped() -> None:
    coding = Coding((MAPPED,), default=Target.item("default"))
    assert coding.target_of(line("1")) == PAIR
    found = coding.target_of(line("1", cost_code_id="99", budget_code="99"))
    assert found is not None and (found.kind, found.quickbooks_id) == (TargetKind.ITEM, "default")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("26-050.S", "s"), ("01.26-050.Labor", "labor"), ("26-050", None), (".S", None), ("26.", None), (None, None)],
)
def test_the_cost_type_is_the_last_segment_of_a_budget_code(code: str | None, kind: str | None) -> None:
    assert cost_type(code) == kind
