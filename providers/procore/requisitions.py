"""Subcontractor invoices, which Procore calls requisitions (`/rest/v1.1/requisitions`).

Status words: draft, under_review, revise_and_resubmit, approved, approved_as_noted,
pending_owner_approval. They are kept as texts: a word Procore adds later is no reason to lose the
invoice. For the same reason only the fields that somebody uses are read, of the many that Procore sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from providers.procore.commitments import CommitmentTypeOrNone
from providers.procore.wire import (
    Day,
    Instant,
    Money,
    MoneyOrZero,
    NullIsEmpty,
    Text,
    TextOrBlank,
    Unreadable,
    WireId,
    WireModel,
    id_in,
    read_record,
)

_ZERO = Decimal(0)


class RequisitionView(StrEnum):
    """How much of a requisition a call returns; items and taxes come with `extended` only."""

    DEFAULT = "default"
    EXTENDED = "extended"
    ITEMS = "items"
    HEADER_ONLY = "header_only"


class RequisitionSummary(WireModel):
    """The amounts of the form G702, in the commitment's currency."""

    current_payment_due: Money
    total_retainage: Money | None = None
    less_previous_certificates_for_payment: Money | None = None
    tax_applicable_to_this_payment: MoneyOrZero = _ZERO


class Author(WireModel):
    """The user behind the token or the browser that created the requisition."""

    id: WireId


class Currency(WireModel):
    """A three-letter code; blank where the company works in one currency."""

    currency_iso_code: TextOrBlank = ""


class Attachment(WireModel):
    """A file; `url` needs our token only while its host is Procore's."""

    id: WireId
    url: Text
    filename: TextOrBlank = ""
    content_type: TextOrBlank = ""


class AppliedTax(WireModel):
    """One tax code's share of the payment."""

    applied_amount: MoneyOrZero


class WbsCode(WireModel):
    """The budget code: cost code and cost type in one, such as `26-050.S`."""

    id: WireId
    flat_code: TextOrBlank = ""


class RequisitionItem(WireModel):
    """One SOV line of this invoice; amounts are for this period unless the name says otherwise.

    `gross_amount` is the work and stored material billed now, `net_amount` the part to be paid now: gross
    less retainage withheld plus retainage released. `status` is approved, rejected or no_action.
    """

    status: TextOrBlank = ""
    line_number: TextOrBlank = ""
    description_of_work: TextOrBlank = ""
    accounting_method: TextOrBlank = ""
    cost_code_id: WireId | None = None
    wbs_code: WbsCode | None = None
    gross_amount: Money
    net_amount: Money
    work_completed_this_period: MoneyOrZero = _ZERO
    work_completed_this_period_quantity: Money | None = None
    materials_moved: MoneyOrZero = _ZERO
    total_completed_and_stored_to_date_from_previous: Money | None = None
    work_completed_retainage_released_this_period: MoneyOrZero = _ZERO
    materials_stored_retainage_released_this_period: MoneyOrZero = _ZERO


class Requisition(WireModel):
    """A requisition as one call returned it.

    `raw` is the exact JSON text it was read from, to be stored before anything is decided. `items` and
    `tax_summary` are there in the extended view only. `number` counts within the commitment; `invoice_number`
    is the subcontractor's own text, blank or repeated at will. `created_at` and `updated_at` are UTC with
    second precision.
    """

    raw: str = Field(repr=False)
    id: WireId
    project_id: WireId
    commitment_id: WireId
    commitment_type: CommitmentTypeOrNone = None
    vendor_id: WireId | None = None
    vendor_name: TextOrBlank = ""
    number: int
    invoice_number: TextOrBlank = ""
    status: Text
    erp_status: TextOrBlank = ""
    origin_id: Text | None = None
    billing_date: Day | None = None
    requisition_end: Day | None = None
    created_at: Instant
    updated_at: Instant
    summary: RequisitionSummary
    created_by: Author | None = None
    currency_configuration: Currency | None = None
    tax_summary: Annotated[tuple[AppliedTax, ...], NullIsEmpty] = ()
    items: Annotated[tuple[RequisitionItem, ...], NullIsEmpty] = ()


@dataclass(frozen=True, slots=True)
class RequisitionText:
    """A requisition as the exact JSON text that Procore sent, read no further than its id."""

    id: str
    raw: str = field(repr=False)


def read_requisition(raw: str) -> Requisition | Unreadable:
    """Reads one requisition from its exact JSON text, fresh from Procore or as it was stored. Never
    raises.
    """
    return read_record(Requisition, raw, raw=raw)


def text_of(raw: str) -> RequisitionText | Unreadable:
    """Only who it is; without an id it is a requisition that cannot be read."""
    known = id_in(raw)
    if known is not None:
        return RequisitionText(known, raw)
    read = read_requisition(raw)
    return read if isinstance(read, Unreadable) else RequisitionText(read.id, raw)
