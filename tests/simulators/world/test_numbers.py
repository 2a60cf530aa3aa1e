"""Bill numbers, as literals worked out by hand (the hash parts with sha1sum)."""

from __future__ import annotations

import pytest

from simulators.world.documents import Documents
from simulators.world.expectation import fit_number, fold_number


@pytest.mark.parametrize(
    ("one", "other"),
    [("INV-0042", "inv 42"), ("#0007", "7."), ("Pay App 3", "payapp/03"), (" A-1 ", "a1")],
)
def test_same_number(one: str, other: str) -> None:
    assert fold_number(one) == fold_number(other)


@pytest.mark.parametrize(("one", "other"), [("42", "420"), ("INV-42", "42"), ("1-1", "1-2")])
def test_different_numbers(one: str, other: str) -> None:
    assert fold_number(one) != fold_number(other)


def test_twenty_one_characters_stay() -> None:
    assert fit_number("INV.2026.06.30.000077") == "INV.2026.06.30.000077"


@pytest.mark.parametrize(
    ("number", "short"),
    [
        ("HVE/2026/ALBANY/RIVERSIDE-MOB/0007", "VERSIDE-MOB/0007-9F94"),
        ("Façade – 2026 – 05 – Restoration № 12", "Restoration № 12-FA0B"),
    ],
)
def test_longer_ones_keep_their_tail(demo: Documents, number: str, short: str) -> None:
    assert fit_number(number) == short
    assert any(o["bill"]["number"] == short for o in demo.expected["requisitions"].values() if "bill" in o)


def test_blank_long_and_doubled_numbers_reach_the_bills(demo: Documents) -> None:
    rows = {str(row["id"]): row for row in demo.procore["requisitions"]}
    bills = [(rows[i], o["bill"]["number"]) for i, o in demo.expected["requisitions"].items() if "bill" in o]
    blank = [(row, number) for row, number in bills if not (row["invoice_number"] or "").strip()]
    assert {row["invoice_number"] for row, _ in blank} == {None, "", "   "}
    for row, number in blank:
        assert number == f"{row['contract_name'].split()[0]}-{row['number']}"
    shortened = [number for _, number in bills if number[-5:-4] == "-" and len(number) == 21]
    assert len(shortened) >= 5
    assert sum(number.endswith(" Pay App 3") for _, number in bills) == 2
    assert sum(number == "1001" for _, number in bills) == 2
