"""Bills of ours that people pay in QuickBooks Online: the seed's own, each with the requisition it came from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from foundation.clock import SystemClock
from simulators.world.documents import Documents

SMALLEST = Decimal(1000)


@dataclass(frozen=True)
class Bill:
    """One bill of ours in QuickBooks, and the requisition it came from, by the number that Procore has for it."""

    id: str
    vendor_id: str
    total: Decimal
    requisition_id: int
    invoice_number: str
    commitment_id: int
    project_id: int
    line: dict[str, Any]


def bills_by_vendor(documents: Documents, state: dict[str, Any]) -> list[list[Bill]]:
    """The seed's bills that nobody acts upon, by vendor, large enough to be paid in parts."""
    company = next(one for one in state["companies"] if one["realm_id"] == documents.expected["realm_id"])
    vendors = {row["Id"]: row["DisplayName"] for row in company["Vendor"]}
    booked = {(vendors[row["VendorRef"]["value"]], row.get("DocNumber")): row for row in company["Bill"]}
    requisitions = {row["id"]: row for row in documents.procore["requisitions"]}
    by_vendor: dict[str, list[Bill]] = defaultdict(list)
    for requisition_id, outcome in documents.expected["requisitions"].items():
        requisition = requisitions[int(requisition_id)]
        if outcome["verdict"] != "bill" or int(requisition_id) in acted_upon(documents.expected["script"]):
            continue
        row = booked.get((outcome["bill"]["vendor"], outcome["bill"]["number"]))
        total = Decimal(outcome["bill"]["total"])
        if row is not None and Decimal(row["TotalAmt"]) == total and total > SMALLEST:
            by_vendor[outcome["bill"]["vendor"]].append(
                Bill(
                    id=row["Id"],
                    vendor_id=row["VendorRef"]["value"],
                    total=total,
                    requisition_id=int(requisition_id),
                    invoice_number=(requisition["invoice_number"] or "").strip(),
                    commitment_id=requisition["commitment_id"],
                    project_id=requisition["project_id"],
                    line=row["Line"][0],
                )
            )
    return list(by_vendor.values())


def paid_on() -> str:
    """A day that is over wherever a project is."""
    return (SystemClock().now() - timedelta(days=2)).date().isoformat()


def acted_upon(script: dict[str, Any]) -> set[int]:
    """The requisitions that the story's people change."""
    acts: Iterable[dict[str, Any]] = [
        *script["approve"],
        *script["spare_under_review"],
        *script["unapprove"].values(),
        *script["during_life"],
        script["approve_after_off"],
    ]
    return {act["requisition_id"] for act in acts}


__all__ = ["Bill", "acted_upon", "bills_by_vendor", "paid_on"]
