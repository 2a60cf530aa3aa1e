"""Invoices that wait for a person: what the person does about each, and what must stand in the books afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from simulators.world.expectation import (
    EXPENSE_ACCOUNT,
    RETAINAGE_ACCOUNT,
    Clashes,
    bill_number,
    expected_bill,
)
from simulators.world.money import ZERO, plain
from simulators.world.requisitions import Requisition

# What the books call the project and the vendors that they have under other names.
CUSTOMER_OF = {"Harbor Point Phase I": "Harbor Point - Phase 1"}
VENDOR_OF = {"Tri-County Paving LLC": "Tri County Paving LLC", "Front Range Elevator Service": "Front Range Elevators"}
# Its name is a customer's in the books, so the vendor is created under another one.
CREATED = {"Vortex Controls": "Vortex Controls (Vendor)"}
RECODED_TO = "Job Costs:Permits and Fees"
# Of the contracts that release what was withheld before inBuild came, this one was never withheld in the books at all.
TO_COST = 1


class Blocked:
    """The requisitions that a person frees, by what frees them."""

    def __init__(self, requisitions: Iterable[Requisition], clashes: Clashes) -> None:
        self._held = [one for one in requisitions if one.intent.verdict == "held"]
        self._clashes = clashes

    def document(self) -> list[dict[str, Any]]:
        """One entry for each thing to do: its steps in order, and every invoice that it frees with its bill."""
        return [
            *self._projects(),
            *self._vendors(),
            *self._releases(),
            *self._small_differences(),
            *self._without_code(),
            *self._credits(),
        ]

    def _of(self, reason: str) -> list[Requisition]:
        return [one for one in self._held if one.intent.reason == reason]

    def _projects(self) -> list[dict[str, Any]]:
        entries = []
        for name, customer in CUSTOMER_OF.items():
            mine = [one for one in self._of("project_unmapped") if one.commitment.project.name == name]
            step = {"do": "match", "kind": "project", "procore_id": str(mine[0].commitment.project.id), "to": customer}
            invoices = [self._freed(one, customer=customer) for one in mine]
            entries.append(_entry("project_unmapped", [step], invoices))
        return entries

    def _vendors(self) -> list[dict[str, Any]]:
        entries = []
        for name, in_books in (VENDOR_OF | CREATED).items():
            mine = [one for one in self._of("vendor_unmapped") if one.commitment.vendor.name == name]
            vendor_id = str(mine[0].commitment.vendor.id)
            step = {"do": "match", "kind": "vendor", "procore_id": vendor_id, "to": in_books}
            if name in CREATED:
                step = {"do": "create_vendor", "procore_id": vendor_id, "to": in_books}
            entries.append(_entry("vendor_unmapped", [step], [self._freed(one, vendor=in_books) for one in mine]))
        return entries

    def _releases(self) -> list[dict[str, Any]]:
        entries = []
        for place, one in enumerate(self._of("retainage_release")):
            if place == TO_COST:
                beyond = one.released - one.withheld - _booked(one)
                step = {"do": "excess_to_cost", "amount": plain(beyond)}
                entries.append(_entry("retainage_release", [step], [self._freed(one, to_cost=beyond)]))
            else:
                entries.append(_entry("retainage_release", [_opening(one)], [self._freed(one)]))
        return entries

    def _small_differences(self) -> list[dict[str, Any]]:
        return [
            _entry(
                "small_difference",
                [{"do": "small_difference", "amount": plain(one.misstatement)}],
                [self._freed(one, on_retainage=one.misstatement)],
            )
            for one in self._of("small_difference")
        ]

    def _without_code(self) -> list[dict[str, Any]]:
        entries = []
        for one in self._of("no_cost_code"):
            places = [place for place, item in enumerate(one.items, start=1) if item.line.cost_code is None]
            steps = [{"do": "recode", "position": place, "to": RECODED_TO} for place in places]
            entries.append(_entry("no_cost_code", steps, [self._freed(one, uncoded_to=RECODED_TO)]))
        return entries

    def _credits(self) -> list[dict[str, Any]]:
        """Work taken back, with the retainage that was withheld on it: every sign changes."""
        entries = []
        for one in self._of("negative_total"):
            step = {"do": "vendor_credit", "amount": plain(one.due)}
            bill = expected_bill(one, self._clashes)
            lines = [{**line, "amount": plain(-Decimal(line["amount"]))} for line in bill["lines"]]
            credit = {**bill, "total": plain(-Decimal(bill["total"])), "lines": lines, "due": ""}
            entries.append(_entry("negative_total", [step], [{**_named(one), "bill": credit, "is_credit": True}]))
        return entries

    def _freed(
        self,
        one: Requisition,
        *,
        customer: str = "",
        vendor: str = "",
        to_cost: Decimal = ZERO,
        uncoded_to: str = EXPENSE_ACCOUNT,
        on_retainage: Decimal = ZERO,
    ) -> dict[str, Any]:
        commitment = one.commitment
        amounts = [
            (EXPENSE_ACCOUNT if item.line.cost_code else uncoded_to, item.gross)
            for item in one.items
            if item.gross != ZERO
        ]
        amounts += [(RETAINAGE_ACCOUNT, on_retainage - one.withheld)] if one.withheld != ZERO else []
        amounts += [(EXPENSE_ACCOUNT, to_cost)] if to_cost != ZERO else []
        amounts += [(RETAINAGE_ACCOUNT, one.released - to_cost)] if one.released != to_cost else []
        bill = {
            **expected_bill(one, self._clashes),
            "vendor": vendor or commitment.vendor.name,
            "number": bill_number(one, self._clashes),
            "total": plain(sum((amount for _, amount in amounts), ZERO)),
            "lines": [
                {
                    "account": account,
                    "customer": customer or commitment.project.customer_path(),
                    "amount": plain(amount),
                }
                for account, amount in amounts
            ],
        }
        return {**_named(one), "bill": bill, "is_credit": False}


def _entry(reason: str, steps: Sequence[dict[str, Any]], invoices: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"reason": reason, "steps": list(steps), "invoices": list(invoices)}


def _named(one: Requisition) -> dict[str, Any]:
    return {"requisition_id": one.id, "project_id": one.commitment.project.id}


def _opening(one: Requisition) -> dict[str, Any]:
    """What was withheld before inBuild came, which the books hold already."""
    before = (one.previous.total_retainage if one.previous else ZERO) - _booked(one)
    return {"do": "opening", "commitment_id": str(one.commitment.id), "amount": plain(before)}


def _booked(one: Requisition) -> Decimal:
    """What bills of ours withheld on the same contract before it."""
    booked, earlier = ZERO, one.previous
    while earlier is not None:
        if earlier.intent.verdict == "bill":
            booked += earlier.withheld - earlier.released
        earlier = earlier.previous
    return booked
