"""What the product's database says, read by plain SQL as an outsider would: the oracle uses no query of ours."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg

INVOICES = """
SELECT i.id::text, i.source, i.source_id, i.number, i.due, i.state, i.approval_withdrawn
FROM invoice i JOIN company c ON c.id = i.company_id WHERE c.procore_company_id = %(company)s
"""
OPEN_REASONS = """
SELECT b.invoice_id::text, b.reason FROM invoice_blocker b JOIN company c ON c.id = b.company_id
WHERE c.procore_company_id = %(company)s AND b.cleared_at IS NULL
"""
LIVE_LINKS = """
SELECT l.invoice_id::text, l.quickbooks_id, l.total FROM bill_link l JOIN company c ON c.id = l.company_id
WHERE c.procore_company_id = %(company)s AND l.ended_at IS NULL
"""
VERDICTS = """
SELECT r.requisition_id, r.verdict, coalesce(r.verdict_reason, '') FROM procore_requisition r
JOIN company c ON c.id = r.company_id WHERE c.procore_company_id = %(company)s
"""
OPEN_ATTEMPTS = "SELECT count(*) FROM posting_attempt WHERE state NOT IN ('accepted', 'rejected')"
OPEN_BATCHES = "SELECT count(*) FROM posting_batch WHERE ended_at IS NULL"
STRANGERS = """
SELECT count(*) FROM invoice i JOIN company c ON c.id = i.company_id WHERE c.procore_company_id <> ALL(%(known)s)
"""


@dataclass(frozen=True)
class Link:
    """A live link from an invoice to a bill."""

    quickbooks_id: str
    total: Decimal


@dataclass(frozen=True)
class LedgerInvoice:
    """One invoice as stored. ``reasons`` are the open ones that hold it."""

    source: str
    source_id: str
    number: str
    due: Decimal
    state: str
    withdrawn: bool
    reasons: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()


@dataclass
class Ledger:
    """The company's invoices, the verdict on every requisition seen (with its reason), and what is unfinished."""

    invoices: list[LedgerInvoice]
    verdicts: dict[str, tuple[str, str]]
    open_attempts: int = 0
    open_batches: int = 0
    strangers: int = 0
    by_source: dict[tuple[str, str], LedgerInvoice] = field(init=False)

    def __post_init__(self) -> None:
        self.by_source = {(one.source, one.source_id): one for one in self.invoices}

    @property
    def is_settled(self) -> bool:
        return not self.open_attempts and not self.open_batches


def read_ledger(database_url: str, procore_company_id: int, others: Iterable[int] = ()) -> Ledger:
    """Read everything in one transaction, so that it is of one moment. ``others`` are companies that import too."""
    company = {"company": str(procore_company_id)}
    known = {"known": [str(one) for one in (procore_company_id, *others)]}
    with psycopg.connect(plain_url(database_url)) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        reasons: dict[str, set[str]] = defaultdict(set)
        for invoice_id, reason in database.execute(OPEN_REASONS, company):
            reasons[invoice_id].add(reason)
        links: dict[str, list[Link]] = defaultdict(list)
        for invoice_id, quickbooks_id, total in database.execute(LIVE_LINKS, company):
            links[invoice_id].append(Link(quickbooks_id, total))
        invoices = [
            LedgerInvoice(
                source=source,
                source_id=source_id,
                number=number,
                due=due,
                state=state,
                withdrawn=withdrawn,
                reasons=frozenset(reasons[invoice_id]),
                links=tuple(links[invoice_id]),
            )
            for invoice_id, source, source_id, number, due, state, withdrawn in database.execute(INVOICES, company)
        ]
        verdicts = {
            requisition_id: (verdict, reason) for requisition_id, verdict, reason in database.execute(VERDICTS, company)
        }
        return Ledger(
            invoices=invoices,
            verdicts=verdicts,
            open_attempts=_count(database.execute(OPEN_ATTEMPTS)),
            open_batches=_count(database.execute(OPEN_BATCHES)),
            strangers=_count(database.execute(STRANGERS, known)),
        )


def plain_url(database_url: str) -> str:
    """The address as libpq knows it: without the driver's name."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _count(found: psycopg.Cursor[tuple[int, ...]]) -> int:
    row = found.fetchone()
    return row[0] if row else 0


__all__ = ["Ledger", "LedgerInvoice", "Link", "plain_url", "read_ledger"]
