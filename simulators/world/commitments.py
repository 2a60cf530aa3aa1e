"""Subcontracts and purchase orders with their schedule of values and change orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulators.world.cost_codes import CostCode
from simulators.world.money import ZERO, Printer
from simulators.world.projects import Project
from simulators.world.vendors import TERM_DAYS, Vendor

SUBCONTRACT = "WorkOrderContract"
PURCHASE_ORDER = "PurchaseOrderContract"


@dataclass(frozen=True)
class Unit:
    """How a unit-price line is measured."""

    quantity: Decimal
    price: Decimal
    measure: str


@dataclass(frozen=True)
class SovLine:
    """One line of the schedule of values; a change order's line counts from `from_number` on."""

    id: int
    position: int
    description: str
    scheduled: Decimal
    cost_code: CostCode | None
    unit: Unit | None = None
    item_type: str = "contract_item"
    from_number: int = 1

    @property
    def is_change(self) -> bool:
        return self.item_type != "contract_item"


@dataclass
class Commitment:
    id: int
    number: str
    kind: str
    title: str
    project: Project
    vendor: Vendor
    retainage_percent: Decimal
    payment_terms: str | None
    """Purchase orders only, as a person typed it; None leaves the vendor's terms in force."""
    currency: str = "USD"
    lines: list[SovLine] = field(default_factory=list)

    @property
    def days(self) -> int:
        """Days from bill date to due date, by commitment, else vendor, else company default."""
        if self.kind == PURCHASE_ORDER and self.payment_terms:
            return TERM_DAYS[self.payment_terms]
        return self.vendor.days

    @property
    def original_sum(self) -> Decimal:
        return sum((line.scheduled for line in self.lines if not line.is_change), ZERO)

    def changes(self, number: int) -> list[SovLine]:
        """Change-order lines that count in requisition `number`."""
        return [line for line in self.lines if line.is_change and line.from_number <= number]

    def wire(self, invoiced: Decimal, printed: Printer) -> dict[str, Any]:
        """`invoiced` is what its requisitions claim so far, net of retainage."""
        changes = sum((line.scheduled for line in self.lines if line.is_change), ZERO)
        revised = self.original_sum + changes
        subcontract = self.kind == SUBCONTRACT
        return {
            "id": self.id,
            "number": self.number,
            "title": self.title,
            "status": "Approved",
            "executed": True,
            "accounting_method": "unit" if any(line.unit for line in self.lines) else "amount",
            "vendor": {"id": self.vendor.id, "company": self.vendor.name, "origin_id": None, "origin_data": None},
            "project": {"id": self.project.id, "name": self.project.name},
            "grand_total": printed(self.original_sum),
            "revised_contract": printed(revised),
            "approved_change_orders": printed(changes),
            "total_payments": "0.0",
            "total_draw_requests_amount": printed(invoiced),
            "total_requisitions_amount": printed(invoiced),
            "remaining_balance_outstanding": printed(revised - invoiced),
            "percentage_paid": "0.0",
            "retainage_percent": f"{self.retainage_percent:.1f}",
            "requisitions_are_enabled": True,
            "private": False,
            "origin_id": None,
            "origin_code": None,
            "origin_data": None,
            "created_by_id": 1102,
            "deleted_at": None,
            "created_at": "2026-01-20T17:00:00Z",
            "updated_at": "2026-02-02T17:00:00Z",
            **({} if subcontract else {"payment_terms": self.payment_terms}),
            "line_items": [self._line_wire(line, printed) for line in self.lines if not line.is_change],
            "payments_issued": [],
            "currency_configuration": self.currency_wire(),
            "project_id": self.project.id,
            "commitment_type": self.kind,
        }

    def currency_wire(self) -> dict[str, Any]:
        rate = Decimal("1.0") if self.currency == "USD" else Decimal("0.7312")
        return {
            "currency_iso_code": self.currency,
            "currency_exchange_rate": rate,
            "base_currency_iso_code": "USD",
        }

    @property
    def cost_type(self) -> str:
        return "S" if self.kind == SUBCONTRACT else "M"

    def _line_wire(self, line: SovLine, printed: Printer) -> dict[str, Any]:
        code = line.cost_code
        return {
            "id": line.id,
            "amount": printed(line.scheduled),
            "total_amount": printed(line.scheduled),
            "quantity": printed(line.unit.quantity) if line.unit else "1.0",
            "unit_cost": printed(line.unit.price) if line.unit else printed(line.scheduled),
            "uom": line.unit.measure if line.unit else "ls",
            "description": line.description,
            "position": line.position,
            "cost_code": {"id": code.id, "full_code": code.code, "name": code.name} if code else None,
            "line_item_type": {"id": 301 if self.cost_type == "S" else 302, "code": self.cost_type},
            "wbs_code": code.wbs(self.cost_type) if code else None,
            "tax_code_id": None,
            "origin_id": None,
        }
