"""Each intended verdict is re-derived from the printed documents, by rules written a second time."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from simulators.world.documents import Documents

START = date(2026, 6, 1)
Row = dict[str, Any]


class Derived:
    """All causes that speak against posting a requisition, read from the wire."""

    def __init__(self, demo: Documents) -> None:
        realm = demo.quickbooks_online["companies"][0]
        self.vendors = {row["DisplayName"] for row in realm["Vendor"]}
        self.customers = {row["DisplayName"] for row in realm["Customer"]}
        self.projects = {row["id"]: row for row in demo.procore["projects"]}
        self.pushed = {row["requisition_id"] for row in demo.expected["procore_pushes"]}
        self.service_account = demo.procore["service_account"]["id"]
        self.approved_at: dict[int, datetime] = {}
        self.last_approved_at: dict[int, datetime] = {}
        for change in demo.procore["change_histories"]:
            if change["column"] == "status" and "approved" in change["new_value"].lower():
                self.approved_at.setdefault(change["requisition_id"], _moment(change["created_at"]))
                self.last_approved_at[change["requisition_id"]] = _moment(change["created_at"])

    def import_causes(self, row: Row) -> set[str]:
        if row["status"] not in ("approved", "approved_as_noted"):
            return {"not_approved"}
        seen = self.approved_at.get(row["id"]) or _moment(row["updated_at"])
        causes = {
            "before_start": self.is_before_start(row, seen) and not self.is_reapproved(row),
            "origin_id": row["origin_id"] is not None,
            "erp": row["erp_status"] not in (None, "", "not_integrated", "not_in_erp"),
            "pushed": row["id"] in self.pushed,
        }
        return {cause for cause, holds in causes.items() if holds}

    def is_before_start(self, row: Row, moment: datetime) -> bool:
        return moment.astimezone(ZoneInfo(self.projects[row["project_id"]]["time_zone"])).date() < START

    def is_reapproved(self, row: Row) -> bool:
        first, last = self.approved_at.get(row["id"]), self.last_approved_at.get(row["id"])
        return bool(first and last and self.is_before_start(row, first) and not self.is_before_start(row, last))

    def hold_causes(self, row: Row) -> set[str]:
        items, summary = row["items"], row["summary"]
        due = Decimal(summary["current_payment_due"])
        gap = sum(Decimal(i["net_amount"]) for i in items) - due
        with_money = [i for i in items if Decimal(i["gross_amount"]) or Decimal(i["net_amount"])]
        amounts = [Decimal(i[name]) for i in items for name in ("gross_amount", "net_amount")]
        causes = {
            "own_service_account": row["created_by"]["id"] == self.service_account and row["id"] not in self.pushed,
            "approval_date_unknown": row["id"] not in self.approved_at,
            "reapproved_changed": self.is_reapproved(row),
            "negative_total": due < 0,
            "amounts_disagree": abs(gap) > Decimal("0.05"),
            "small_difference": 0 < abs(gap) <= Decimal("0.05"),
            "no_cost_code": any(i["cost_code_id"] is None for i in with_money),
            "rejected_line": any(i["status"] == "rejected" for i in with_money),
            "third_decimal": any(a != a.quantize(Decimal("0.01")) for a in [*amounts, due]),
            "currency": row["currency_configuration"]["currency_iso_code"] != "USD",
            "vendor_unmapped": row["vendor_name"] not in self.vendors,
            "project_unmapped": self.projects[row["project_id"]]["name"] not in self.customers,
        }
        return {cause for cause, holds in causes.items() if holds}


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _ours(demo: Documents) -> list[tuple[Row, Row]]:
    rows = {str(row["id"]): row for row in demo.procore["requisitions"]}
    return [(rows[identity], outcome) for identity, outcome in demo.expected["requisitions"].items()]


def test_each_reason_is_the_only_one(demo: Documents) -> None:
    derived = Derived(demo)
    for row, outcome in _ours(demo):
        causes = derived.import_causes(row)
        if outcome["verdict"] == "not_imported":
            assert causes == {outcome["reason"]}, row["id"]
            continue
        assert causes == set(), row["id"]
        wanted = {outcome["reason"]} if outcome["verdict"] == "held" else set()
        assert derived.hold_causes(row) == wanted - {"retainage_release"}, row["id"]


def test_nothing_to_post_has_only_zero_lines(demo: Documents) -> None:
    for row, outcome in _ours(demo):
        empty = all(Decimal(i["gross_amount"]) == Decimal(i["net_amount"]) == 0 for i in row["items"])
        assert empty == (outcome["verdict"] == "nothing_to_post") or outcome["verdict"] == "not_imported", row["id"]


def test_bills_from_the_printed_amounts(demo: Documents) -> None:
    """Lines re-computed from gross and net as printed, not from what was withheld."""
    account, retainage = demo.expected["expense_account"], demo.expected["retainage_account"]
    for row, outcome in _ours(demo):
        if outcome["verdict"] != "bill":
            continue
        gross = [Decimal(item["gross_amount"]) for item in row["items"]]
        released = sum(
            (
                Decimal(item["work_completed_retainage_released_this_period"])
                + Decimal(item["materials_stored_retainage_released_this_period"])
                for item in row["items"]
            ),
            Decimal(0),
        )
        withheld = sum(gross) - sum(Decimal(item["net_amount"]) for item in row["items"]) + released
        wanted = [(account, amount) for amount in gross if amount]
        tax = max(
            Decimal(row["summary"]["tax_applicable_to_this_payment"]),
            sum((Decimal(code["applied_amount"]) for code in row["tax_summary"]), Decimal(0)),
        )
        wanted += [(account, tax)] if tax else []
        wanted += [(retainage, -withheld)] if withheld else []
        wanted += [(retainage, released)] if released else []
        lines = [(line["account"], Decimal(line["amount"])) for line in outcome["bill"]["lines"]]
        assert sorted(lines) == sorted(wanted), row["id"]


def test_due_dates_follow_commitment_then_vendor_then_default(demo: Documents) -> None:
    commitments = {row["id"]: row for row in demo.procore["commitments"]}
    realm = demo.quickbooks_online["companies"][0]
    days = {term["Id"]: term["DueDays"] for term in realm["Term"]}
    named = {term["Name"]: term["DueDays"] for term in realm["Term"]}
    vendors = {row["DisplayName"]: row for row in realm["Vendor"]}
    used = set()
    for row, outcome in _ours(demo):
        if outcome["verdict"] != "bill":
            continue
        typed = commitments[row["commitment_id"]].get("payment_terms")
        ref = vendors[row["vendor_name"]].get("TermRef")
        source = "commitment" if typed else "vendor" if ref else "default"
        wanted = named[typed] if typed else days[ref["value"]] if ref else 30
        used.add(source)
        bill = outcome["bill"]
        assert (date.fromisoformat(bill["due"]) - date.fromisoformat(bill["date"])).days == wanted
    assert used == {"commitment", "vendor", "default"}


def test_same_number_clashes_only_where_meant(demo: Documents) -> None:
    """Whatever the order of folding: separators first, or leading zeros of each printed run first."""
    for zeros_first in (True, False):
        users: dict[tuple[int, str], set[int]] = defaultdict(set)
        for row, _ in _ours(demo):
            number = (row["invoice_number"] or "").strip().casefold()
            if number:
                users[row["vendor_id"], _fold(number, zeros_first)].add(row["commitment_id"])
        clashing = {key: ids for key, ids in users.items() if len(ids) > 1}
        assert len(clashing) == 6
        for row, outcome in _ours(demo):
            number = (row["invoice_number"] or "").strip()
            if outcome["verdict"] != "bill" or not number or len(number) > 12:
                continue
            clashes = (row["vendor_id"], _fold(number.casefold(), zeros_first)) in clashing
            prefix = row["contract_name"].split()[0]
            wanted = f"{prefix} {number}" if clashes else number
            if len(wanted) <= 21:
                assert outcome["bill"]["number"] == wanted


def _fold(number: str, zeros_first: bool) -> str:
    if zeros_first:
        return re.sub(r"[ \-#./]", "", re.sub(r"(?<!\d)0+(?=\d)", "", number))
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[ \-#./]", "", number))
