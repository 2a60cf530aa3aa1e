"""What a person says to a bill that differs from its invoice: keep it as it is, update it, or post it again."""

from uuid import UUID

from accounting.after_sync import NextStep
from accounting.states import HAS_BILL, InvoiceState
from models.bill_links import end_links
from models.comparisons import comparisons_of, link_ended, want_update
from models.database import CompanySession
from models.decisions import decide, end_decisions
from models.events import audit, record_event
from models.invoice_states import move
from models.invoices import invoices_by_id
from models.payment_shares import settle_bills
from models.tables import BillComparison, DecisionKind, InvoiceRow


class DiffersOtherwise(Exception):
    """Something else differs by now than what was shown, or nothing does any more."""


class NotToUpdate(Exception):
    """This bill is only shown: it is paid, its period is closed, or it is not for us to change."""

    def __init__(self, because: str) -> None:
        self.because = because
        super().__init__(because)


class NotRemoved(Exception):
    """The bill is in the books: there is nothing to post again."""


async def differing(session: CompanySession, invoice_id: UUID, shown: str) -> tuple[InvoiceRow, BillComparison] | None:
    """The invoice and its comparison, locked; None when there is no such invoice. Raises DiffersOtherwise.

    ``shown`` is the fingerprint of the differences that the person saw.
    """
    row = (await invoices_by_id(session, [invoice_id])).get(invoice_id)
    if row is None:
        return None
    comparison = (await comparisons_of(session, [invoice_id])).get(invoice_id)
    if comparison is None or row.state not in HAS_BILL or not shown or comparison.fingerprint != shown:
        raise DiffersOtherwise
    return row, comparison


def keep_as_it_is(session: CompanySession, row: InvoiceRow, comparison: BillComparison, by: UUID, note: str) -> None:
    """*Keep as it is*: what differs is explained, and stays so until it changes."""
    comparison.kept_fingerprint, comparison.kept_by = comparison.fingerprint, by
    comparison.kept_at, comparison.kept_note = session.now, note
    comparison.update_fingerprint = comparison.update_wanted_by = comparison.update_wanted_at = None
    row.changed = False
    session.add(comparison)
    session.add(row)
    record_event(session, "invoice", row.id, "kept_as_it_is", reason=note, by=str(by))
    audit(session, "difference_explained", invoice_id=str(row.id), differences=comparison.differences, note=note)


def update_bill(session: CompanySession, row: InvoiceRow, comparison: BillComparison, by: UUID) -> None:
    """*Update the bill*: by exactly what was shown. Raises NotToUpdate."""
    if comparison.step not in (NextStep.ASK, NextStep.UPDATE):
        raise NotToUpdate(comparison.because)
    if comparison.update_wanted_at is None:
        want_update(session, comparison, by)
        record_event(session, "invoice", row.id, "update_wanted", by=str(by))
        audit(session, "bill_update_wanted", invoice_id=str(row.id), differences=comparison.differences)


async def post_again(session: CompanySession, row: InvoiceRow, by: UUID) -> None:
    """*Post again*: the bill was deleted or voided in QuickBooks, and the invoice is drafted anew. Raises NotRemoved.

    The bill that is there with every amount zero is no duplicate of the new one.
    """
    if not row.removed_in_quickbooks:
        raise NotRemoved
    for link in await end_links(session, row.id):
        key = f"{link.transaction_type}:{link.quickbooks_id}"
        await decide(session, row.id, DecisionKind.NOT_DUPLICATE, decided_by=by, subject_key=key)
        record_event(session, "invoice", row.id, "post_again", bill_id=link.quickbooks_id, by=str(by))
        audit(session, "posted_again", invoice_id=str(row.id), bill_id=link.quickbooks_id)
        await settle_bills(session, link.connection_id, [link.quickbooks_id])
    await end_decisions(session, row.id, [DecisionKind.APPROVED_DRAFT])
    await link_ended(session, row.id)
    row.changed = row.removed_in_quickbooks = False
    if row.state is InvoiceState.POSTED:
        # Whoever removed the bill there took it back.
        move(row, InvoiceState.TAKEN_BACK)
    move(row, InvoiceState.IMPORTED)
    row.not_before = row.leased_until = None
    session.add(row)
