"""An invoice with a bill that differs from it, as the worker leaves both behind."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounting.after_sync import AfterSync, Surroundings, after_sync
from accounting.bill_versions import BillAsIs, BillLineAsIs, InProcore, InQuickBooks, LinkedPair
from accounting.states import InvoiceState
from models.comparisons import compare_again, comparisons_of, note_comparison
from models.database import CompanySession
from models.invoice_states import move
from models.invoices import invoices_by_id
from models.tables import BillLink, LinkOrigin
from tests.api.seeding import EXPENSE, PAYABLE, RETAINAGE

NAMES = {
    ("Vendor", "56"): "Ernies Electric LLC",
    ("Account", EXPENSE): "Subcontractors",
    ("Customer", "12"): "Harbor Point Tower",
    ("Account", RETAINAGE): "Retainage payable",
}
COST = BillLineAsIs(Decimal("15400.00"), EXPENSE, customer_id="12")
KEPT_BACK = BillLineAsIs(Decimal("-100.00"), RETAINAGE, customer_id="12", is_retainage=True)
AS_POSTED = BillAsIs("56", "INV-0001", date(2026, 6, 30), PAYABLE, Decimal("15300.00"), (COST, KEPT_BACK))
BILLED_MORE = replace(
    AS_POSTED, total=Decimal("16300.00"), lines=(replace(COST, amount=Decimal("16400.00")), KEPT_BACK)
)
RENAMED = replace(AS_POSTED, number="TYPO-1")
VOIDED = replace(AS_POSTED, total=Decimal(0), lines=(replace(COST, amount=Decimal(0)),))


def found(
    procore: BillAsIs = AS_POSTED,
    quickbooks: BillAsIs = AS_POSTED,
    *,
    is_deleted: bool = False,
    around: Surroundings | None = None,
) -> AfterSync:
    """What a comparison finds."""
    pair = LinkedPair(AS_POSTED, InProcore(procore), InQuickBooks(quickbooks, is_deleted), NAMES)
    return after_sync(pair, around or Surroundings())


async def post(session: CompanySession, invoice_id: UUID, connection_id: UUID, transaction_type: str = "Bill") -> None:
    """The invoice has its bill."""
    row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
    session.add(
        BillLink(
            company_id=session.company_id,
            id=session.new_id(),
            invoice_id=invoice_id,
            connection_id=connection_id,
            transaction_type=transaction_type,
            quickbooks_id="145",
            sync_token="0",
            number=AS_POSTED.number,
            total=AS_POSTED.total,
            commitment_id=row.commitment_id,
            origin=LinkOrigin.POSTED,
            linked_at=session.now,
        )
    )
    for state in (InvoiceState.READY, InvoiceState.SENDING, InvoiceState.POSTED):
        move(row, state)
    session.add(row)
    await session.flush()


async def note(session: CompanySession, invoice_id: UUID, told: AfterSync) -> None:
    """A comparison of invoice and bill has found this."""
    await compare_again(session, [invoice_id])
    row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
    comparison = (await comparisons_of(session, [invoice_id]))[invoice_id]
    note_comparison(session, row, comparison, told, "1")
