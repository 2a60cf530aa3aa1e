"""Rows that the worker would have written, for tests of the pages and routes that read them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from accounting.blockers import Hold
from accounting.invoice import InvoiceLine, InvoiceSource
from accounting.numbers import normalise
from accounting.plan import PlanVerdict
from models.connections import ensure_settings
from models.database import CompanySession
from models.invoices import NewInvoice, import_invoices, invoices_by_id, refresh_invoice
from models.projects import SeenProject, store_projects
from models.reference_lists import ListEntry, store_list
from models.tables import (
    Connection,
    ConnectionState,
    MirroringPlanEntry,
    PlanState,
    QuickBooksKind,
)
from models.toggle import plan_by_id

PROJECT = "9001"
EXPENSE, RETAINAGE, PAYABLE = "80", "81", "33"
ACCOUNTS = (
    ListEntry("Account", EXPENSE, "Subcontractors", "Job Costs:Subcontractors", True, "Cost of Goods Sold", "Other"),
    ListEntry("Account", RETAINAGE, "Retainage Payable", "Retainage Payable", True, "Other Current Liability", "Other"),
    ListEntry("Account", PAYABLE, "Accounts Payable (A/P)", "Accounts Payable (A/P)", True, "Accounts Payable", "AP"),
    ListEntry("Account", "35", "Checking", "Checking", True, "Bank", "Checking"),
    ListEntry("Account", "36", "Receivables", "Receivables", True, "Accounts Receivable", "AR"),
    ListEntry("Account", "37", "Sales", "Sales", True, "Income", "Service"),
    ListEntry("Account", "38", "Old costs", "Old costs", False, "Cost of Goods Sold", "Other"),
    ListEntry(
        "Account", "39", "Retainage receivable", "Retainage receivable", True, "Other Current Asset", "Retainage"
    ),
)


async def add_connection(
    session: CompanySession,
    connected_by: UUID,
    *,
    kind: QuickBooksKind = QuickBooksKind.ONLINE,
    state: ConnectionState = ConnectionState.ACTIVE,
    realm_id: str = "9130350000000001",
    name: str = "Hartwell Construction LLC",
) -> UUID:
    connection_id = session.new_id()
    session.add(
        Connection(
            company_id=session.company_id,
            id=connection_id,
            kind=kind,
            environment="simulated",
            quickbooks_company_id=realm_id,
            quickbooks_company_name=name,
            state=state,
            state_reason="refresh_refused" if state is ConnectionState.EXPIRED else None,
            state_since=session.now,
            connected_by=connected_by,
            connected_at=session.now,
            country="US",
            home_currency="USD",
        )
    )
    await session.flush()
    await ensure_settings(session, connection_id)
    await store_list(session, connection_id, "Account", ACCOUNTS, session.now)
    return connection_id


async def add_projects(session: CompanySession) -> None:
    await store_projects(
        session,
        [
            SeenProject(PROJECT, "Harbor Point Tower", "America/New_York", True),
            SeenProject("9002", "Mill Street School", "America/Chicago", True),
        ],
    )


async def make_plan_ready(session: CompanySession, plan_id: UUID, plan_hash: str) -> None:
    """As the worker does once it has listed every requisition."""
    plan = await plan_by_id(session, plan_id)
    assert plan is not None
    plan.state, plan.hash, plan.made_at = PlanState.READY, plan_hash, session.now
    plan.create_count, plan.create_sum = 38, Decimal("412906.11")
    plan.ask_count, plan.ask_sum = 3, Decimal("1200.00")
    plan.skip_count, plan.skip_sum = 12, Decimal("90000.00")
    plan.posts_count, plan.posts_sum = plan.create_count, plan.create_sum
    session.add(plan)
    for number, verdict in enumerate(PlanVerdict):
        session.add(
            MirroringPlanEntry(
                company_id=session.company_id,
                id=session.new_id(),
                plan_id=plan_id,
                requisition_id=str(number),
                project_id=PROJECT,
                number=f"INV-{number}",
                vendor_name="Ernie's Electrical",
                due=Decimal("100.00"),
                verdict=verdict,
                reason="",
            )
        )


async def add_invoice(
    session: CompanySession,
    number: str,
    *,
    connection_id: UUID | None,
    source_id: str,
    due: Decimal = Decimal("15300.00"),
    vendor: str = "Ernie's Electrical",
    project_id: str = PROJECT,
    holds: tuple[Hold, ...] = (),
    withheld: Decimal = Decimal("100.00"),
) -> UUID:
    """One imported invoice of one line, with retainage withheld so that the line nets to what is due."""
    told = invoice_as_told(
        number,
        source_id=source_id,
        due=due,
        vendor=vendor,
        project_id=project_id,
        approved_at=session.now - timedelta(hours=1),
        withheld=withheld,
    )
    written = await import_invoices(session, [replace(told, holds=holds)], connection_id)
    return written[0]


def invoice_as_told(
    number: str,
    *,
    source_id: str,
    due: Decimal,
    vendor: str,
    project_id: str,
    approved_at: datetime,
    withheld: Decimal = Decimal("100.00"),
) -> NewInvoice:
    line = InvoiceLine(1, "Rough-in, floors 3 to 6", "2158", "26-050.S", due + withheld, withheld, Decimal(0), due)
    return NewInvoice(
        source=InvoiceSource.PROCORE_REQUISITION,
        source_id=source_id,
        source_sha256=sha256(number.encode()).hexdigest(),
        project_id=project_id,
        commitment_id="701",
        sequence=3,
        vendor_id="8881",
        vendor_name=vendor,
        number=number,
        normalised_number=normalise(number),
        billing_date=date(2026, 6, 30),
        currency="USD",
        due=due,
        tax=Decimal(0),
        retainage_change=None,
        lines=(line,),
        approved_at=approved_at,
    )


async def change_in_procore(session: CompanySession, invoice_id: UUID, due: Decimal) -> None:
    """The invoice is read again with another amount, on its line as well."""
    row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
    told = invoice_as_told(
        row.number,
        source_id=row.source_id,
        due=due,
        vendor=row.vendor_name,
        project_id=row.project_id,
        approved_at=session.now,
    )
    await refresh_invoice(session, row, told)
