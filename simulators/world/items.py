"""What one requisition bills on one line of the schedule of values, and how it rolls forward."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulators.world.commitments import Commitment, SovLine
from simulators.world.money import ZERO, Printer, percent_of


@dataclass(frozen=True)
class Work:
    """This period on one line: the only numbers a person enters."""

    done: Decimal = ZERO
    delivered: Decimal = ZERO
    """Materials newly stored."""
    moved: Decimal = ZERO
    """Stored materials built in: cost was billed when they were delivered."""
    release: Decimal = ZERO
    """Retainage on completed work given back."""
    release_stored: Decimal = ZERO
    status: str = "approved"


@dataclass(frozen=True)
class Item:
    """One line of a requisition. Cumulative amounts are as at the end of its period."""

    id: int
    line: SovLine
    work: Work
    percent: Decimal
    previous_work: Decimal
    stored_before: Decimal
    stored: Decimal
    retained: Decimal
    retained_on_delivery: Decimal
    retained_moved: Decimal
    work_retainage_before: Decimal
    work_retainage: Decimal
    stored_retainage: Decimal
    total_before: Decimal
    previous_id: int | None

    @property
    def total(self) -> Decimal:
        return self.previous_work + self.work.done + self.stored

    @property
    def gross(self) -> Decimal:
        """Cost of this period: work done plus materials delivered, never what was merely moved."""
        return self.work.done + self.work.delivered

    @property
    def withheld(self) -> Decimal:
        return self.retained + self.retained_on_delivery

    @property
    def released(self) -> Decimal:
        return self.work.release + self.work.release_stored

    @property
    def net(self) -> Decimal:
        return self.gross - self.withheld + self.released

    def wire(self, commitment: Commitment, printed: Printer) -> dict[str, Any]:
        line, work, code = self.line, self.work, self.line.cost_code
        share = self.total / line.scheduled * 100 if line.scheduled else ZERO
        share_before = self.total_before / line.scheduled * 100 if line.scheduled else ZERO
        return {
            "id": self.id,
            "item_type": line.item_type,
            "accounting_method": "unit" if line.unit else "amount",
            "cost_code_id": code.id if code else None,
            "wbs_code": code.wbs(commitment.cost_type) if code else None,
            "line_item_id": line.id,
            "line_number": line.position,
            "position": line.position,
            "description_of_work": line.description,
            "scheduled_value": printed(line.scheduled),
            "scheduled_quantity": printed(line.unit.quantity) if line.unit else None,
            "scheduled_unit_price": printed(line.unit.price) if line.unit else None,
            "work_completed_from_previous_application": printed(self.previous_work),
            "work_completed_from_previous_application_quantity": self._quantity(self.previous_work),
            "work_completed_this_period": printed(work.done),
            "work_completed_this_period_quantity": self._quantity(work.done),
            "materials_presently_stored": printed(self.stored),
            "materials_presently_stored_quantity": None,
            "materials_presently_stored_from_previous_progress": printed(self.stored_before),
            "materials_previously_stored_quantity": None,
            "materials_moved": printed(work.moved),
            "materials_retainage_retained_moved": printed(self.retained_moved),
            "total_completed_and_stored_to_date": printed(self.total),
            "total_completed_and_stored_to_date_percent": f"{share:.2f}",
            "total_completed_and_stored_to_date_from_previous": printed(self.total_before),
            "total_completed_and_stored_to_date_percent_from_previous": f"{share_before:.2f}",
            "work_completed_retainage_from_previous_application": printed(self.work_retainage_before),
            "work_completed_retainage_retained_this_period": printed(self.retained),
            "work_completed_retainage_percent_this_period": f"{self.percent:.2f}",
            "work_completed_retainage_released_this_period": printed(work.release),
            "materials_stored_retainage_currently_retained": printed(self.stored_retainage),
            "materials_stored_retainage_percent_this_period": f"{self.percent:.2f}",
            "materials_stored_retainage_new_materials": printed(self.retained_on_delivery),
            "materials_stored_retainage_released_this_period": printed(work.release_stored),
            "gross_amount": printed(self.gross),
            "net_amount": printed(self.net),
            "subcontractor_claimed_amount": printed(self.gross),
            "previous_progress_id": self.previous_id,
            "status": work.status,
            "comment": None,
            "ssr_manual_override": False,
            "taxes": [],
            "uom": line.unit.measure if line.unit else None,
        }

    def _quantity(self, amount: Decimal) -> str | None:
        return f"{amount / self.line.unit.price:.4f}" if self.line.unit else None


def bill_line(item_id: int, line: SovLine, work: Work, percent: Decimal, before: Item | None) -> Item:
    """Roll a line forward by one period; retainage is rounded per line, half up, as Procore's tutorial prints it."""
    stored_before = before.stored if before else ZERO
    stored_retainage_before = before.stored_retainage if before else ZERO
    work_retainage_before = before.work_retainage if before else ZERO
    retained = percent_of(work.done, percent)
    on_delivery = percent_of(work.delivered, percent)
    all_moved = work.moved == stored_before
    moved_retainage = stored_retainage_before if all_moved else percent_of(work.moved, percent)
    return Item(
        id=item_id,
        line=line,
        work=work,
        percent=percent,
        previous_work=(before.previous_work + before.work.done if before else ZERO) + work.moved,
        stored_before=stored_before,
        stored=stored_before - work.moved + work.delivered,
        retained=retained,
        retained_on_delivery=on_delivery,
        retained_moved=moved_retainage,
        work_retainage_before=work_retainage_before,
        work_retainage=work_retainage_before + moved_retainage + retained - work.release,
        stored_retainage=stored_retainage_before - moved_retainage + on_delivery - work.release_stored,
        total_before=before.total if before else ZERO,
        previous_id=before.id if before else None,
    )
