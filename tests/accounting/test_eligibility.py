from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.blockers import BlockerReason
from accounting.eligibility import (
    ApprovalEvidence,
    AskHistory,
    Import,
    ImportRules,
    NeedsPerson,
    NotImported,
    NotImportedReason,
    Verdict,
    judge,
)
from accounting.invoice import Requisition, StatusChange
from tests.accounting.samples import requisition

RULES = ImportRules(
    start_date=date(2026, 6, 1),
    time_zone="America/New_York",
    approved_as_noted=True,
    service_account_id="990001",
    was_pushed=False,
)
NO_EVIDENCE = ApprovalEvidence(seen_unapproved_at=None, history=None, due_at_first_approval=None)
# June 1 begins in New York at 04:00 UTC.
LAST_OF_MAY = datetime(2026, 6, 1, 3, 59, 59, tzinfo=UTC)
FIRST_OF_JUNE = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
LATE_JUNE = datetime(2026, 6, 25, 12, tzinfo=UTC)
MAY_25 = datetime(2026, 5, 25, 12, tzinfo=UTC)


def moved(at: datetime, new: str, old: str | None = "under_review") -> StatusChange:
    return StatusChange(changed_at=at, old_status=old, new_status=new, actor_id="1738090")


def history(*rows: StatusChange, due_then: str | None = None) -> ApprovalEvidence:
    return ApprovalEvidence(None, rows, None if due_then is None else Decimal(due_then))


def test_approved_and_created_directly_since_the_start_comes_in() -> None:
    assert judge(requisition(created_at=FIRST_OF_JUNE), RULES, NO_EVIDENCE) == Import()


@pytest.mark.parametrize(
    "status", ["draft", "under_review", "revise_and_resubmit", "pending_owner_approval", "Under Review", "", "paid"]
)
def test_any_other_status_never(status: str) -> None:
    assert judge(requisition(status=status), RULES, NO_EVIDENCE) == NotImported(NotImportedReason.NOT_APPROVED)


@pytest.mark.parametrize("status", ["approved", "Approved", "approved_as_noted", "Approved as Noted"])
def test_both_approvals_count_however_they_are_spelled(status: str) -> None:
    assert judge(requisition(status=status, created_at=FIRST_OF_JUNE), RULES, NO_EVIDENCE) == Import()


def test_approved_as_noted_can_be_switched_off() -> None:
    off = replace(RULES, approved_as_noted=False)
    noted = requisition(status="approved_as_noted", created_at=FIRST_OF_JUNE)
    assert judge(noted, off, NO_EVIDENCE) == NotImported(NotImportedReason.APPROVED_AS_NOTED_OFF)
    assert judge(replace(noted, status="approved"), off, NO_EVIDENCE) == Import()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"origin_id": "acumatica-17"}, NotImportedReason.ORIGIN_ID),
        ({"erp_status": "synced"}, NotImportedReason.ERP),
        ({"erp_status": "ready_to_export"}, NotImportedReason.ERP),
        ({"erp_status": "Failed to export"}, NotImportedReason.ERP),
    ],
)
def test_what_another_system_handles_stays_out(changes: dict[str, Any], reason: NotImportedReason) -> None:
    assert judge(requisition(created_at=FIRST_OF_JUNE, **changes), RULES, NO_EVIDENCE) == NotImported(reason)


@pytest.mark.parametrize("erp_status", [None, "", "not_integrated", "not_in_erp", "Not in ERP"])
@pytest.mark.parametrize("origin_id", [None, "", "  "])
def test_an_idle_erp_connector_and_a_blank_origin_do_not_matter(erp_status: str | None, origin_id: str | None) -> None:
    one = requisition(created_at=FIRST_OF_JUNE, erp_status=erp_status, origin_id=origin_id)
    assert judge(one, RULES, NO_EVIDENCE) == Import()


def test_what_we_pushed_stays_out() -> None:
    pushed = replace(RULES, was_pushed=True)
    assert judge(requisition(created_at=FIRST_OF_JUNE), pushed, NO_EVIDENCE) == NotImported(NotImportedReason.PUSHED)


def test_made_by_our_service_account_but_unknown_to_us_needs_a_person() -> None:
    ours = requisition(created_at=FIRST_OF_JUNE, created_by_id="990001")
    assert _hold(judge(ours, RULES, NO_EVIDENCE)) is BlockerReason.OWN_SERVICE_ACCOUNT
    assert judge(ours, replace(RULES, service_account_id="990002"), NO_EVIDENCE) == Import()


