"""A requisition: the invoice of one commitment for one billing period."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from simulators.world.commitments import Commitment
from simulators.world.items import Item
from simulators.world.money import ZERO, Printer
from simulators.world.people import Person
from simulators.world.projects import stamp

DRAFT = "draft"
UNDER_REVIEW = "under_review"
REVISE = "revise_and_resubmit"
PENDING_OWNER = "pending_owner_approval"
APPROVED = "approved"
AS_NOTED = "approved_as_noted"
STATUSES = (DRAFT, UNDER_REVIEW, REVISE, PENDING_OWNER, APPROVED, AS_NOTED)
APPROVALS = (APPROVED, AS_NOTED)


@dataclass(frozen=True)
class Period:
    """A month's billing period; `id` is unique per project."""

    id: int
    start: date
    end: date


@dataclass(frozen=True)
class Change:
    """One row of the change history."""

    id: int
    at: datetime
    column: str
    old: str | None
    new: str
    by: Person

    def relabelled(self, label: str) -> Change:
        """The same row with the new value spelled as people see it."""
        return replace(self, new=label)

    def wire(self, requisition_id: int) -> dict[str, Any]:
        return {
            "id": self.id,
            "column": self.column,
            "old_value": self.old,
            "new_value": self.new,
            "action_by": self.by.name,
            "action_by_id": self.by.id,
            "created_at": stamp(self.at),
            "ref_id": requisition_id,
            "ref_type": "Billings::Requisition",
            "requisition_id": requisition_id,
        }


@dataclass(frozen=True)
class Intent:
    """What the generator means to become of it; the expectation copies this, nobody derives it."""

    verdict: str
    reason: str


