"""What the app says it would post, held against what QuickBooks got: every part of every bill, in order."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

MARKER = re.compile(r"inBuild (\d+)$")
# What a sheet of bills does not say of them.
UNTOLD = "untold"


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


@dataclass(frozen=True)
class Received:
    """What came into the books, by inBuild's reference in the memo.

    ``unmarked`` are the ids of bills that bear none. (A vendor credit without one was typed by a person.)
    """

    by_reference: Mapping[int, Sequence[Transaction]]
    unmarked: Sequence[str]

    @classmethod
    def online(cls, before: Mapping[str, Any], after: Mapping[str, Any], realm_id: str) -> "Received":
        """Into one company of QuickBooks Online, between two states of it."""
        old, company = _company(before, realm_id), _company(after, realm_id)
        names = _Names(company)
        rows = [
            (row["Id"], names.transaction(kind, row), kind == "Bill")
            for kind in ("Bill", "VendorCredit")
            for row in company[kind]
            if row["Id"] not in {one["Id"] for one in old[kind]}
        ]
        return cls._of(rows)

    @classmethod
    def in_file(cls, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> "Received":
        """Into a company file, between two sheets of its bills, which name neither terms nor the A/P account."""
        old = {row["id"] for row in before}
        return cls._of([(row["id"], _filed(row), True) for row in after if row["id"] not in old])

    @classmethod
    def _of(cls, rows: Iterable[tuple[str, Transaction, bool]]) -> "Received":
        by_reference: dict[int, list[Transaction]] = {}
        unmarked = []
        for row_id, transaction, is_bill in rows:
            marked = MARKER.search(transaction.memo)
            if marked is not None:
                by_reference.setdefault(int(marked.group(1)), []).append(transaction)
            elif is_bill:
                unmarked.append(row_id)
        return cls(by_reference, unmarked)


class _Names:
    """A company of QuickBooks Online in names instead of ids."""

    def __init__(self, company: Mapping[str, Any]) -> None:
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

    def transaction(self, kind: str, row: Mapping[str, Any]) -> Transaction:
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


def _filed(row: Mapping[str, Any]) -> Transaction:
    return Transaction(
        kind="Bill",
        vendor=row["vendor"],
        number=row["number"] or "",
        date=row["date"],
        due=row["due"],
        terms=UNTOLD,
        ap_account=UNTOLD,
        memo=row["memo"] or "",
        total=Decimal(row["total"]),
        lines=tuple(
            Line(line["account"], line["memo"] or "", Decimal(line["amount"]), line["customer"])
            for line in row["lines"]
        ),
    )


def mismatches(
    previews: Mapping[int, Mapping[str, Any]], received: Received, withdrawn: frozenset[int]
) -> Iterator[str]:
    """Each preview that is not what came of it, in a sentence; ``withdrawn`` were never to be sent after all."""
    for reference, preview in previews.items():
        got = received.by_reference.get(reference, [])
        if preview["outcome"] == "bill":
            wanted = Transaction.previewed(preview["bill"])
            if any(one.terms == UNTOLD for one in got):
                wanted = replace(wanted, terms=UNTOLD, ap_account=UNTOLD)
            if list(got) != [wanted] and not (reference in withdrawn and not got):
                yield f"invoice {reference}: previewed {wanted}, received {got}"
        elif got:
            yield f"invoice {reference}: previewed as {preview['outcome']}, received {got}"


def not_previewed(previews: Collection[int], received: Received) -> Iterator[str]:
    """Each bill or vendor credit that came although nobody had been shown it beforehand, in a sentence."""
    for reference, got in received.by_reference.items():
        if reference not in previews:
            yield f"invoice {reference}: nobody previewed {got}"
    for bill_id in received.unmarked:
        yield f"bill {bill_id} came, and no preview can be its own"


def _company(state: Mapping[str, Any], realm_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in state["companies"] if one["realm_id"] == realm_id)
    return found


__all__ = ["Line", "Received", "Transaction", "mismatches", "not_previewed"]
