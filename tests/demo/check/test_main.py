"""The last line and the exit code of the demo-check."""

import json
from dataclasses import replace

import pytest

from demo.check.__main__ import exit_code, lacking, summary, table
from demo.check.blockers import Freed
from demo.check.desktop import DesktopResult
from demo.check.drift import DriftVerdict
from demo.check.foresight import Foreseen
from demo.check.issued import PaymentsVerdict
from demo.check.oracle import Difference, Kind
from demo.check.rounds import RoundResult
from demo.check.scenarios import EVERY_SCENARIO, Scenario
from demo.check.trouble import LostAnswers

QUIET = RoundResult(
    "undisturbed",
    183,
    183,
    (),
    kills=0,
    lost=LostAnswers(0, 0),
    seconds=40.0,
    scenarios=tuple(Scenario(name) for name in EVERY_SCENARIO),
    desktop=DesktopResult(files=2, invoices=32, payments=9),
    freed=Freed(reasons=6, blocked=29),
    foreseen=Foreseen(compared=227),
    payments=PaymentsVerdict(expected=17, missing=0, duplicates=0, wrong=0, sentences=()),
)
KILLED = RoundResult(
    "killed and cut off",
    185,
    185,
    (),
    kills=6,
    lost=LostAnswers(5, 5),
    seconds=120.0,
    drift=DriftVerdict(injected=10),
    foreseen=Foreseen(compared=186),
)


def test_the_last_line_holds_the_totals_of_both_rounds() -> None:
    assert json.loads(summary([QUIET, KILLED])) == {
        "eligible": 368,
        "bills": 368,
        "missing": 0,
        "duplicates": 0,
        "wrong": 0,
        "leaked": 0,
        "kills": 6,
        "lost_answers": 10,
        "life": {"scenarios": 15, "failed": 0},
        "desktop": {"files": 2, "invoices": 32, "missing": 0, "duplicates": 0, "wrong_file": 0},
        "blockers": {"reasons": 6, "blocked": 29, "released_wrong": 0, "previewed": 413, "preview_mismatch": 0},
        "payments": {"expected": 17, "missing": 0, "duplicates": 0, "wrong": 0},
        "drift": {"injected": 10, "missed": 0, "false": 0},
    }
    assert "\n" not in summary([QUIET, KILLED])
    assert exit_code([QUIET, KILLED]) == 0


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("place", [0, 1])
def test_a_difference_in_any_round_is_counted_and_fails(kind: Kind, place: int) -> None:
    results = [QUIET, KILLED]
    results[place] = replace(results[place], differences=(Difference(kind, "requisition 1 is not right"),))
    assert json.loads(summary(results))[kind.value] == 1
    assert exit_code(results) == 1
    assert "requisition 1 is not right" in table(results[place])


@pytest.mark.parametrize(
    ("proves_less", "said"),
    [
        (replace(KILLED, kills=4), "kills"),
        (replace(KILLED, lost=LostAnswers(4, 9)), "batches"),
        (replace(KILLED, lost=LostAnswers(9, 4)), "single"),
    ],
)
def test_too_little_trouble_fails(proves_less: RoundResult, said: str) -> None:
    (sentence,) = lacking([QUIET, proves_less])
    assert said in sentence
    assert exit_code([QUIET, proves_less]) == 1


@pytest.mark.parametrize(
    ("freed", "said"),
    [
        (Freed(reasons=5, blocked=29), "reasons to hold an invoice"),
        (Freed(reasons=6, blocked=19), "blocked invoices"),
        (None, "blocked invoices"),
    ],
)
def test_too_few_blockers_fail(freed: Freed | None, said: str) -> None:
    results = [replace(QUIET, freed=freed), KILLED]
    assert any(said in sentence for sentence in lacking(results))
    assert exit_code(results) == 1


@pytest.mark.parametrize("place", range(len(EVERY_SCENARIO)))
def test_a_failed_scenario_is_counted_and_fails(place: int) -> None:
    scenarios = [Scenario(name) for name in EVERY_SCENARIO]
    scenarios[place] = Scenario(EVERY_SCENARIO[place], ["state is 'active', should be 'expired'"])
    results = [replace(QUIET, scenarios=tuple(scenarios)), KILLED]
    assert json.loads(summary(results))["life"] == {"scenarios": 15, "failed": 1}
    assert exit_code(results) == 1
    lines = table(results[0]).splitlines()
    failed = [line.removesuffix("failed").strip() for line in lines if line.endswith(" failed")]
    assert failed == [EVERY_SCENARIO[place]]
    assert f"  - {EVERY_SCENARIO[place]}: state is 'active', should be 'expired'" in lines


def test_a_scenario_that_was_not_played_fails() -> None:
    results = [replace(QUIET, scenarios=QUIET.scenarios[1:]), KILLED]
    (sentence,) = lacking(results)
    assert sentence == f"not played: {EVERY_SCENARIO[0]}"
    assert exit_code(results) == 1


def test_every_scenario_is_one_line_of_the_table() -> None:
    lines = [line.strip() for line in table(QUIET).splitlines()]
    assert [line.removesuffix("ok").strip() for line in lines if line.endswith(" ok")] == list(EVERY_SCENARIO)


@pytest.mark.parametrize(
    "desktop",
    [
        DesktopResult(2, 32, missing=1),
        DesktopResult(2, 32, duplicates=1),
        DesktopResult(2, 32, wrong_file=1),
        DesktopResult(2, 32, troubles=("the PC did not wake",)),
        DesktopResult(2, 0),
        None,
    ],
)
def test_anything_wrong_with_the_company_files_fails(desktop: DesktopResult | None) -> None:
    assert exit_code([replace(QUIET, desktop=desktop), KILLED]) == 1


@pytest.mark.parametrize("verdict", [DriftVerdict(10, missed=("an edit",)), DriftVerdict(10, false=("an edit",))])
def test_an_edit_that_is_not_named_or_was_never_made_fails(verdict: DriftVerdict) -> None:
    results = [QUIET, replace(KILLED, drift=verdict)]
    assert exit_code(results) == 1
    assert "an edit" in table(results[1])


@pytest.mark.parametrize("place", [0, 1])
def test_a_bill_unlike_its_preview_is_counted_in_either_round(place: int) -> None:
    results = [QUIET, KILLED]
    results[place] = replace(results[place], foreseen=Foreseen(9, ("invoice 70001: nobody previewed it",)))
    assert json.loads(summary(results))["blockers"]["preview_mismatch"] == 1
    assert "1 of 9" in table(results[place])


def test_bills_have_to_be_previewed_and_files_paid_to_prove_anything() -> None:
    assert lacking([QUIET, replace(KILLED, foreseen=Foreseen())]) == [
        "nothing was previewed in the round: killed and cut off"
    ]
    assert lacking([replace(QUIET, desktop=DesktopResult(2, 32)), KILLED]) == [
        "no payment of a company file had to reach Procore"
    ]


def test_edits_have_to_be_made_to_prove_anything() -> None:
    results = [QUIET, replace(KILLED, drift=None)]
    assert "nobody edited anything after posting" in lacking(results)
