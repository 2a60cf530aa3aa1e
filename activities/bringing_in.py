"""The run of an accepted plan: what it signed off is imported, linked or held, from the rows the plan was made of.

A chunk is one unit of work: it comes in whole or not at all, so that whoever goes on after a crash finds the rest.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from accounting.blockers import BlockerReason, Hold
from accounting.plan import PlanVerdict
from activities.recently_read import RECENTLY_READ
from activities.requisition_reading import is_approved, read
from models.database import CompanySession
from models.freeing import Resolved, free
from models.invoice_states import hold_invoice
from models.invoices import NewInvoice, import_invoices, invoices_of_requisitions
from models.linking import LinkedAlready, NoSuchBill, use_bill
from models.look_alikes import words_of_transaction
from models.plans import EntryToImport, locked_plan, mark_entries_imported, plan_brought_in, plan_entries_to_import
from models.requisitions import set_verdict, texts_of, told_requisitions
from models.routes import Routes
from models.tables import InvoiceRow, RequisitionVerdict
from providers.procore.requisitions import Requisition, read_requisition

# Enough for all lanes of a connection to begin with.
CHUNK = 200


async def bring_in_plan(session: CompanySession, plan_id: UUID, routes: Routes) -> bool:
    """Deal with the next invoices of an accepted plan; whether all are dealt with.

    What was withdrawn meanwhile stays out: the rows follow Procore, the plan does not.
    """
    entries = await plan_entries_to_import(session, plan_id, CHUNK)
    invoices = await _approved_invoices(session, [entry.requisition_id for entry in entries])
    coming = [(entry, _held(invoice, entry)) for entry in entries if (invoice := invoices.get(entry.requisition_id))]
    by_books: dict[UUID | None, list[NewInvoice]] = {}
    for entry, invoice in coming:
        route = routes.of(entry.project_id)
        by_books.setdefault(route.connection_id, []).append(replace(invoice, holds=(*invoice.holds, *route.holds)))
    new: set[UUID] = set()
    for connection_id, members in by_books.items():
        new.update(await import_invoices(session, members, connection_id))
    await _link(session, plan_id, [(entry, invoice) for entry, invoice in coming if is_link(entry)], new)
    goes_on = [entry.requisition_id for entry, _ in coming if entry.verdict is not PlanVerdict.ASK]
    await set_verdict(session, goes_on, RequisitionVerdict.IMPORTED, None)
    await mark_entries_imported(session, plan_id, [entry.requisition_id for entry in entries])
    if len(entries) == CHUNK:
        return False
    await plan_brought_in(session, plan_id)
    return True


def is_link(entry: EntryToImport) -> bool:
    return entry.verdict is PlanVerdict.LINK


async def _approved_invoices(session: CompanySession, requisition_ids: Sequence[str]) -> dict[str, NewInvoice]:
    """What these requisitions come to, by id; left out where one cannot be read, or is not approved any more."""
    invoices = {
        one.requisition_id: invoice
        for one in await told_requisitions(session, requisition_ids)
        if is_approved(one.status) and (invoice := RECENTLY_READ.find(one.raw_sha256))
    }
    texts = await texts_of(session, [one for one in requisition_ids if one not in invoices])
    for requisition_id, text in texts.items():
        requisition = read_requisition(text)
        if isinstance(requisition, Requisition) and is_approved(requisition.status):
            invoices[requisition_id] = read(requisition).invoice
    return invoices


def _held(invoice: NewInvoice, entry: EntryToImport) -> NewInvoice:
    """The invoice with what its plan asks a person, where it asks."""
    if entry.verdict is not PlanVerdict.ASK:
        return invoice
    hold = Hold(BlockerReason(entry.reason), entry.transaction, entry.transaction_key)
    return replace(invoice, holds=(*invoice.holds, hold))


async def _link(
    session: CompanySession,
    plan_id: UUID,
    signed_off: Sequence[tuple[EntryToImport, NewInvoice]],
    new: set[UUID],
) -> None:
    """Link what was signed off as linked. An invoice that came in some other way meanwhile is left as it is."""
    if not signed_off:
        return
    accepted_by = (await locked_plan(session, plan_id)).requested_by
    invoices = await invoices_of_requisitions(session, [entry.requisition_id for entry, _ in signed_off])
    for entry, invoice in signed_off:
        row = invoices[entry.requisition_id]
        if row.id in new:
            await _link_one(session, entry, invoice, row, accepted_by)
    await session.flush()
    # What these bills hold back is booked now: whoever waited to release it may go on.
    commitments = tuple(sorted({row.commitment_id for row in invoices.values()}))
    await free(session, Resolved((BlockerReason.RETAINAGE_OPENING_BALANCE,), commitments))


async def _link_one(
    session: CompanySession, entry: EntryToImport, invoice: NewInvoice, row: InvoiceRow, by: UUID
) -> None:
    """Link it to the very bill that was signed off; where either has changed since, a person looks again."""
    words = await words_of_transaction(session, row.connection_id, entry.transaction_key)
    if words == entry.transaction and (invoice.due, invoice.number) == (entry.due, entry.number):
        try:
            await use_bill(session, row, entry.transaction_key, by)
            return
        except (NoSuchBill, LinkedAlready):
            pass
    changed = f"{entry.transaction}, which has changed, or the invoice has, since the plan was signed off"
    await hold_invoice(session, row, [Hold(BlockerReason.LIKELY_DUPLICATE, changed, entry.transaction_key)])


__all__ = ["CHUNK", "bring_in_plan"]
