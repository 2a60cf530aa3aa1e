"""The hand that writes odd contracts: short chains with exactly the amounts a story needs."""

from __future__ import annotations

from decimal import Decimal
from itertools import cycle

from simulators.world.approvals import Desk
from simulators.world.chains import NOT_APPROVED, approved_intent
from simulators.world.commitments import PURCHASE_ORDER, SUBCONTRACT, Commitment
from simulators.world.cost_codes import TRADES
from simulators.world.items import Work
from simulators.world.projects import Project
from simulators.world.register import Register
from simulators.world.requisitions import Intent, Requisition
from simulators.world.vendors import Vendor

APRIL, MAY, JUNE, JULY = 4, 5, 6, 7


class Site:
    """Hands out a fresh contract with a mapped vendor on a mapped project, a different pair every time."""

    def __init__(
        self, register: Register, desk: Desk, vendors: tuple[Vendor, ...], projects: tuple[Project, ...]
    ) -> None:
        self.register, self.desk = register, desk
        self._vendors = cycle([vendor for vendor in vendors if vendor.in_books])
        self._projects = cycle([project for project in projects if project.in_books])

    def next_vendor(self) -> Vendor:
        return next(self._vendors)

    def contract(
        self,
        *amounts: str,
        percent: str = "10",
        currency: str = "USD",
        vendor: Vendor | None = None,
        terms: str | None = None,
    ) -> Commitment:
        """One line per amount, under the vendor's own cost codes; with `terms` it is a purchase order."""
        vendor = vendor or self.next_vendor()
        codes = TRADES[vendor.trade]
        commitment = self.register.commit(
            next(self._projects),
            vendor,
            codes[0][1],
            kind=PURCHASE_ORDER if terms else SUBCONTRACT,
            percent=percent,
            terms=terms,
            currency=currency,
        )
        for place, amount in enumerate(amounts):
            code, description = codes[place % len(codes)]
            self.register.schedule(commitment, code, description, Decimal(amount))
        return commitment

    def approved(self, commitment: Commitment, month: int, *works: Work, intent: Intent | None = None) -> Requisition:
        """Bill `works` line by line and approve; without an intent it becomes what its month makes of it."""
        requisition = self.register.bill(
            commitment,
            month,
            dict(enumerate(works, start=1)),
            intent or approved_intent(commitment, month),
        )
        self.desk.approve(requisition)
        return requisition

    def waiting(self, commitment: Commitment, month: int, *works: Work, status: str) -> Requisition:
        """Bill, and leave it in a status that is no approval."""
        requisition = self.register.bill(commitment, month, dict(enumerate(works, start=1)), NOT_APPROVED)
        self.desk.leave_open(requisition, status)
        return requisition


def done(amount: str) -> Work:
    return Work(done=Decimal(amount))


def nothing() -> Work:
    return Work()
