"""Moves of a requisition through its statuses, each with the person and the history row."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulators.world.people import ACCOUNTANT, ADMIN, Person
from simulators.world.register import Register
from simulators.world.requisitions import (
    APPROVED,
    AS_NOTED,
    DRAFT,
    PENDING_OWNER,
    REVISE,
    UNDER_REVIEW,
    Change,
    Requisition,
)


class Desk:
    """Where requisitions are submitted and approved."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._rng = register.rng

    def open_draft(self, requisition: Requisition) -> None:
        self._log(requisition, requisition.created_at, "status", None, DRAFT, requisition.created_by)

    def submit(self, requisition: Requisition) -> None:
        self.open_draft(requisition)
        self.move(requisition, requisition.created_at + timedelta(hours=20), UNDER_REVIEW, requisition.created_by)

    def move(self, requisition: Requisition, at: datetime, status: str, by: Person, label: str = "") -> None:
        """`label` is how the history spells the status, when not as the field does."""
        self._log(requisition, at, "status", requisition.status, label or status, by)
        requisition.status = status

    def leave_open(self, requisition: Requisition, status: str) -> None:
        """Bring a requisition into one of the four statuses that are no approval."""
        if status == DRAFT:
            self.open_draft(requisition)
            return
        self.submit(requisition)
        if status in (REVISE, PENDING_OWNER):
            self.move(requisition, self.office_hour(requisition, 2, 4), status, ACCOUNTANT)

    def approve(self, requisition: Requisition, at: datetime | None = None, *, noted: bool = False) -> None:
        """Approve after the period's end, in office hours of the job unless `at` says when."""
        if not requisition.history:
            self.submit(requisition)
        moment = at or self.office_hour(requisition, 3, 13)
        by = ADMIN if self._rng.random() < 0.3 else ACCOUNTANT
        if not noted and at is None and self._rng.random() < 0.15:
            self.move(requisition, moment - timedelta(hours=30), PENDING_OWNER, ACCOUNTANT)
        self.move(requisition, moment, AS_NOTED if noted else APPROVED, by)

    def office_hour(self, requisition: Requisition, first: int, last: int) -> datetime:
        """A moment `first` to `last` days after the end of the period, 8:00 to 17:59 local time."""
        day = requisition.period.end + timedelta(days=self._rng.randint(first, last))
        project = requisition.commitment.project
        return project.at(day, self._rng.randint(8, 17), self._rng.randint(0, 59))

    def pay(self, requisition: Requisition) -> None:
        """Enter the payment date some weeks after approval: the record changes, its approval does not."""
        moment = requisition.updated_at + timedelta(days=self._rng.randint(25, 34))
        requisition.payment_date = moment.date()
        self._log(requisition, moment, "payment_date", None, moment.date().isoformat(), ACCOUNTANT)

    def forget(self, requisition: Requisition, updated_at: datetime) -> None:
        """Lose the history rows, as migrated projects have; `updated_at` is all that is left."""
        requisition.history.clear()
        requisition.updated_at = updated_at

    def _log(self, requisition: Requisition, at: datetime, column: str, old: str | None, new: str, by: Person) -> None:
        change = Change(self._register.changes.take(requisition.commitment.project.wide), at, column, old, new, by)
        requisition.history.append(change)
        requisition.updated_at = at
