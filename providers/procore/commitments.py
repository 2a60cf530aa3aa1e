"""Commitments: subcontracts (`work_order_contracts`) and purchase orders (`purchase_order_contracts`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from providers.procore.wire import Instant, Money, NullIsEmpty, Text, TextOrBlank, WireId, WireModel


class CommitmentType(StrEnum):
    """The words of a requisition's `commitment_type`."""

    WORK_ORDER = "WorkOrderContract"
    PURCHASE_ORDER = "PurchaseOrderContract"

    @property
    def path(self) -> str:
        """The list's path below the API base."""
        return {
            CommitmentType.WORK_ORDER: "/rest/v1.0/work_order_contracts",
            CommitmentType.PURCHASE_ORDER: "/rest/v1.0/purchase_order_contracts",
        }[self]


class CommitmentVendor(WireModel):
    """The other party; Procore calls its name `company` here."""

    id: WireId
    company: TextOrBlank = ""


class CommitmentCostCode(WireModel):
    """The cost code of an SOV line."""

    id: WireId
    full_code: TextOrBlank = ""
    name: TextOrBlank = ""


class LineItemType(WireModel):
    """The cost type of an SOV line."""

    id: WireId
    name: TextOrBlank = ""
    code: TextOrBlank = ""
    base_type: TextOrBlank = ""


class CommitmentLine(WireModel):
    """One SOV line of the contract; a requisition item names it by `line_item_id`."""

    id: WireId
    amount: Money | None = None
    description: TextOrBlank = ""
    position: int | None = None
    cost_code: CommitmentCostCode | None = None
    line_item_type: LineItemType | None = None


class Commitment(WireModel):
    """A subcontract or a purchase order; `payment_terms` (a text such as "Net 30") exists on purchase
    orders only.
    """

    id: WireId
    commitment_type: CommitmentType
    number: TextOrBlank = ""
    title: TextOrBlank = ""
    status: TextOrBlank = ""
    executed: bool | None = None
    vendor: CommitmentVendor | None = None
    accounting_method: TextOrBlank = ""
    payment_terms: TextOrBlank = ""
    grand_total: Money | None = None
    private: bool | None = None
    origin_id: Text | None = None
    updated_at: Instant | None = None
    line_items: Annotated[tuple[CommitmentLine, ...], NullIsEmpty] = ()
