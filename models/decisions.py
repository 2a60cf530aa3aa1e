"""What people decided for one invoice only: kept with its author, ended when taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.bill_settings import Decisions
from accounting.coding import Target, TargetKind
from accounting.invoice import Invoice, InvoiceLine
from models.database import CompanySession
from models.events import record_event
from models.tables import DecisionKind, InvoiceDecision

D = DecisionKind
# What a RECODE is about where it is about no line.
VENDOR = "vendor"


@dataclass(frozen=True)
class Decided:
    """The live decisions of one invoice as stored: value by (kind, subject key), and who decided each."""

    values: Mapping[tuple[DecisionKind, str], str] = field(default_factory=dict)

    def one(self, kind: DecisionKind) -> str | None:
        return self.values.get((kind, ""))

    def keys(self, kind: DecisionKind) -> frozenset[str]:
        return frozenset(key for of, key in self.values if of is kind)

    def recodes(self, invoice: Invoice) -> dict[int, Target]:
        """Recoded lines by position; a line that has become another one since is not recoded any more."""
        by_position = {str(line.position): line for line in invoice.lines}
        found = {}
        for key in self.keys(D.RECODE):
            line = by_position.get(key)
            if line is not None and (target := recode_in_force(self.values[D.RECODE, key], line)) is not None:
                found[line.position] = target
        return found

    def vendor(self, invoice: Invoice) -> str | None:
        """The vendor chosen for this invoice only; void once Procore names another one than it was chosen for."""
        kept = self.values.get((D.RECODE, VENDOR))
        if kept is None:
            return None
        vendor_id = kept.split(":")[1]
        return vendor_id if kept == vendor_value(invoice, vendor_id) else None

    def as_rules_see_them(self, recoded: Mapping[int, Target]) -> Decisions:
        """The decisions for the accounting rules; ``recoded`` with what QuickBooks says of each target by now."""
        bill_date, difference = self.one(D.BILL_DATE), self.one(D.SMALL_DIFFERENCE)
        excess = self.one(D.EXCESS_TO_COST)
        return Decisions(
            recoded=recoded,
            bill_date=date.fromisoformat(bill_date) if bill_date else None,
            small_difference=Decimal(difference) if difference else None,
            excess_to_cost=Decimal(excess) if excess else None,
            vendor_credit=self.one(D.VENDOR_CREDIT) is not None,
            lien_waiver_missing=self.one(D.LIEN_WAIVER_MISSING) is not None,
            not_duplicates=self.keys(D.NOT_DUPLICATE),
            approved_hash=self.one(D.APPROVED_DRAFT),
        )


def recode_in_force(value: str, line: InvoiceLine) -> Target | None:
    """Where a recoded line goes; None where the line has become another one since."""
    kind, quickbooks_id, fingerprint = value.split(":")
    return Target(TargetKind(kind), quickbooks_id) if fingerprint == line_fingerprint(line) else None


def line_fingerprint(line: InvoiceLine) -> str:
    """Tells whether the line at a position is still the one that was recoded; amounts may change."""
    return _fingerprint(line.description, line.cost_code_id or "", line.budget_code or "")


def vendor_value(invoice: Invoice, vendor_id: str) -> str:
    """What a choice of QuickBooks' vendor is kept as, with whose invoice it was made for."""
    return f"{VENDOR}:{vendor_id}:{_fingerprint(invoice.vendor_id)}"


def _fingerprint(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:16]


LIVE_DECISIONS = """
    SELECT invoice_id, kind, subject_key, value FROM invoice_decision
    WHERE company_id = %(company_id)s AND invoice_id = ANY(%(invoice_ids)s) AND ended_at IS NULL
"""


@dataclass(frozen=True)
class _Decision:
    invoice_id: UUID
    kind: str
    subject_key: str
    value: str


async def decisions_of(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, Decided]:
    """The live decisions of these invoices, by invoice; those nobody decided anything about are left out."""
    values: dict[UUID, dict[tuple[DecisionKind, str], str]] = {}
    for one in await session.ask(LIVE_DECISIONS, _Decision, invoice_ids=list(invoice_ids)):
        values.setdefault(one.invoice_id, {})[DecisionKind(one.kind), one.subject_key] = one.value
    return {invoice_id: Decided(of) for invoice_id, of in values.items()}


async def decide(
    session: CompanySession,
    invoice_id: UUID,
    kind: DecisionKind,
    *,
    decided_by: UUID,
    value: str = "yes",
    subject_key: str = "",
) -> None:
    """Keep a decision in place of an earlier one about the same, and tell it in the invoice's timeline."""
    await end_decisions(session, invoice_id, [kind], subject_key=subject_key)
    session.add(
        InvoiceDecision(
            company_id=session.company_id,
            id=session.new_id(),
            invoice_id=invoice_id,
            kind=kind,
            subject_key=subject_key,
            value=value,
            decided_by=decided_by,
            decided_at=session.now,
        )
    )
    record_event(session, "invoice", invoice_id, "decided", decision=kind, value=value, about=subject_key)


async def end_decisions(
    session: CompanySession,
    invoice_id: UUID,
    kinds: Sequence[DecisionKind],
    *,
    subject_key: str | None = None,
) -> int:
    """End live decisions of these kinds (about one subject, where it is named); how many there were."""
    statement = (
        sa.update(InvoiceDecision)
        .where(col(InvoiceDecision.company_id) == session.company_id, col(InvoiceDecision.invoice_id) == invoice_id)
        .where(col(InvoiceDecision.kind).in_(kinds), col(InvoiceDecision.ended_at).is_(None))
    )
    if subject_key is not None:
        statement = statement.where(col(InvoiceDecision.subject_key) == subject_key)
    ended = await session.execute(
        statement.values(ended_at=session.now)
        .returning(col(InvoiceDecision.id))
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
