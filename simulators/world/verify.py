"""Proof that a generated world is what it claims to be, from its printed documents alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from simulators.world.arithmetic import Wire, due_fault, requisition_faults, sum_of
from simulators.world.documents import Documents
from simulators.world.money import ZERO

MONEY = re.compile(r"-?\d+(\.\d+)?")
MONEY_KEYS = re.compile(
    r"amount|_sum|value$|unit_price|unit_cost|grand_total|retainage(?!_percent)|stored|completed|due$|finish"
)
KINDS = ("users", "projects", "vendors", "commitments", "cost_codes", "requisitions", "change_histories")
HELD_WITH_WRONG_DUE = ("amounts_disagree", "small_difference")


class WorldIsWrong(ValueError):
    """The generator broke one of its own promises; the message lists all breaches."""


def verify(documents: Documents) -> str:
    """One line of counts. Raises WorldIsWrong with everything that does not hold."""
    faults = [
        *_id_faults(documents.procore),
        *_arithmetic_faults(documents),
        *_expectation_faults(documents),
        *_release_faults(documents),
        *_money_faults(documents.procore["requisitions"]),
        *_money_faults(documents.procore["commitments"]),
        *_name_faults(documents),
    ]
    if faults:
        raise WorldIsWrong("\n".join(faults))
    verdicts = Counter(outcome["verdict"] for outcome in documents.expected["requisitions"].values())
    total = sum((Decimal(bill["total"]) for bill in _bills(documents)), ZERO)
    return f"{len(documents.procore['requisitions'])} requisitions, {verdicts['bill']} bills, ${total:,}; " + ", ".join(
        f"{verdict} {count}" for verdict, count in sorted(verdicts.items())
    )


def _bills(documents: Documents) -> Iterator[dict[str, Any]]:
    for outcome in documents.expected["requisitions"].values():
        if "bill" in outcome:
            yield outcome["bill"]


def _id_faults(procore: Wire) -> Iterator[str]:
    for kind in KINDS:
        for identity, count in Counter(row["id"] for row in procore[kind]).items():
            if count > 1:
                yield f"{kind}: id {identity} occurs {count} times"
    items = Counter(item["id"] for row in procore["requisitions"] for item in row["items"])
    yield from (f"items: id {identity} occurs {count} times" for identity, count in items.items() if count > 1)
    origins = Counter(row["origin_id"] for row in procore["requisitions"] if row["origin_id"])
    yield from (f"origin_id {origin} is not unique" for origin, count in origins.items() if count > 1)
    known = {kind: {row["id"] for row in procore[kind]} for kind in KINDS}
    for row in procore["requisitions"]:
        for name, kind in (("commitment_id", "commitments"), ("vendor_id", "vendors"), ("project_id", "projects")):
            if row[name] not in known[kind]:
                yield f"requisition {row['id']}: no such {name} {row[name]}"
        for item in row["items"]:
            if item["cost_code_id"] is not None and item["cost_code_id"] not in known["cost_codes"]:
                yield f"requisition {row['id']}: no such cost code {item['cost_code_id']}"


def _arithmetic_faults(documents: Documents) -> Iterator[str]:
    by_id = {row["id"]: row for row in documents.procore["requisitions"]}
    for row in by_id.values():
        previous = by_id.get(row["previous_requisition_id"])
        yield from requisition_faults(row, previous)
        if (row["number"] == 1) != (previous is None):
            yield f"{row['id']}: number {row['number']} and its previous requisition do not fit"
        if previous and (previous["commitment_id"], previous["number"]) != (
            row["commitment_id"],
            row["number"] - 1,
        ):
            yield f"{row['id']}: {previous['id']} is not the requisition before it"
        outcome = documents.expected["requisitions"].get(str(row["id"]), {})
        wrong_due = due_fault(row)
        if (wrong_due is not None) != (outcome.get("reason") in HELD_WITH_WRONG_DUE):
            yield wrong_due or f"{row['id']}: the sums agree although they should not"


def _expectation_faults(documents: Documents) -> Iterator[str]:
    rows = {str(row["id"]): row for row in documents.procore["requisitions"]}
    expected = documents.expected["requisitions"]
    elsewhere = documents.expected.get("other_companies", {}).values()
    on_desktop = documents.expected.get("desktop", {}).get("requisitions", {})
    covered = {*expected, *on_desktop, *(identity for company in elsewhere for identity in company)}
    if covered != set(rows):
        yield f"expectations and requisitions differ in {sorted(covered ^ set(rows))}"
    for identity, outcome in (expected | on_desktop).items():
        if ("bill" in outcome) != (outcome["verdict"] == "bill"):
            yield f"{identity}: a bill is expected exactly when the verdict is bill"
        if "bill" in outcome and identity in rows:
            yield from _bill_faults(identity, outcome["bill"], rows[identity])


def _bill_faults(identity: str, bill: dict[str, Any], row: Wire) -> Iterator[str]:
    total = Decimal(bill["total"])
    if sum((Decimal(line["amount"]) for line in bill["lines"]), ZERO) != total:
        yield f"{identity}: the lines of the bill do not add up to {total}"
    if total != Decimal(row["summary"]["current_payment_due"]) + _tax(row):
        yield f"{identity}: bill {total}, due {row['summary']['current_payment_due']}"
    if total < ZERO or not bill["lines"]:
        yield f"{identity}: no bill over {total} can be posted"
    if not 0 < len(bill["number"]) <= 21 or bill["number"] != bill["number"].strip():
        yield f"{identity}: {bill['number']!r} is no bill number"
    if bill["date"] != row["billing_date"] or bill["due"] < bill["date"]:
        yield f"{identity}: dates {bill['date']}, {bill['due']}"


def _tax(row: Wire) -> Decimal:
    """What comes on top of the amount due, in the summary or in the list of tax codes."""
    in_summary = Decimal(row["summary"]["tax_applicable_to_this_payment"])
    return max(in_summary, sum_of(row["tax_summary"], "applied_amount"))


def _release_faults(documents: Documents) -> Iterator[str]:
    """A release posts only if the bills before it on that commitment withheld as much; held ones could never."""
    expected = documents.expected["requisitions"]
    withheld_by_bills: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in sorted(documents.procore["requisitions"], key=lambda row: int(row["number"])):
        outcome = expected.get(str(row["id"]), {})
        released = sum_of(row["items"], "work_completed_retainage_released_this_period") + sum_of(
            row["items"], "materials_stored_retainage_released_this_period"
        )
        withheld = sum_of(row["items"], "gross_amount") - sum_of(row["items"], "net_amount") + released
        booked = withheld_by_bills[row["commitment_id"]]
        if outcome.get("verdict") == "bill":
            if released > booked:
                yield f"{row['id']}: releases {released} of {booked}"
            withheld_by_bills[row["commitment_id"]] = booked + withheld - released
        if outcome.get("reason") == "retainage_release" and released <= booked + withheld:
            yield f"{row['id']}: a release of {released} is no more than {booked} + {withheld}"


def _money_faults(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _money_faults(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _money_faults(inner, key)
    elif MONEY_KEYS.search(key) and not key.endswith(("_percent", "_period", "text")):
        if isinstance(value, float | int) and not isinstance(value, bool):
            yield f"{key}: {value!r} is no string"
        if isinstance(value, str) and not MONEY.fullmatch(value):
            yield f"{key}: {value!r} is no amount"


def _name_faults(documents: Documents) -> Iterator[str]:
    """Names and numbers on which the matching rests."""
    for company in documents.quickbooks_online["companies"]:
        for kind, name in (
            ("Vendor", "DisplayName"),
            ("Customer", "DisplayName"),
            ("Account", "FullyQualifiedName"),
        ):
            yield from (
                f"{company['realm_id']}: {kind} {text!r} occurs {count} times"
                for text, count in Counter(row[name] for row in company[kind]).items()
                if count > 1
            )
    numbers: Iterable[tuple[str, str]] = ((bill["vendor"], bill["number"]) for bill in _bills(documents))
    yield from (
        f"{vendor} gets two bills {number!r}" for (vendor, number), count in Counter(numbers).items() if count > 1
    )
    realm = documents.quickbooks_online["companies"][0]
    vendors = {row["DisplayName"] for row in realm["Vendor"]}
    customers = {row["FullyQualifiedName"] for row in realm["Customer"]}
    for bill in _bills(documents):
        if bill["vendor"] not in vendors or bill["lines"][0]["customer"] not in customers:
            yield f"{bill['number']}: {bill['vendor']} or its customer is not in the books"
