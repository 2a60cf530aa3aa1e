"""What an invoice is to the accounting rules, whichever way it came: a Procore requisition or an upload."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from accounting.money import ZERO


class InvoiceSource(StrEnum):
    """The kind of object an invoice came from; ids of different kinds may collide."""

    PROCORE_REQUISITION = "procore_requisition"
    UPLOAD = "upload"


@dataclass(frozen=True)
class InvoiceLine:
    """One SOV line for this period, in the invoice's currency.

    ``gross`` is work and stored material billed this period, ``withheld`` and ``released`` the retainage of this
    period, both positive when money is kept back or let go. ``net`` is what the source says is due for the line.
    ``quantity`` is how many units ``gross`` is the price of; None where it is not billed by unit, or not alone.
    """

    position: int
    description: str
    cost_code_id: str | None
    budget_code: str | None
    gross: Decimal
    withheld: Decimal
    released: Decimal
    net: Decimal
    is_rejected: bool = False
    quantity: Decimal | None = None


@dataclass(frozen=True)
class Invoice:
    """A vendor's invoice on a commitment, independent of where it came from.

    ``reference`` is inBuild's own number, shown in the bill's memo. ``sequence`` is Procore's requisition number
    within the commitment. ``due`` is the amount to be paid now (Procore: ``current_payment_due``), ``tax`` the tax
    the source says applies to it. ``retainage_change`` is the change of total retainage since the previous
    requisition as the source's own summary states it; None when the source has no such summary. ``approved_at`` is an
    aware UTC instant.
    """

    reference: int
    source: InvoiceSource
    source_id: str
    project_id: str
    project_name: str
    commitment_id: str
    commitment_number: str
    sequence: int
    vendor_id: str
    vendor_name: str
    number: str
    billing_date: date
    currency: str
    due: Decimal
    tax: Decimal
    retainage_change: Decimal | None
    lines: tuple[InvoiceLine, ...]
    payment_terms: str | None = None
    approved_at: datetime | None = None

    @cached_property
    def gross(self) -> Decimal:
        """Work and stored material billed this period, over all lines."""
        return sum((line.gross for line in self.lines), ZERO)

    @cached_property
    def withheld(self) -> Decimal:
        """Retainage kept back this period, over all lines."""
        return sum((line.withheld for line in self.lines), ZERO)

    @cached_property
    def released(self) -> Decimal:
        """Retainage let go this period, over all lines."""
        return sum((line.released for line in self.lines), ZERO)


@dataclass(frozen=True)
class Requisition:
    """The facts of a Procore requisition that decide whether it is imported.

    ``updated_at`` and ``created_at`` are aware UTC instants; Procore keeps no time of approval.
    """

    requisition_id: str
    project_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    created_by_id: str | None
    origin_id: str | None
    erp_status: str | None
    due: Decimal


@dataclass(frozen=True)
class StatusChange:
    """One row of a requisition's change history that touched its status (aware UTC instant)."""

    changed_at: datetime
    old_status: str | None
    new_status: str
    actor_id: str | None
