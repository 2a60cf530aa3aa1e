"""Ordinary commitments: monthly progress billing, month by month, until the books are full."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import cycle

from simulators.world.approvals import Desk
from simulators.world.commitments import PURCHASE_ORDER, SUBCONTRACT, Commitment
from simulators.world.cost_codes import TRADES
from simulators.world.items import Work
from simulators.world.money import percent_of
from simulators.world.projects import Project
from simulators.world.register import Register
from simulators.world.requisitions import DRAFT, PENDING_OWNER, REVISE, UNDER_REVIEW, Intent
from simulators.world.vendors import Vendor

START = date(2026, 6, 1)
LAST_MONTH = 8
LAST_MONTH_APPROVED_BEFORE_START = 4
"""April is billed on 30 April and approved in the first half of May."""

BILL = Intent("bill", "eligible")
NOT_APPROVED = Intent("not_imported", "not_approved")
BEFORE_START = Intent("not_imported", "before_start")
VENDOR_UNMAPPED = Intent("held", "vendor_unmapped")
PROJECT_UNMAPPED = Intent("held", "project_unmapped")

ORDINARY = "ordinary"


def approved_intent(commitment: Commitment, month: int) -> Intent:
    """What becomes of an approved requisition of that billing month in which nothing is odd."""
    if month <= LAST_MONTH_APPROVED_BEFORE_START:
        return BEFORE_START
    if not commitment.vendor.in_books:
        return VENDOR_UNMAPPED
    return BILL if commitment.project.in_books else PROJECT_UNMAPPED


class Chains:
    """Fills a register with ordinary commitments."""

    def __init__(
        self, register: Register, desk: Desk, vendors: tuple[Vendor, ...], projects: tuple[Project, ...]
    ) -> None:
        self._register, self._desk, self._rng = register, desk, register.rng
        self._vendors = vendors
        self._projects = projects
        self._open = cycle(
            (UNDER_REVIEW, DRAFT, UNDER_REVIEW, REVISE, UNDER_REVIEW, PENDING_OWNER, DRAFT, UNDER_REVIEW)
        )

    def fill(self, total: int) -> None:
        """Add commitments until the register holds exactly `total` requisitions."""
        for place in range(10_000):
            room = total - len(self._register.requisitions)
            if room == 0:
                return
            self._chain(*self._parties(place), room)

    def _parties(self, place: int) -> tuple[Project, Vendor]:
        """Every vendor once, in order, then known ones at random; an unknown vendor never meets the unknown job."""
        vendor = (
            self._vendors[place]
            if place < len(self._vendors)
            else self._rng.choice([v for v in self._vendors if v.in_books])
        )
        project = self._projects[place % len(self._projects)]
        if not vendor.in_books and not project.in_books:
            project = self._projects[0]
        return project, vendor

    def contract(self, project: Project, vendor: Vendor) -> Commitment:
        """A subcontract, or a purchase order for who sells rather than builds, with two to five lines."""
        rng = self._rng
        buys = vendor.trade == "supply" or rng.random() < 0.15
        codes = list(TRADES[vendor.trade])
        commitment = self._register.commit(
            project,
            vendor,
            codes[0][1] if not buys else f"{codes[0][1]} materials",
            kind=PURCHASE_ORDER if buys else SUBCONTRACT,
            percent=rng.choice(("0", "5")) if buys else rng.choice(("5", "10", "10", "10", "7.5")),
            terms=rng.choice(("Net 30", "Net 45", "Net 15", "Due on receipt", None)) if buys else None,
        )
        wanted = rng.randint(2, 5)
        codes += [("01-310", "General requirements"), ("01-740", "Cleanup"), (codes[0][0], "Submittals")]
        for code, description in codes[:wanted]:
            scheduled = Decimal(rng.randint(60, 1900) * 125)
            self._register.schedule(commitment, code, description, scheduled)
        if not buys and rng.random() < 0.22:
            self._register.schedule(
                commitment,
                codes[0][0],
                f"CO 01 {rng.choice(('Owner-requested upgrade', 'Unforeseen conditions', 'RFI 014 revision'))}",
                Decimal(rng.randint(800, 24_000)) + Decimal(rng.randint(0, 99)) / 100,
                item_type=rng.choice(("change_order_item", "whole_change_order_item")),
                from_number=rng.randint(2, 3),
            )
        return commitment

    def _chain(self, project: Project, vendor: Vendor, room: int) -> None:
        rng = self._rng
        commitment = self.contract(project, vendor)
        first = rng.choice((2, 3, 3, 4, 4, 5, 5, 6))
        last = rng.choice((7, LAST_MONTH, LAST_MONTH, LAST_MONTH))
        months = list(range(first, last + 1))[:room]
        billing_day = rng.choice((25, 31, 31))
        schedule = self._spread(commitment, len(months))
        for month, works in zip(months, schedule, strict=True):
            requisition = self._register.bill(
                commitment, month, works, approved_intent(commitment, month), billing_day=billing_day
            )
            requisition.tags.add(ORDINARY)
            requisition.erp_status = rng.choice((None, "", "not_integrated", "not_in_erp"))
            is_last = month == months[-1]
            if is_last and month >= 7 and rng.random() < (0.8 if month == LAST_MONTH else 0.4):
                requisition.intent = NOT_APPROVED
                self._desk.leave_open(requisition, next(self._open))
                continue
            self._desk.approve(requisition, noted=rng.random() < 0.12)
            if month <= LAST_MONTH_APPROVED_BEFORE_START + 1 and rng.random() < 0.5:
                self._desk.pay(requisition)

    def _spread(self, commitment: Commitment, months: int) -> list[dict[int, Work]]:
        """Share each line out over the months; the first line moves every month, so no requisition is empty."""
        rng = self._rng
        schedule: list[dict[int, Work]] = [{} for _ in range(months)]
        for line in commitment.lines:
            usable = range(line.from_number - 1, months)
            weights = {place: rng.randint(1, 6) if line.position == 1 or rng.random() < 0.75 else 0 for place in usable}
            whole = sum(weights.values())
            target = Decimal(rng.randint(110, 196)) / 2
            for place, weight in weights.items():
                if weight:
                    share = percent_of(line.scheduled, target * weight / whole)
                    schedule[place][line.position] = Work(done=share)
        return schedule