@dataclass
class Requisition:
    id: int
    commitment: Commitment
    number: int
    period: Period
    billing_date: date
    invoice_number: str | None
    items: list[Item]
    previous: Requisition | None
    created_by: Person
    created_at: datetime
    updated_at: datetime
    intent: Intent
    status: str = DRAFT
    history: list[Change] = field(default_factory=list)
    origin_id: str | None = None
    erp_status: str | None = None
    tax: Decimal = ZERO
    """Tax that the summary says applies to this payment."""
    tax_rows: list[dict[str, Any]] = field(default_factory=list)
    misstatement: Decimal = ZERO
    """How far the summary's amount due is from the sum of the lines."""
    payment_date: date | None = None
    move_materials: bool = False
    attachments: list[dict[str, Any]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    """Why it was chosen, so that nothing is chosen twice."""

    @property
    def gross(self) -> Decimal:
        return sum((item.gross for item in self.items), ZERO)

    @property
    def withheld(self) -> Decimal:
        return sum((item.withheld for item in self.items), ZERO)

    @property
    def released(self) -> Decimal:
        return sum((item.released for item in self.items), ZERO)

    @property
    def total_to_date(self) -> Decimal:
        return sum((item.total for item in self.items), ZERO)

    @property
    def total_retainage(self) -> Decimal:
        return sum((item.work_retainage + item.stored_retainage for item in self.items), ZERO)

    @property
    def earned(self) -> Decimal:
        """Total earned less retainage."""
        return self.total_to_date - self.total_retainage

    @property
    def certified_before(self) -> Decimal:
        return self.previous.earned if self.previous else ZERO

    @property
    def due(self) -> Decimal:
        """The true payment due; what the summary claims is off by `misstatement`."""
        return self.earned - self.certified_before

    @property
    def tax_to_pay(self) -> Decimal:
        """Tax on top of the amount due, wherever the requisition says so."""
        listed = sum((Decimal(row["applied_amount"]) for row in self.tax_rows), ZERO)
        return max(self.tax, listed)

    @property
    def is_approved(self) -> bool:
        return self.status in APPROVALS

    @property
    def kind(self) -> str:
        if self.released == ZERO:
            return "progress"
        return "retainage_release" if self.gross == ZERO else "progress_and_retainage_release"

    def wire(self, printed: Printer) -> dict[str, Any]:
        commitment, project = self.commitment, self.commitment.project
        contract_sum = commitment.original_sum + sum((line.scheduled for line in commitment.changes(self.number)), ZERO)
        vendor = commitment.vendor
        return {
            "id": self.id,
            "previous_requisition_id": self.previous.id if self.previous else None,
            "project_id": project.id,
            "billing_date": self.billing_date.isoformat(),
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            "commitment_id": commitment.id,
            "commitment_type": commitment.kind,
            "contract_name": f"{commitment.number} {commitment.title}",
            "deletable": not self.is_approved,
            "final": False,
            "vendor_name": vendor.name,
            "vendor_id": vendor.id,
            "invoice_number": self.invoice_number,
            "invoice_type": self.kind,
            "contract_invoicing_method": "progressive",
            "accounting_method": "unit" if any(item.line.unit for item in self.items) else "amount",
            "origin_data": None,
            "origin_id": self.origin_id,
            "payment_date": self.payment_date.isoformat() if self.payment_date else None,
            "percent_complete": f"{self.total_to_date / contract_sum * 100:.2f}" if contract_sum else "0.00",
            "period_id": self.period.id,
            "requisition_start": self.period.start.isoformat(),
            "requisition_end": self.period.end.isoformat(),
            "status": self.status,
            "erp_status": self.erp_status,
            "number": self.number,
            "submitted_at": None if self.status == DRAFT else self.created_at.date().isoformat(),
            "total_claimed_amount": printed(self.gross),
            "electronic_signature_id": None,
            "move_materials_to_previous_work_completed": self.move_materials,
            "summary": self._summary(contract_sum, printed),
            "summary_text": {},
            "tax_summary": self.tax_rows,
            "created_by": self.created_by.creator(),
            "subtiers_certified_by": None,
            "currency_configuration": commitment.currency_wire(),
            "custom_fields": {},
            "attachments": self.attachments,
            "items": [item.wire(commitment, printed) for item in self.items],
            "item_packages": [],
        }

    def _summary(self, contract_sum: Decimal, printed: Printer) -> dict[str, str]:
        commitment, percent = self.commitment, f"{self.commitment.retainage_percent:.2f}"
        changes = commitment.changes(self.number)
        new = [line.scheduled for line in changes if line.from_number == self.number]
        old = [line.scheduled for line in changes if line.from_number < self.number]
        delivered = sum((item.work.delivered for item in self.items), ZERO)

        def signed(amounts: list[Decimal], sign: int) -> str:
            return printed(sum((amount for amount in amounts if amount * sign > 0), ZERO))

        return {
            "original_contract_sum": printed(commitment.original_sum),
            "net_change_by_change_orders": printed(sum(new + old, ZERO)),
            "contract_sum_to_date": printed(contract_sum),
            "total_completed_and_stored_to_date": printed(self.total_to_date),
            "completed_work_retainage_percent": percent,
            "completed_work_retainage_amount": printed(sum((i.work_retainage for i in self.items), ZERO)),
            "stored_materials_retainage_percent": percent,
            "stored_materials_retainage_amount": printed(sum((i.stored_retainage for i in self.items), ZERO)),
            "total_retainage": printed(self.total_retainage),
            "total_earned_less_retainage": printed(self.earned),
            "less_previous_certificates_for_payment": printed(self.certified_before),
            "current_payment_due": printed(self.due + self.misstatement),
            "balance_to_finish_including_retainage": printed(contract_sum - self.earned),
            "tax_applicable_to_this_payment": printed(self.tax),
            "new_materials": printed(delivered),
            "stored_materials": printed(sum((item.stored for item in self.items), ZERO)),
            "positive_change_order_item_total": signed(new + old, 1),
            "positive_new_change_order_item_total": signed(new, 1),
            "positive_previous_change_order_item_total": signed(old, 1),
            "negative_change_order_item_total": signed(new + old, -1),
            "negative_new_change_order_item_total": signed(new, -1),
            "negative_previous_change_order_item_total": signed(old, -1),
            "formatted_period": f"{self.period.start:%m/%d/%y} - {self.period.end:%m/%d/%y}",
        }
