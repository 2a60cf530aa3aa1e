"""What the demo-check does to the world besides looking at it, and what must come of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from simulators.world.chains import BILL, NOT_APPROVED
from simulators.world.expectation import EXPENSE_ACCOUNT, Clashes, dates, expected_bill, fit_number
from simulators.world.marks import Marks
from simulators.world.money import ZERO, plain
from simulators.world.projects import PROJECTS
from simulators.world.requisitions import UNDER_REVIEW, Requisition
from simulators.world.vendors import Vendor

# Approved while the connection goes through its life: expired twice, paused, disconnected, and six with webhooks.
DURING_LIFE = 10
UPLOAD_DAY = date(2026, 9, 4)
UPLOAD_LINES = (
    ("26-050", "Temporary power, level 2", Decimal("4180.00")),
    ("26-510", "Emergency lighting repair", Decimal("1265.40")),
    ("01-740", "Debris removal", Decimal("319.35")),
)


class Script:
    """Chooses the requisitions that are acted upon. The static expectation speaks of the world before any act."""

    def __init__(self, marks: Marks, clashes: Clashes) -> None:
        self._clashes = clashes
        waiting = marks.pick("script", 10, self._may_be_approved)
        self._approve, self._never, self._after_off = waiting[:5], waiting[5], waiting[6]
        self._spare = waiting[7:]
        self._before_send, self._after_posting = marks.pick(
            "script", 2, lambda r: r.intent == BILL and r.payment_date is None and marks.is_last(r)
        )
        self._approve[1].invoice_number = None
        self._during_life = marks.pick("script", DURING_LIFE, self._may_be_approved)

    @staticmethod
    def _may_be_approved(requisition: Requisition) -> bool:
        commitment = requisition.commitment
        return (
            requisition.intent == NOT_APPROVED
            and requisition.status == UNDER_REVIEW
            and commitment.vendor.in_books
            and commitment.project.in_books
            and requisition.gross != ZERO
        )

    def document(self, vendors: tuple[Vendor, ...]) -> dict[str, Any]:
        return {
            "approve": [self._act(requisition) for requisition in self._approve],
            "unapprove": {
                "before_import": {
                    **self._act(self._never),
                    "act": "approve, then un-approve at once, before the next look",
                    "final": {"imported": False, "posted": False},
                },
                "before_send": {
                    **self._act(self._before_send),
                    "act": "statically approved: un-approve when imported and not yet sent",
                    "final": {"imported": True, "posted": False, "badge": "Approval withdrawn"},
                },
                "after_posting": {
                    **self._act(self._after_posting),
                    "act": "statically approved: un-approve when its bill exists",
                    "final": {"imported": True, "posted": True, "badge": "Approval withdrawn"},
                },
            },
            "approve_after_off": {
                **self._act(self._after_off),
                "act": "approve when the toggle is off",
                "final": {"imported": False, "posted": False},
            },
            "spare_under_review": [self._act(requisition) for requisition in self._spare],
            "during_life": [self._act(requisition) for requisition in self._during_life],
            "upload": self._upload(vendors),
        }

    def _act(self, requisition: Requisition) -> dict[str, Any]:
        """`bill` is what is posted if it is approved and stays so."""
        return {
            "requisition_id": requisition.id,
            "project_id": requisition.commitment.project.id,
            "status": requisition.status,
            "bill": expected_bill(requisition, self._clashes),
        }

    @staticmethod
    def _upload(vendors: tuple[Vendor, ...]) -> dict[str, Any]:
        vendor, project, day, number = vendors[0], PROJECTS[0], UPLOAD_DAY, "EE-UP-0001"
        total = plain(sum((amount for _, _, amount in UPLOAD_LINES), ZERO))
        return {
            "fields": {
                "vendor": vendor.name,
                "vendor_id": vendor.id,
                "project": project.name,
                "project_id": project.id,
                "invoice_number": number,
                "billing_date": day.isoformat(),
                "currency": "USD",
                "total": total,
            },
            "lines": [
                {"cost_code": code, "description": text, "amount": plain(amount)} for code, text, amount in UPLOAD_LINES
            ],
            "bill": {
                "vendor": vendor.name,
                "number": fit_number(number),
                **dates(day, vendor.days),
                "total": total,
                "lines": [
                    {"account": EXPENSE_ACCOUNT, "customer": project.customer_path(), "amount": plain(amount)}
                    for _, _, amount in UPLOAD_LINES
                ],
            },
        }