def test_an_unknown_author_is_not_our_unknown_service_account() -> None:
    unknown = requisition(created_at=FIRST_OF_JUNE, created_by_id=None)
    assert judge(unknown, replace(RULES, service_account_id=None), NO_EVIDENCE) == Import()


def test_reasons_rank_in_a_fixed_order() -> None:
    """All reasons at once; taking away the first shows the next."""
    one = requisition(
        status="draft", origin_id="x", erp_status="synced", created_by_id="990001", updated_at=LAST_OF_MAY
    )
    rules = replace(RULES, was_pushed=True)
    assert judge(one, rules, NO_EVIDENCE) == NotImported(NotImportedReason.NOT_APPROVED)
    one = replace(one, status="approved")
    assert judge(one, rules, NO_EVIDENCE) == NotImported(NotImportedReason.PUSHED)
    assert judge(one, RULES, NO_EVIDENCE) == NotImported(NotImportedReason.ORIGIN_ID)
    one = replace(one, origin_id=None)
    assert judge(one, RULES, NO_EVIDENCE) == NotImported(NotImportedReason.ERP)
    one = replace(one, erp_status=None)
    assert _hold(judge(one, RULES, NO_EVIDENCE)) is BlockerReason.OWN_SERVICE_ACCOUNT
    one = replace(one, created_by_id=None)
    assert judge(one, RULES, NO_EVIDENCE) == NotImported(NotImportedReason.BEFORE_START)


@pytest.mark.parametrize(
    ("changes", "evidence", "expected"),
    [
        # Untouched since before the start: approved before it, whenever that was.
        ({"updated_at": LAST_OF_MAY}, NO_EVIDENCE, NotImported(NotImportedReason.BEFORE_START)),
        ({"updated_at": FIRST_OF_JUNE}, NO_EVIDENCE, AskHistory()),
        # Not there before the start: not approved before it.
        ({"created_at": LAST_OF_MAY}, NO_EVIDENCE, AskHistory()),
        ({"created_at": FIRST_OF_JUNE}, NO_EVIDENCE, Import()),
        ({}, ApprovalEvidence(LAST_OF_MAY, None, None), AskHistory()),
        # It may have been approved before it was seen unapproved, and taken back.
        ({}, ApprovalEvidence(FIRST_OF_JUNE, None, None), AskHistory()),
        ({}, history(moved(FIRST_OF_JUNE, "approved")), Import()),
        ({}, history(moved(LAST_OF_MAY, "approved")), NotImported(NotImportedReason.BEFORE_START, date(2026, 5, 31))),
        ({}, history(moved(LATE_JUNE, "Approved as Noted", "Under Review")), Import()),
    ],
)
def test_the_start_date_is_a_day_in_the_projects_zone(
    changes: dict[str, Any], evidence: ApprovalEvidence, expected: Verdict
) -> None:
    assert judge(requisition(**changes), RULES, evidence) == expected


def test_the_zone_decides_on_which_side_of_the_start_it_falls() -> None:
    one = requisition(updated_at=LAST_OF_MAY)
    assert judge(one, RULES, NO_EVIDENCE) == NotImported(NotImportedReason.BEFORE_START)
    assert judge(one, replace(RULES, time_zone="UTC"), NO_EVIDENCE) == AskHistory()


def test_the_history_tells_the_day_even_where_it_was_not_needed() -> None:
    one = requisition(updated_at=LAST_OF_MAY)
    verdict = judge(one, RULES, history(moved(MAY_25, "approved")))
    assert verdict == NotImported(NotImportedReason.BEFORE_START, date(2026, 5, 25))


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (moved(LATE_JUNE, "under_review", "draft"),),
        # Nothing moved: a row that repeats the status is no approval.
        (moved(LATE_JUNE, "approved", "Approved"),),
    ],
)
def test_a_history_without_an_approval_needs_a_person(rows: tuple[StatusChange, ...]) -> None:
    assert _hold(judge(requisition(), RULES, history(*rows))) is BlockerReason.APPROVAL_DATE_UNKNOWN


def test_seen_unapproved_since_the_start_decides_where_the_history_is_silent() -> None:
    assert judge(requisition(), RULES, ApprovalEvidence(LATE_JUNE, (), None)) == Import()


