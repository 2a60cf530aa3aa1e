"""What the app says it would post, held against what QuickBooks got: every part of every bill, in order."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MARKER = re.compile(r"inBuild (\d+)$")
# A release is covered by bills of its contract that are posted first: until then its preview says so.
UNTIL_BOOKED = frozenset({"retainage_opening_balance"})


@dataclass(frozen=True)
class Line:
    """One line as both sides name it."""

    target: str
    description: str
    amount: Decimal
    customer: str


@dataclass(frozen=True)
class Transaction:
    """A bill or a vendor credit in names."""

    kind: str
    vendor: str
    number: str
    date: str
    due: str
    terms: str
    ap_account: str
    memo: str
    total: Decimal
    lines: tuple[Line, ...]

    @classmethod
    def previewed(cls, bill: Mapping[str, Any]) -> "Transaction":
        return cls(
            kind={"bill": "Bill", "vendor_credit": "VendorCredit"}[bill["kind"]],
            vendor=bill["vendor"],
            number=bill["number"],
            date=bill["bill_date"],
            due=bill["due_date"] or "",
            terms=bill["terms"] or "",
            ap_account=bill["ap_account"],
            memo=bill["memo"],
            total=Decimal(bill["total"]),
            lines=tuple(
                Line(line["target"], line["description"], Decimal(line["amount"]), line["customer"])
                for line in bill["lines"]
            ),
        )


class Received:
    """What one QuickBooks company holds of ours, by inBuild's reference in the memo."""

    def __init__(self, state: Mapping[str, Any], realm_id: str) -> None:
        company = next(one for one in state["companies"] if one["realm_id"] == realm_id)
        self._names = {
            (kind, row["Id"]): row[name]
            for kind, name in (
                ("Vendor", "DisplayName"),
                ("Account", "FullyQualifiedName"),
                ("Customer", "FullyQualifiedName"),
                ("Term", "Name"),
            )
            for row in company[kind]
        }
        self.by_reference: dict[int, list[Transaction]] = {}
        for kind in ("Bill", "VendorCredit"):
            for row in company[kind]:
                marked = MARKER.search(row.get("PrivateNote") or "")
                if marked is not None:
                    self.by_reference.setdefault(int(marked.group(1)), []).append(self._of(kind, row))

    def _of(self, kind: str, row: Mapping[str, Any]) -> Transaction:
        return Transaction(
            kind=kind,
            vendor=self._name("Vendor", row.get("VendorRef")),
            number=row.get("DocNumber") or "",
            date=row.get("TxnDate") or "",
            due=row.get("DueDate") or "",
            terms=self._name("Term", row.get("SalesTermRef")),
            ap_account=self._name("Account", row.get("APAccountRef")),
            memo=row.get("PrivateNote") or "",
            total=Decimal(row["TotalAmt"]),
            lines=tuple(self._line(line) for line in row["Line"]),
        )

    def _line(self, line: Mapping[str, Any]) -> Line:
        detail = line.get("AccountBasedExpenseLineDetail") or {}
        return Line(
            self._name("Account", detail.get("AccountRef")),
            line.get("Description") or "",
            Decimal(line["Amount"]),
            self._name("Customer", detail.get("CustomerRef")),
        )

    def _name(self, kind: str, reference: Mapping[str, Any] | None) -> str:
        return self._names.get((kind, reference["value"]), "?") if reference else ""


def mismatches(
    previews: Mapping[int, Mapping[str, Any]], received: Received, withdrawn: frozenset[int]
) -> Iterator[str]:
    """Each preview that is not what came of it, in a sentence; ``withdrawn`` were never to be sent after all."""
    for reference, preview in previews.items():
        got = received.by_reference.get(reference, [])
        if preview["outcome"] == "bill":
            wanted = Transaction.previewed(preview["bill"])
            if got != [wanted] and not (reference in withdrawn and not got):
                yield f"invoice {reference}: previewed {wanted}, received {got}"
        elif got and frozenset(one["reason"] for one in preview["reasons"]) != UNTIL_BOOKED:
            yield f"invoice {reference}: previewed as {preview['outcome']}, received {got}"


__all__ = ["Line", "Received", "Transaction", "mismatches"]
