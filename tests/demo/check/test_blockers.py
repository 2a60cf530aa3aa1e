"""The check of blockers finds a wrong release, and says nothing of a right one."""

import pytest

from demo.check.blockers import wrongly_released

BEFORE = {
    "1": frozenset({"vendor_unmapped"}),
    "2": frozenset({"vendor_unmapped", "project_unmapped"}),
    "3": frozenset({"currency"}),
}


def test_one_step_that_frees_exactly_its_own_is_right() -> None:
    after = {one: reasons for one, reasons in BEFORE.items() if one != "1"}
    assert wrongly_released(BEFORE, after, ["1"], done=True) == []


def test_a_step_that_is_not_the_last_may_leave_its_own_held() -> None:
    after = BEFORE | {"2": frozenset({"project_unmapped"})}
    assert wrongly_released(BEFORE, after, ["2"], done=False) == []
    assert wrongly_released(BEFORE, after, ["2"], done=True) == [
        "requisition 2: is still held for ['project_unmapped']"
    ]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"2": BEFORE["2"]}, "requisition 3: held for ['currency'] before, for [] now"),
        (
            {"2": frozenset({"project_unmapped"}), "3": BEFORE["3"]},
            "requisition 2: held for ['project_unmapped', 'vendor_unmapped'] before, for ['project_unmapped'] now",
        ),
        ({"2": BEFORE["2"], "3": BEFORE["3"], "4": frozenset({"tax"})}, "requisition 4: held only now, for ['tax']"),
        (dict(BEFORE), "requisition 1: is still held for ['vendor_unmapped']"),
    ],
)
def test_what_is_released_wrongly_is_found(after: dict[str, frozenset[str]], said: str) -> None:
    assert wrongly_released(BEFORE, after, ["1"], done=True) == [said]
