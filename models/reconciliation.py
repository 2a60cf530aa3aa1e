"""The statement of a run: every approval and where it is, read page by page and summed by the rule, then kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounting.blockers import EXPLANATIONS, BlockerReason
from accounting.eligibility import NotImportedReason
from accounting.invoice import InvoiceSource
from accounting.money import ZERO
from accounting.reconciliation import Amounts, Approved, Group, Imported, Row, Statement
from accounting.states import InvoiceFacts, InvoiceState, Settled
from models.database import CompanySession
from models.routes import Routes, routes_now
from models.rows import insert_rows
from models.tables import LinkOrigin, ReconciliationTotal

# Rows of one page while a company's invoices are read: some megabytes, whatever the company.
PAGE = 5_000
NOT_JUDGED = "Not looked at yet: mirroring has not been on for it."
_NOT_IMPORTED = frozenset(reason.value for reason in NotImportedReason)
_BLOCKERS = frozenset(reason.value for reason in BlockerReason)

INVOICES = """
    SELECT invoice.id, invoice.project_id, invoice.connection_id, invoice.billing_date, invoice.source, invoice.due,
        invoice.state, invoice.settled, invoice.changed, invoice.approval_withdrawn, invoice.removed_in_quickbooks,
        coalesce(line.retainage, 0) AS retainage,
        link.id IS NOT NULL AS has_bill, link.origin,
        link.retainage_withheld - link.retainage_released AS bill_retainage,
        CASE WHEN link.transaction_type = 'VendorCredit' THEN -link.total ELSE link.total END AS bill_net,
        requisition.id IS NOT NULL AS is_approved, amount.retainage AS procore_retainage,
        coalesce(amount.net, requisition.due) AS procore_net
    FROM invoice
    LEFT JOIN LATERAL (
        SELECT sum(invoice_line.withheld - invoice_line.released) AS retainage FROM invoice_line
        WHERE invoice_line.company_id = invoice.company_id AND invoice_line.invoice_id = invoice.id
    ) AS line ON true
    LEFT JOIN bill_link AS link
        ON link.company_id = invoice.company_id AND link.invoice_id = invoice.id AND link.ended_at IS NULL
    LEFT JOIN procore_requisition AS requisition
        ON requisition.company_id = invoice.company_id AND requisition.requisition_id = invoice.source_id
            AND invoice.source = 'procore_requisition'
            AND requisition.status IN ('approved', 'approved_as_noted')
    LEFT JOIN requisition_amount AS amount
        ON amount.company_id = requisition.company_id AND amount.requisition_id = requisition.requisition_id
    WHERE invoice.company_id = %(company_id)s AND invoice.approved_at IS NOT NULL
        AND (%(after)s::uuid IS NULL OR invoice.id > %(after)s)
    ORDER BY invoice.id
    LIMIT %(limit)s
"""

LEFT_OUT = """
    SELECT requisition.project_id, requisition.verdict, requisition.verdict_reason,
        date_trunc(
            'month', coalesce(amount.billing_date, (coalesce(requisition.updated_at, requisition.seen_at))::date)
        )::date AS month,
        count(*) AS invoices, coalesce(sum(amount.retainage), 0) AS retainage,
        coalesce(sum(coalesce(amount.net, requisition.due)), 0) AS net
    FROM procore_requisition AS requisition
    LEFT JOIN requisition_amount AS amount
        ON amount.company_id = requisition.company_id AND amount.requisition_id = requisition.requisition_id
    WHERE requisition.company_id = %(company_id)s
        AND requisition.status IN ('approved', 'approved_as_noted')
        AND NOT EXISTS (
            SELECT FROM invoice
            WHERE invoice.company_id = requisition.company_id AND invoice.source = 'procore_requisition'
                AND invoice.source_id = requisition.requisition_id AND invoice.approved_at IS NOT NULL
        )
    GROUP BY requisition.project_id, requisition.verdict, requisition.verdict_reason, month
"""

# Asked by itself, without what the statement is summed from: what its first row has to come to.
CONTROL = """
    SELECT count(*) AS invoices, coalesce(sum(coalesce(requisition.due, invoice.due)), 0) AS net
    FROM procore_requisition AS requisition
    LEFT JOIN invoice
        ON invoice.company_id = requisition.company_id AND invoice.source_id = requisition.requisition_id
            AND invoice.source = 'procore_requisition'
    WHERE requisition.company_id = %(company_id)s AND NOT coalesce(invoice.approval_withdrawn, false)
        AND requisition.status IN ('approved', 'approved_as_noted')
