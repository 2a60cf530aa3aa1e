"""Invoices as the accounting rules see them: with their lines, and what Procore calls their project and commitment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounting.invoice import Invoice, InvoiceLine
from models.database import CompanySession
from models.invoices import NewInvoice
from models.tables import InvoiceRow

LINES = """
    SELECT invoice_id, position, description, cost_code_id, budget_code, gross, withheld, released, net, is_rejected,
        quantity
    FROM invoice_line
    WHERE company_id = %(company_id)s AND invoice_id = ANY(%(ids)s)
    ORDER BY invoice_id, position
"""


async def as_documents(session: CompanySession, rows: Sequence[InvoiceRow]) -> dict[UUID, Invoice]:
    """The invoices as the accounting rules see them, with their lines, project and commitment."""
    ids = [row.id for row in rows]
    lines: dict[UUID, list[InvoiceLine]] = {invoice_id: [] for invoice_id in ids}
    for line in await session.ask(LINES, _Line, ids=ids):
        lines[line.invoice_id].append(line)
    origins = await _origins(session, rows)
    return {
        row.id: _document(row, row.reference or 0, tuple(lines[row.id]), origins[row.project_id, row.commitment_id])
        for row in rows
    }


async def as_if_imported(session: CompanySession, new: Sequence[NewInvoice]) -> dict[UUID, Invoice]:
    """The documents that these invoices would be, in the order given, each under an id that nothing else has.

    Nothing is written down, so none has a number of ours.
    """
    origins = await _origins(session, new)
    return {session.new_id(): _document(one, 0, one.lines, origins[one.project_id, one.commitment_id]) for one in new}


@dataclass(frozen=True, kw_only=True)
class _Line(InvoiceLine):
    invoice_id: UUID


ORIGINS = """
    SELECT asked.project_id, asked.commitment_id, project.name AS project_name, commitment.number AS commitment_number,
        commitment.payment_terms
    FROM unnest(%(project_ids)s::text[], %(commitment_ids)s::text[]) AS asked(project_id, commitment_id)
    LEFT JOIN procore_project AS project
        ON project.company_id = %(company_id)s AND project.project_id = asked.project_id
    LEFT JOIN procore_commitment AS commitment
        ON commitment.company_id = %(company_id)s AND commitment.commitment_id = asked.commitment_id
"""


@dataclass(frozen=True)
class _Origin:
    """What Procore calls a project and a commitment; None where that was never read."""

    project_id: str
    commitment_id: str
    project_name: str | None
    commitment_number: str | None
    payment_terms: str | None


async def _origins(
    session: CompanySession, invoices: Sequence[InvoiceRow | NewInvoice]
) -> dict[tuple[str, str], _Origin]:
    asked = sorted({(one.project_id, one.commitment_id) for one in invoices})
    found = await session.ask(
        ORIGINS,
        _Origin,
        project_ids=[project_id for project_id, _ in asked],
        commitment_ids=[commitment_id for _, commitment_id in asked],
    )
    return {(one.project_id, one.commitment_id): one for one in found}


def _document(one: InvoiceRow | NewInvoice, reference: int, lines: tuple[InvoiceLine, ...], origin: _Origin) -> Invoice:
    return Invoice(
        reference=reference,
        source=one.source,
        source_id=one.source_id,
        project_id=one.project_id,
        project_name=origin.project_name or one.project_id,
        commitment_id=one.commitment_id,
        commitment_number=origin.commitment_number or one.commitment_id,
        sequence=one.sequence,
        vendor_id=one.vendor_id,
        vendor_name=one.vendor_name,
        number=one.number,
        billing_date=one.billing_date,
        currency=one.currency,
        due=one.due,
        tax=one.tax,
        retainage_change=one.retainage_change,
        lines=lines,
        payment_terms=origin.payment_terms,
        approved_at=one.approved_at,
    )
