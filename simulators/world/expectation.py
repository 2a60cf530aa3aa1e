"""The literals that the sync must reach, worked out from what the generator put in, never from what it printed."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from simulators.world.money import ZERO, plain
from simulators.world.requisitions import Requisition

EXPENSE_ACCOUNT = "Job Costs:Subcontractor Expense"
RETAINAGE_ACCOUNT = "Retainage Payable"
AP_ACCOUNT = "Accounts Payable (A/P)"

NUMBER_LIMIT, DESKTOP_NUMBER_LIMIT = 21, 20
"""QuickBooks Online: DocNumber holds 21 characters; QuickBooks Desktop: RefNumber of a bill holds 20."""


def fold_number(number: str) -> str:
    """Two numbers with the same fold are the same number to an accountant."""
    bare = re.sub(r"[\s\-#./]", "", number.strip().casefold())
    return re.sub(r"\d+", lambda run: run.group().lstrip("0"), bare)


def fit_number(number: str, limit: int = NUMBER_LIMIT) -> str:
    """Keep what fits; else the tail and four hex characters of the whole."""
    if len(number) <= limit:
        return number
    digest = hashlib.sha1(number.encode(), usedforsecurity=False).hexdigest().upper()
    return f"{number[5 - limit :]}-{digest[:4]}"


class Clashes:
    """Which vendors use one number on several commitments, over every requisition of the company."""

    def __init__(self, requisitions: Iterable[Requisition]) -> None:
        self._commitments: dict[tuple[int, str], set[int]] = defaultdict(set)
        for requisition in requisitions:
            if (requisition.invoice_number or "").strip():
                self._commitments[self._key(requisition)].add(requisition.commitment.id)

    def has(self, requisition: Requisition) -> bool:
        return len(self._commitments[self._key(requisition)]) > 1

    @staticmethod
    def _key(requisition: Requisition) -> tuple[int, str]:
        return requisition.commitment.vendor.id, fold_number(requisition.invoice_number or "")


def bill_number(requisition: Requisition, clashes: Clashes, limit: int = NUMBER_LIMIT) -> str:
    commitment = requisition.commitment
    # A tab or a bell in a number is a space to whoever reads it.
    given = re.sub(r"[\s\x00-\x1f\x7f]+", " ", requisition.invoice_number or "").strip()
    if not given:
        return fit_number(f"{commitment.number}-{requisition.number}", limit)
    return fit_number(f"{commitment.number} {given}" if clashes.has(requisition) else given, limit)


def expected_bill(requisition: Requisition, clashes: Clashes) -> dict[str, Any]:
    """The bill of a requisition that posts (or would, once approved)."""
    commitment = requisition.commitment
    customer = commitment.project.customer_path()
    amounts = [(EXPENSE_ACCOUNT, item.gross) for item in requisition.items if item.gross != ZERO]
    # Tax is cost beside its line; the seed taxes only requisitions of one line.
    amounts += [(EXPENSE_ACCOUNT, requisition.tax_to_pay)] if requisition.tax_to_pay != ZERO else []
    amounts += [(RETAINAGE_ACCOUNT, -requisition.withheld)] if requisition.withheld != ZERO else []
    amounts += [(RETAINAGE_ACCOUNT, requisition.released)] if requisition.released != ZERO else []
    return {
        "vendor": commitment.vendor.name,
        "number": bill_number(requisition, clashes),
        **dates(requisition.billing_date, commitment.days),
        "total": plain(sum((amount for _, amount in amounts), ZERO)),
        "lines": [{"account": account, "customer": customer, "amount": plain(amount)} for account, amount in amounts],
    }


def dates(billed: date, days: int) -> dict[str, str]:
    return {"date": billed.isoformat(), "due": (billed + timedelta(days=days)).isoformat()}


def expect(requisition: Requisition, clashes: Clashes) -> dict[str, Any]:
    """Verdict and reason as intended, with the bill where there is one."""
    intent = requisition.intent
    outcome: dict[str, Any] = {"verdict": intent.verdict, "reason": intent.reason}
    if intent.verdict == "bill":
        outcome["bill"] = expected_bill(requisition, clashes)
    return outcome


def push_row(requisition: Requisition) -> dict[str, Any]:
    """One requisition that inBuild pushed into Procore."""
    project = requisition.commitment.project
    return {"company_id": project.company.id, "project_id": project.id, "requisition_id": requisition.id}
