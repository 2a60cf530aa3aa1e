"""Commitments: subcontracts (`work_order_contracts`) and purchase orders (`purchase_order_contracts`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import PlainValidator

from providers.procore.wire import TextOrBlank, WireId, WireModel


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


_BY_WORD: dict[object, CommitmentType] = {str(one): one for one in CommitmentType}

CommitmentTypeOrNone = Annotated[
    CommitmentType | None, PlainValidator(lambda word: _BY_WORD.get(word) if isinstance(word, str) else None)
]
"""None for any other word: a kind that Procore adds later makes no invoice unreadable."""


class CommitmentVendor(WireModel):
    """The other party."""

    id: WireId


class Commitment(WireModel):
    """A subcontract or a purchase order; `payment_terms` (a text such as "Net 30") exists on purchase
    orders only.
    """

    id: WireId
    commitment_type: CommitmentType
    number: TextOrBlank = ""
    title: TextOrBlank = ""
    vendor: CommitmentVendor | None = None
    payment_terms: TextOrBlank = ""