"""


@dataclass(frozen=True)
class _Invoice:
    id: UUID
    project_id: str
    connection_id: UUID | None
    billing_date: date
    source: str
    due: Decimal
    state: str
    settled: str
    changed: bool
    approval_withdrawn: bool
    removed_in_quickbooks: bool
    retainage: Decimal
    has_bill: bool
    origin: str | None
    bill_retainage: Decimal | None
    bill_net: Decimal | None
    is_approved: bool
    procore_retainage: Decimal | None
    procore_net: Decimal | None


@dataclass(frozen=True)
class _LeftOut:
    project_id: str
    verdict: str
    verdict_reason: str | None
    month: date
    invoices: int
    retainage: Decimal
    net: Decimal


@dataclass(frozen=True)
class Control:
    """What Procore has approved now, by one count of its own."""

    invoices: int
    net: Decimal


async def one_snapshot(session: CompanySession) -> None:
    """Everything that this unit of work reads is of one moment: an invoice that comes in meanwhile is in it once, or
    not at all. To be called before anything else is asked.
    """
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def control_of(session: CompanySession) -> Control:
    return (await session.ask(CONTROL, Control))[0]


async def read_statement(session: CompanySession) -> Statement:
    """Where everything is that was ever approved, for the whole company, page by page: see ``one_snapshot``."""
    statement = Statement()
    routes = await routes_now(session)
    after: UUID | None = None
    while page := await session.ask(INVOICES, _Invoice, after=after, limit=PAGE):
        for invoice in page:
            statement.add(_group(invoice, routes), _approved(invoice))
        after = page[-1].id
    for left in await session.ask(LEFT_OUT, _LeftOut):
        # Rows of one reason are summed by the database: each of them adds the same two rows to the statement.
        group = Group(left.project_id, _books(routes, left.project_id, None), left.month)
        statement.add_left_out(group, left.invoices, Amounts(left.retainage, left.net), _sentence(left))
    return statement


async def store_statement(session: CompanySession, run_id: UUID, rows: Iterable[tuple[Group, Row]]) -> None:
    """Keep rows of a run; more of the same name may follow, they count together."""
    kept = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "run_id": run_id,
            "project_id": group.project_id,
            "connection_id": UUID(group.connection_id) if group.connection_id else None,
            "month": group.month,
            "part": row.part,
            "name": row.name,
            "reason": row.reason,
            "invoices": row.invoices,
            "retainage": row.amounts.retainage,
            "net": row.amounts.net,
        }
        for group, row in rows
    ]
    await insert_rows(session, ReconciliationTotal, kept)


def month_of(day: date) -> date:
    return day.replace(day=1)


def _group(invoice: _Invoice, routes: Routes) -> Group:
    books = _books(routes, invoice.project_id, invoice.connection_id)
    return Group(invoice.project_id, books, month_of(invoice.billing_date))


def _books(routes: Routes, project_id: str, connection_id: UUID | None) -> str:
    """The books an invoice is in, else those its project posts to; empty where there are none."""
    of = connection_id or routes.of(project_id).connection_id
    return str(of) if of is not None else ""


def _approved(row: _Invoice) -> Approved:
    bill = None
    if row.has_bill and row.bill_net is not None and row.bill_retainage is not None:
        bill = Amounts(row.bill_retainage, row.bill_net)
    return Approved(
        in_procore=_in_procore(row),
        invoice=Imported(
            amounts=Amounts(row.retainage, row.due),
            state=InvoiceState(row.state),
            facts=InvoiceFacts(
                settled=Settled(row.settled),
                changed=row.changed,
                approval_withdrawn=row.approval_withdrawn,
                removed_in_quickbooks=row.removed_in_quickbooks,
            ),
            bill=bill,
            linked_by_person=row.origin == LinkOrigin.BY_PERSON,
        ),
        is_upload=row.source == InvoiceSource.UPLOAD,
    )


def _in_procore(row: _Invoice) -> Amounts | None:
    if not row.is_approved:
        return None
    if row.procore_net is None:
        # Its text became unreadable: until it can be read, it is what it was when it came in.
        return Amounts(row.retainage, row.due)
    return Amounts(row.procore_retainage or ZERO, row.procore_net)


def _sentence(left: _LeftOut) -> str:
    reason = left.verdict_reason or ""
    if reason in _NOT_IMPORTED:
        return NotImportedReason(reason).sentence
    if reason in _BLOCKERS:
        return EXPLANATIONS[BlockerReason(reason)].sentence.replace("{subject}", "").strip()
    return NOT_JUDGED
