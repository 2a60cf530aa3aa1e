"""The invoices of a large company and what hangs on each, as rows: the n-th is the same in every run."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from accounting.blockers import BlockerReason
from accounting.invoice import InvoiceSource
from accounting.states import InvoiceState, Settled
from benchmarks.cost_codes import CODES, budget_code, cost_code_id, description
from models.database import CompanySession
from models.tables import (
    BillLink,
    EventLog,
    InvoiceBlocker,
    InvoiceLineRow,
    InvoiceRow,
    LinkOrigin,
    PostingAttempt,
    ProcoreRequisition,
    QuickBooksTransaction,
)

PROJECTS = 120
VENDORS = 400
# A prime number, so that the invoices of each have come to every standing.
COMMITMENTS = 1_999
PROJECT_IDS = range(9000, 9000 + PROJECTS)
VENDOR_IDS = range(8000, 8000 + VENDORS)
# Days over which the invoices came in.
DAYS = 700
NOT_IMPORTED_EVERY = 16
# A bill is dated some days after its invoice.
BILLED_AFTER = timedelta(days=3)
# As long as Procore's own text of a requisition in a list.
WORDS_OF_REQUISITION = "Mechanical and electrical work as described in the subcontract. " * 20
# What each bill withholds.
RETAINED = Decimal("100.00")
HELD_FOR = (
    BlockerReason.VENDOR_UNMAPPED,
    BlockerReason.COST_CODE_UNMAPPED,
    BlockerReason.LIKELY_DUPLICATE,
    BlockerReason.PERIOD_CLOSED,
    BlockerReason.REFUSED_BY_QUICKBOOKS,
)
BILL = (
    b'{"VendorRef": {"value": "1"}, "DocNumber": "INV-1", '
    b'"TxnDate": "2026-06-30", "DueDate": "2026-07-30", "PrivateNote": "Procore SC-001 #3 - inBuild 70003", "Line": ['
    b'{"Amount": 1100.00, "Description": "Rough-in", "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "1"}}}]}'
)
# As long as QuickBooks' own text of a bill with a few lines.
BILL_AS_READ = json.dumps({"Id": "1", "Line": [{"Description": WORDS_OF_REQUISITION}]})
EVENTS = ("imported", "sending", "posted", "settled")
EVENTS_EACH = len(EVENTS)
Row = dict[str, Any]


@dataclass(frozen=True)
class Standing:
    """How far the n-th invoice has come."""

    state: InvoiceState
    settled: Settled = Settled.OPEN
    changed: bool = False
    withdrawn: bool = False
    source: InvoiceSource = InvoiceSource.PROCORE_REQUISITION
    approved: bool = True

    @property
    def has_bill(self) -> bool:
        return self.state is InvoiceState.POSTED


def standing_of(place: int) -> Standing:
    """Of a hundred: 58 paid, 30 posted, 4 waiting, 4 that need somebody, and one of each rarer kind."""
    match place % 100:
        case rest if rest < 58:
            return Standing(InvoiceState.POSTED, Settled.PAID)
        case rest if rest < 88:
            return Standing(InvoiceState.POSTED)
        case rest if rest < 92:
            return Standing(InvoiceState.IMPORTED)
        case rest if rest < 96:
            return Standing(InvoiceState.NEEDS_YOU)
        case 96:
            return Standing(InvoiceState.POSTED, changed=True)
        case 97:
            return Standing(InvoiceState.IMPORTED, withdrawn=True)
        case 98:
            return Standing(InvoiceState.IMPORTED, source=InvoiceSource.UPLOAD, approved=False)
        case _:
            return Standing(InvoiceState.NOTHING_TO_POST)


class ManyInvoices:
    """``count`` invoices of a company, posted by one batch to one connection. Nothing is written here."""

    def __init__(self, session: CompanySession, connection_id: UUID, batch_id: UUID, count: int) -> None:
        self._session = session
        self._common: Row = {"company_id": session.company_id}
        self._connection_id = connection_id
        self._batch_id = batch_id
        self._count = count
        self._ids = [session.new_id() for _ in range(count)]
        self._link_ids = [session.new_id() for _ in range(count)]

    def id_of(self, place: int) -> UUID:
        return self._ids[place]

    def link_id_of(self, place: int) -> UUID:
        return self._link_ids[place]

    def first(self, state: InvoiceState) -> int:
        """The place of the first one that is so far."""
        return next(place for place in range(self._count) if standing_of(place).state is state)

    def rows(self) -> Iterator[tuple[type[SQLModel], Iterator[Row]]]:
        """The tables in the order in which they refer to each other, each with its rows."""
        of_one = (
            (InvoiceRow, self._invoice),
            (InvoiceLineRow, self._lines),
            (InvoiceBlocker, self._blockers),
            (EventLog, self._events),
            (PostingAttempt, self._attempt),
            (BillLink, self._link),
            (QuickBooksTransaction, self._transaction),
            (ProcoreRequisition, self._requisition),
        )
        for table, rows_of in of_one:
            yield table, self._of_all(rows_of)

    def _of_all(self, rows_of: Callable[[int], list[Row]]) -> Iterator[Row]:
        return (row for place in range(self._count) for row in rows_of(place))

    def _own_id(self) -> Row:
        return {**self._common, "id": self._session.new_id()}

    def _due(self, place: int) -> Decimal:
        return Decimal(50_000 + place * 7919 % 5_000_000) / 100

    def _came(self, place: int) -> datetime:
        return self._session.now - timedelta(days=DAYS) + timedelta(days=DAYS) * place / self._count

    def _invoice(self, place: int) -> list[Row]:
        standing, commitment, vendor = standing_of(place), _commitment_of(place), _vendor_of(place)
        return [
            {
                **self._common,
                "id": self._ids[place],
                "source": standing.source.value,
                "source_id": str(place),
                "source_sha256": f"{place:064x}",
                "connection_id": self._connection_id,
                "project_id": str(PROJECT_IDS[commitment % PROJECTS]),
                "commitment_id": str(commitment),
                "sequence": place // COMMITMENTS + 1,
                "vendor_id": str(VENDOR_IDS[vendor]),
                "vendor_name": f"Vendor {vendor:03} Mechanical & Electrical",
                "number": f"INV-{place:05}",
                "normalised_number": f"inv{place}",
                "billing_date": self._came(place).date(),
                "currency": "USD",
                "due": self._due(place),
                "tax": Decimal(0),
                "retainage_change": None,
                "state": standing.state.value,
                "settled": standing.settled.value,
                "changed": standing.changed,
                "approval_withdrawn": standing.withdrawn,
                "removed_in_quickbooks": False,
                "approved_at": self._came(place) if standing.approved else None,
                "imported_at": self._came(place),
                "failure_count": 0,
            }
        ]

    def _lines(self, place: int) -> list[Row]:
        due = self._due(place)
        first = (due / 2).quantize(Decimal("0.01"))
        return [
            {
                **self._common,
                "invoice_id": self._ids[place],
                "position": position,
                "description": description(code),
                "cost_code_id": cost_code_id(code),
                "budget_code": budget_code(code),
                "gross": net + withheld,
                "withheld": withheld,
                "released": Decimal(0),
                "net": net,
                "is_rejected": False,
            }
            for position, net, withheld in ((1, first, RETAINED), (2, due - first, Decimal(0)))
            for code in (_code(place, position),)
        ]

    def _blockers(self, place: int) -> list[Row]:
        if standing_of(place).state is not InvoiceState.NEEDS_YOU:
            return []
        reason = HELD_FOR[place // 100 % len(HELD_FOR)]
        vendor = str(VENDOR_IDS[_vendor_of(place)])
        subject, key = f"Vendor {vendor}", vendor
        if reason is BlockerReason.COST_CODE_UNMAPPED:
            subject, key = budget_code(_code(place, 1)), cost_code_id(_code(place, 1))
        return [
            {
                **self._own_id(),
                "invoice_id": self._ids[place],
                "reason": reason.value,
                "subject": subject,
                "subject_key": key,
                "since": self._session.now,
            }
        ]

    def _events(self, place: int) -> list[Row]:
        return [
            {
                **self._common,
                "seq": place * EVENTS_EACH + number + 1,
                "subject_kind": "invoice",
                "subject_id": str(self._ids[place]),
                "kind": kind,
                "schema_version": 1,
                "occurred_at": self._session.now,
                "recorded_at": self._session.now,
                "actor_kind": "workflow",
                "data": {"number": f"INV-{place:05}"},
            }
            for number, kind in enumerate(EVENTS)
        ]

    def _attempt(self, place: int) -> list[Row]:
        if not standing_of(place).has_bill:
            return []
        return [
            {
                **self._own_id(),
                "connection_id": self._connection_id,
                "batch_id": self._batch_id,
                "position": place,
                "subject_kind": "invoice",
                "subject_id": self._ids[place],
                "operation": "create_bill",
                "generation": 1,
                "body": BILL,
                "draft_hash": f"{place:064x}",
                "memo_marker": f"inBuild {place}",
                "lookup_vendor_id": "1",
                "lookup_number": f"INV-{place:05}",
                "lookup_total": self._due(place),
                "retainage_withheld": RETAINED,
                "retainage_released": Decimal(0),
                "bill_date": self._session.now.date(),
                "mapping_versions": "",
                "state": "accepted",
                "created_at": self._session.now,
                "quickbooks_id": str(place),
                "adopted": False,
            }
        ]

    def _link(self, place: int) -> list[Row]:
        if not standing_of(place).has_bill:
            return []
        return [
            {
                **self._common,
                "id": self._link_ids[place],
                "invoice_id": self._ids[place],
                "connection_id": self._connection_id,
                "transaction_type": "Bill",
                "quickbooks_id": str(place),
                "sync_token": "0",
                "number": f"INV-{place:05}",
                "total": self._due(place),
                "retainage_withheld": RETAINED,
                "retainage_released": Decimal(0),
                "commitment_id": str(_commitment_of(place)),
                "origin": LinkOrigin.POSTED.value,
                "linked_at": self._came(place),
            }
        ]

    def _transaction(self, place: int) -> list[Row]:
        standing = standing_of(place)
        if not standing.has_bill:
            return []
        return [
            {
                **self._own_id(),
                "connection_id": self._connection_id,
                "transaction_type": "Bill",
                "quickbooks_id": str(place),
                "sync_token": "0",
                "number": f"INV-{place:05}",
                "transaction_date": (self._came(place) + BILLED_AFTER).date(),
                "total": self._due(place),
                "balance": Decimal(0) if standing.settled is Settled.PAID else self._due(place),
                "is_deleted": False,
                "raw": BILL_AS_READ,
                "updated_at": self._session.now,
                "read_at": self._session.now,
            }
        ]

    def _requisition(self, place: int) -> list[Row]:
        left_out = place % NOT_IMPORTED_EVERY == 0
        billing, vendor = place // COMMITMENTS + 1, _vendor_of(place)
        return [
            {
                **self._own_id(),
                # An id of its own where it was left out, its invoice's where it was imported.
                "requisition_id": f"left-{place}" if left_out else str(place),
                "project_id": str(PROJECT_IDS[_commitment_of(place) % PROJECTS]),
                "commitment_id": str(_commitment_of(place)),
                "vendor_id": str(VENDOR_IDS[vendor]),
                "vendor_name": f"Vendor {vendor:03} Mechanical & Electrical",
                "number": f"INV-{place:05}",
                "status": "approved",
                "updated_at": self._session.now,
                "raw": json.dumps(
                    {
                        "number": billing,
                        "summary": {"total_retainage": str(RETAINED * billing)},
                        "comment": WORDS_OF_REQUISITION,
                    }
                ),
                "raw_sha256": f"{place:064x}",
                "first_seen_at": self._came(place),
                "seen_at": self._session.now,
                "verdict": "not_imported" if left_out else "imported",
                "verdict_reason": "before_start" if left_out else None,
                "due": self._due(place),
            }
        ]


def _commitment_of(place: int) -> int:
    return place * 31 % COMMITMENTS


def _vendor_of(place: int) -> int:
    return _commitment_of(place) % VENDORS


def _code(place: int, position: int) -> int:
    return (place * 7919 // 64 + position * 13) % CODES