def test_the_first_approval_counts_in_whatever_order_rows_come() -> None:
    rows = (
        moved(LATE_JUNE, "approved"),
        moved(datetime(2026, 6, 10, tzinfo=UTC), "revise_and_resubmit", "approved"),
        moved(MAY_25, "approved"),
    )
    assert judge(requisition(), RULES, history(*rows, due_then="28800")) == NotImported(
        NotImportedReason.BEFORE_START, date(2026, 5, 25)
    )


REAPPROVED = (
    moved(MAY_25, "approved"),
    moved(FIRST_OF_JUNE, "draft", "approved"),
    moved(LATE_JUNE, "approved", "draft"),
)


@pytest.mark.parametrize(
    ("rows", "due_then", "needs_person"),
    [
        (REAPPROVED, "28000.00", True),
        (REAPPROVED, "28800.000", False),
        # What was first approved cannot be told.
        (REAPPROVED, None, True),
        # Approved once, before the start: other amounts then are no re-approval.
        (REAPPROVED[:1], "28000.00", False),
        # Both approvals before the start.
        ((REAPPROVED[0], moved(LAST_OF_MAY, "approved", "draft")), "28000.00", False),
        # Noted after the start: adjusted, which is approving other amounts.
        ((REAPPROVED[0], moved(LATE_JUNE, "approved_as_noted", "approved")), "28000.00", True),
    ],
)
def test_a_reapproval_does_not_move_the_first_but_other_amounts_need_a_person(
    rows: tuple[StatusChange, ...], due_then: str | None, needs_person: bool
) -> None:
    verdict = judge(requisition(), RULES, history(*rows, due_then=due_then))
    if needs_person:
        assert _hold(verdict) is BlockerReason.REAPPROVED_CHANGED
    else:
        assert verdict == NotImported(NotImportedReason.BEFORE_START, date(2026, 5, 25))


def test_a_known_earlier_approval_wins_over_having_been_seen_unapproved_since() -> None:
    """Approved, withdrawn, seen unapproved, approved again: the first approval still lies before the start."""
    evidence = replace(history(*REAPPROVED, due_then="28800.00"), seen_unapproved_at=FIRST_OF_JUNE)
    assert judge(requisition(), RULES, evidence) == NotImported(NotImportedReason.BEFORE_START, date(2026, 5, 25))


def test_a_zone_nobody_knows_needs_a_person() -> None:
    verdict = judge(requisition(), replace(RULES, time_zone="Mars (East)"), NO_EVIDENCE)
    assert isinstance(verdict, NeedsPerson)
    assert verdict.hold.reason is BlockerReason.APPROVAL_DATE_UNKNOWN
    assert "Mars (East)" in verdict.hold.subject


def test_every_reason_has_its_own_sentence() -> None:
    sentences = [reason.sentence for reason in NotImportedReason]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


STATUSES = st.sampled_from(["approved", "Approved As Noted", "draft", "under_review", ""])
INSTANTS = st.datetimes(datetime(2026, 4, 1), datetime(2026, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001
HISTORIES = st.lists(st.builds(moved, INSTANTS, STATUSES, STATUSES), max_size=5).map(tuple)


@given(
    st.builds(requisition, status=STATUSES, created_at=INSTANTS, updated_at=INSTANTS),
    st.builds(ApprovalEvidence, st.none() | INSTANTS, HISTORIES, st.none() | st.just(Decimal("1.00"))),
    st.sampled_from(["America/New_York", "Hawaii", "nowhere"]),
)
def test_once_the_history_is_known_nobody_asks_for_it_again(
    one: Requisition, evidence: ApprovalEvidence, time_zone: str
) -> None:
    assert judge(one, replace(RULES, time_zone=time_zone), evidence) != AskHistory()


@given(INSTANTS, INSTANTS)
def test_without_a_history_nothing_comes_in_on_a_guess(created: datetime, updated: datetime) -> None:
    verdict = judge(requisition(created_at=created, updated_at=updated), RULES, NO_EVIDENCE)
    if verdict == Import():
        assert created >= FIRST_OF_JUNE
    if isinstance(verdict, NotImported):
        assert updated < FIRST_OF_JUNE


def _hold(verdict: Verdict) -> BlockerReason:
    assert isinstance(verdict, NeedsPerson)
    return verdict.hold.reason
