"""What is special about a requisition without changing an amount: who made it, who claimed it, when it was approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from simulators.world.approvals import Desk
from simulators.world.chains import BEFORE_START, BILL, NOT_APPROVED, ORDINARY, START
from simulators.world.people import ACCOUNTANT, ADMIN, SERVICE_ACCOUNT
from simulators.world.register import Register
from simulators.world.requisitions import APPROVED, AS_NOTED, DRAFT, REVISE, Intent, Requisition

ORIGIN = Intent("not_imported", "origin_id")
ERP = Intent("not_imported", "erp")
PUSHED = Intent("not_imported", "pushed")
OWN_SERVICE_ACCOUNT = Intent("held", "own_service_account")
DATE_UNKNOWN = Intent("held", "approval_date_unknown")
REAPPROVED = Intent("held", "reapproved_changed")

ERP_STATUSES = ("synced", "ready_to_export", "exporting", "failed_to_export")


class Marks:
    """Picks ordinary requisitions and marks each at most once."""

    def __init__(self, register: Register, desk: Desk) -> None:
        self._register, self._desk, self._rng = register, desk, register.rng

    def apply(self) -> None:
        self._claims()
        self._service_account()
        self._midnight()
        self._approved_again()
        self._without_history()
        self._spelled_as_labels()

    def pick(self, tag: str, count: int, fits: Callable[[Requisition], bool]) -> list[Requisition]:
        """`count` requisitions nobody has picked, ordinary and fitting."""
        free = [r for r in self._register.requisitions if r.tags == {ORDINARY} and fits(r)]
        chosen = sorted(self._rng.sample(free, count), key=lambda requisition: requisition.id)
        for requisition in chosen:
            requisition.tags.add(tag)
        return chosen

    def is_last(self, requisition: Requisition) -> bool:
        return self._register.last_of(requisition.commitment) is requisition

    def _claims(self) -> None:
        for place, requisition in enumerate(self.pick("origin", 11, _bills)):
            requisition.origin_id = (
                f"agave-{requisition.id}" if place % 2 else f"sage300|{requisition.commitment.number}|{place}"
            )
            requisition.intent = ORIGIN
        for place, requisition in enumerate(self.pick("erp", 9, _bills)):
            requisition.erp_status = ERP_STATUSES[place % len(ERP_STATUSES)]
            requisition.intent = ERP

    def _service_account(self) -> None:
        for requisition in self.pick("pushed", 14, _bills):
            requisition.created_by = SERVICE_ACCOUNT
            requisition.intent = PUSHED
        for requisition in self.pick("pushed", 2, lambda r: r.intent == NOT_APPROVED):
            requisition.created_by = SERVICE_ACCOUNT
        for requisition in self.pick("own service account", 4, _bills):
            requisition.created_by = SERVICE_ACCOUNT
            requisition.intent = OWN_SERVICE_ACCOUNT

    def _midnight(self) -> None:
        """Approved within the hour around midnight of the start date, as the clock on the job shows it."""
        eve = START - timedelta(days=1)
        for place, requisition in enumerate(self.pick("eve of start", 3, _is_april)):
            project = requisition.commitment.project
            self._approve_at(requisition, project.at(eve, 23, 40 + 6 * place))
        for place, requisition in enumerate(self.pick("first hour of start", 4, _is_may)):
            project = requisition.commitment.project
            self._approve_at(requisition, project.at(START, 0, 3 + 15 * place))

    def _approve_at(self, requisition: Requisition, moment: datetime) -> None:
        requisition.history.clear()
        requisition.payment_date = None
        requisition.status = DRAFT
        self._desk.approve(requisition, moment)

    def _approved_again(self) -> None:
        for requisition in self.pick("approved before, again after", 3, _is_april):
            requisition.payment_date = None
            self._reopen(requisition, requisition.commitment.project.at(START, 9) + timedelta(days=2))
            # Nothing in Procore says which amounts were approved the first time.
            requisition.intent = REAPPROVED
        for requisition in self.pick("approved after, again", 2, _bills_unpaid):
            self._reopen(requisition, requisition.updated_at + timedelta(days=1))
        for requisition in self.pick("withdrawn", 3, lambda r: _bills_unpaid(r) and self.is_last(r)):
            later = requisition.updated_at + timedelta(days=2)
            self._desk.move(requisition, later, REVISE, ACCOUNTANT)
            requisition.intent = NOT_APPROVED

    def _reopen(self, requisition: Requisition, moment: datetime) -> None:
        self._desk.move(requisition, moment, REVISE, ACCOUNTANT)
        self._desk.move(requisition, moment + timedelta(hours=26), APPROVED, ADMIN)

    def _without_history(self) -> None:
        for requisition in self.pick("no history, old", 3, lambda r: r.intent == BEFORE_START):
            last_day = START - timedelta(days=self._rng.randint(2, 20))
            self._desk.forget(requisition, requisition.commitment.project.at(last_day, 15))
        # Made before the start and touched after it: only the lost rows could tell on which side it was approved.
        for requisition in self.pick("no history", 3, _is_may):
            self._desk.forget(requisition, requisition.updated_at)
            requisition.intent = DATE_UNKNOWN

    def _spelled_as_labels(self) -> None:
        """Some companies' histories spell statuses as people see them."""
        labels = {APPROVED: "Approved", AS_NOTED: "Approved as Noted"}
        for status in (APPROVED, AS_NOTED):
            for requisition in self.pick("label", 2, _bills_as(status)):
                requisition.history = [
                    change.relabelled(labels[change.new]) if change.new in labels else change
                    for change in requisition.history
                ]


def _bills(requisition: Requisition) -> bool:
    return requisition.intent == BILL


def _bills_unpaid(requisition: Requisition) -> bool:
    return _bills(requisition) and requisition.payment_date is None


def _bills_as(status: str) -> Callable[[Requisition], bool]:
    return lambda requisition: _bills(requisition) and requisition.status == status


def _is_april(requisition: Requisition) -> bool:
    return requisition.intent == BEFORE_START and requisition.period.end.month == START.month - 2


def _is_may(requisition: Requisition) -> bool:
    return requisition.intent == BILL and requisition.period.end.month == START.month - 1
