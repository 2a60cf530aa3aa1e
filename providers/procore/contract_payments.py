"""Contract payments: the Payments Issued tab of a commitment.

Procore offers no filter by `origin_id` and no idempotent create: list first, and list again after an unclear answer.
Once `origin_id` is set only it, `origin_data` and attachments can be changed, and the payment is not deleted.
Source: OpenAPI, RestV10ContractPayments*; documentation/tutorials/tutorial_financial_tools.md.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from pydantic import Field

from providers.procore.calls import ProcoreCalls, reader
from providers.procore.paging import Page
from providers.procore.wire import Day, Money, Text, TextOrBlank, WireId, WireModel

PAYMENTS_PER_PAGE = 100
_PATH = "/rest/v1.0/contract_payments"


class ContractPayment(WireModel):
    """One payment as Procore shows it; `payment_method` and `invoice_date` it does not show.

    `external_payment_id` and the dates of initiation and settlement belong to Procore Pay.
    """

    id: WireId
    amount: Money
    paid_on: Day | None = Field(default=None, alias="date")
    check_number: TextOrBlank = ""
    notes: Text | None = None
    requisition_id: WireId | None = None
    origin_id: Text | None = None
    external_payment_id: WireId | None = None
    date_payment_initiated: Day | None = None

    @property
    def is_procore_pay(self) -> bool:
        return self.external_payment_id is not None or self.date_payment_initiated is not None


@dataclass(frozen=True)
class CommitmentRef:
    """A commitment as these calls name it: both ids are required on every one of them."""

    project_id: str
    commitment_id: str


@dataclass(frozen=True)
class ContractPaymentForm:
    """What a payment says. `method` is check, credit_card or electronic; empty texts are left out."""

    paid_on: date
    amount: Decimal
    invoice_number: str
    invoice_date: date
    method: str
    check_number: str
    notes: str
    requisition_id: str | None
    origin_id: str


def form_bytes(commitment: CommitmentRef, form: ContractPaymentForm) -> bytes:
    """The exact body that creates a payment."""
    return _body(commitment, _fields(form))


class ContractPayments:
    """The calls about contract payments. Every method raises the errors of `providers.procore.errors`."""

    def __init__(self, calls: ProcoreCalls) -> None:
        self._calls = calls

    def of(self, commitment: CommitmentRef) -> AsyncIterator[Page[ContractPayment]]:
        """Every payment of a commitment, whoever made it."""
        return self._calls.pages(_PATH, _query(commitment), reader(ContractPayment), PAYMENTS_PER_PAGE)

    async def create(self, body: bytes) -> ContractPayment:
        """Create a payment from its exact bytes. Not idempotent; ProcoreRejected (422) where its `origin_id` is
        taken."""
        return await self._calls.write("POST", _PATH, body, ContractPayment)

    async def unlock(self, commitment: CommitmentRef, payment_id: str) -> None:
        """Take the `origin_id` off, so that the payment can be changed or deleted."""
        body = _body(commitment, {"origin_id": None})
        await self._calls.write("PATCH", _path(payment_id), body, ContractPayment)

    async def change(self, commitment: CommitmentRef, payment_id: str, form: ContractPaymentForm) -> ContractPayment:
        """Make an unlocked payment say this, and lock it again by its `origin_id`."""
        return await self._calls.write("PATCH", _path(payment_id), form_bytes(commitment, form), ContractPayment)

    async def delete(self, commitment: CommitmentRef, payment_id: str) -> None:
        """Delete a payment; ProcoreNotFound where it is gone already, ProcoreRejected while it is locked."""
        await self._calls.delete(_path(payment_id), _query(commitment))


def _query(commitment: CommitmentRef) -> list[tuple[str, str]]:
    return [("project_id", commitment.project_id), ("contract_id", commitment.commitment_id)]


def _path(payment_id: str) -> str:
    return f"{_PATH}/{quote(payment_id, safe='')}"


def _fields(form: ContractPaymentForm) -> dict[str, object]:
    told = {
        "date": form.paid_on.isoformat(),
        "amount": f"{form.amount:.2f}",
        "invoice_number": form.invoice_number,
        "invoice_date": form.invoice_date.isoformat(),
        "payment_method": form.method,
        "check_number": form.check_number,
        "notes": form.notes,
        "requisition_id": _number(form.requisition_id) if form.requisition_id else "",
        "origin_id": form.origin_id,
    }
    return {name: value for name, value in told.items() if value != ""}


def _body(commitment: CommitmentRef, fields: dict[str, object]) -> bytes:
    whole = {
        "project_id": _number(commitment.project_id),
        "contract_id": _number(commitment.commitment_id),
        "contract_payment": fields,
    }
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()


def _number(provider_id: str) -> int | str:
    """Ids are whole numbers in a body of API v1."""
    return int(provider_id) if provider_id.isdecimal() else provider_id
