"""What was first approved while nothing was connected comes in by no rule, and what was not is not held back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from accounting.blockers import BlockerReason
from accounting.eligibility import (
    ApprovalEvidence,
    AskHistory,
    Gap,
    Import,
    ImportRules,
    NeedsPerson,
    NotImported,
    NotImportedReason,
    judge,
)
from accounting.invoice import Requisition, StatusChange

SINCE, UNTIL = datetime(2026, 7, 10, 12, 0, 0, 500_000, UTC), datetime(2026, 7, 20, 12, tzinfo=UTC)
RULES = ImportRules(
    start_date=date(2026, 6, 1),
    time_zone="America/New_York",
    approved_as_noted=True,
    service_account_id=None,
    was_pushed=False,
    gaps=(Gap(SINCE, UNTIL),),
)
NOTHING = ApprovalEvidence(seen_unapproved_at=None, history=None, due_at_first_approval=None)
BEFORE, DURING, AFTER = (SINCE - timedelta(days=2), SINCE + timedelta(days=2), UNTIL + timedelta(days=2))
IN_GAP = NotImported(NotImportedReason.WHILE_DISCONNECTED)


def requisition(created_at: datetime, updated_at: datetime) -> Requisition:
    return Requisition(
        requisition_id="1",
        project_id="9",
        status="approved",
        created_at=created_at,
        updated_at=updated_at,
        created_by_id="7",
        origin_id=None,
        erp_status=None,
        due=Decimal("100.00"),
    )


def approved(at: datetime) -> tuple[StatusChange, ...]:
    return (StatusChange(changed_at=at, old_status="under_review", new_status="approved", actor_id="7"),)


@pytest.mark.parametrize(
    ("created_at", "updated_at", "wanted"),
    [
        (BEFORE, BEFORE, Import()),
        (DURING, DURING, IN_GAP),
        (AFTER, AFTER, Import()),
        (BEFORE, DURING, AskHistory()),
        (DURING, AFTER, AskHistory()),
        (BEFORE, AFTER, AskHistory()),
    ],
)
def test_the_bounds_decide_where_they_can(created_at: datetime, updated_at: datetime, wanted: object) -> None:
    assert judge(requisition(created_at, updated_at), RULES, NOTHING) == wanted


@pytest.mark.parametrize(("at", "wanted"), [(BEFORE, Import()), (DURING, IN_GAP), (AFTER, Import())])
def test_else_the_history_does(at: datetime, wanted: object) -> None:
    evidence = replace(NOTHING, history=approved(at))
    assert judge(requisition(BEFORE - timedelta(days=1), AFTER), RULES, evidence) == wanted


def test_a_history_that_says_nothing_asks_a_person() -> None:
    verdict = judge(requisition(BEFORE, DURING), RULES, replace(NOTHING, history=()))
    assert isinstance(verdict, NeedsPerson) and verdict.hold.reason is BlockerReason.APPROVAL_DATE_UNKNOWN


def test_seen_unapproved_after_the_gap_was_approved_after_it() -> None:
    evidence = replace(NOTHING, seen_unapproved_at=UNTIL + timedelta(hours=1))
    assert judge(requisition(BEFORE, AFTER), RULES, evidence) == Import()


def test_procores_whole_seconds_do_not_move_an_approval_out_of_the_gap() -> None:
    evidence = replace(NOTHING, history=approved(SINCE.replace(microsecond=0)))
    assert judge(requisition(BEFORE, DURING), RULES, evidence) == IN_GAP


def test_a_project_outside_these_books_stays_out_whatever_the_date() -> None:
    verdict = judge(requisition(AFTER, AFTER), replace(RULES, in_books=False), NOTHING)
    assert verdict == NotImported(NotImportedReason.NOT_IN_BOOKS)


def test_what_a_clock_ahead_of_procores_saw_proves_nothing() -> None:
    """Seen unapproved after the gap, and approved in it: one of the clocks is wrong, so the history is asked."""
    evidence = replace(NOTHING, seen_unapproved_at=UNTIL + timedelta(minutes=10))
    approved_in_gap = requisition(created_at=BEFORE, updated_at=DURING)
    assert judge(approved_in_gap, RULES, evidence) == AskHistory()
    asked = replace(evidence, history=approved(DURING))
    assert judge(approved_in_gap, RULES, asked) == IN_GAP
