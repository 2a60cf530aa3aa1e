"""The fresh look before a bill: what Procore says of a batch's requisitions at this moment, and what that changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from accounting.blockers import BlockerReason, Hold
from accounting.invoice import InvoiceSource
from accounting.states import InvoiceState
from activities.judging import follow_source, gone_from_procore, keep_unreadable
from activities.missing_requisitions import ask_for_missing
from activities.procore_access import note_refusal
from activities.reading_procore import CompanyReader
from activities.requisition_reading import Reading, read
from models.database import CompanySession
from models.invoice_states import hold_invoice
from models.invoices import InvoiceOrigin
from models.requisitions import fingerprint, store_requisitions
from models.tables import InvoiceRow
from providers.procore.errors import ProcoreError
from providers.procore.requisitions import Requisition, read_requisition
from providers.procore.wire import Unreadable

Invoice = TypeVar("Invoice", InvoiceRow, InvoiceOrigin)
HELD = frozenset({InvoiceState.NEEDS_YOU, InvoiceState.WAITING})


@dataclass(frozen=True)
class FreshLook:
    """What Procore says now. ``told`` holds the fingerprint of every requisition's text, by id; only a text that an
    invoice was not made from is read. ``gone`` are not in Procore any more, ``refused`` are not shown to us, each with
    Procore's reason. ``hidden`` is why Procore says nothing at all.
    """

    told: Mapping[str, str] = field(default_factory=dict)
    gone: Collection[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    readings: Sequence[Reading] = ()
    unreadable: Sequence[Unreadable] = ()
    hidden: ProcoreError | None = None


async def look_again(reader: CompanyReader, project_id: str, origins: Sequence[InvoiceOrigin]) -> FreshLook:
    """One list call for all of them, and one for each that it leaves out. Raises ProcoreError."""
    made_from = {one.source_id: _made_from(one) for one in from_procore(origins)}
    if not made_from:
        return FreshLook()
    await reader.breathe()
    told: dict[str, str] = {}
    readings: list[Reading] = []
    unreadable: list[Unreadable] = []
    async for page in reader.client.requisition_texts(project_id, list(made_from)):
        unreadable += page.unreadable
        for text in page.records:
            told[text.id] = fingerprint(text.raw)
            if told[text.id] == made_from.get(text.id):
                continue
            match read_requisition(text.raw):
                case Requisition() as requisition:
                    readings.append(read(requisition))
                case Unreadable() as one:
                    unreadable.append(one)
    missing = await ask_for_missing(reader, project_id, made_from.keys() - told.keys() - {one.id for one in unreadable})
    for requisition in missing.records:
        reading = read(requisition)
        told[requisition.id] = reading.seen.raw_sha256
        readings.append(reading)
    return FreshLook(told, missing.gone, missing.hidden, readings, [*unreadable, *missing.unreadable])


async def take_over(
    session: CompanySession, look: FreshLook, project_id: str, rows: Sequence[InvoiceRow]
) -> list[InvoiceRow]:
    """Bring the invoices up to the fresh look; those still approved and readable may be drafted."""
    if look.hidden is not None:
        said = look.hidden.reason.rstrip(".")
        for row in from_procore(rows):
            await hold_invoice(session, row, [Hold(BlockerReason.PROJECT_NOT_VISIBLE, said, row.project_id)])
        await note_refusal(session, project_id, look.hidden)
        return [row for row in rows if row.source is not InvoiceSource.PROCORE_REQUISITION]
    if look.readings:
        await store_requisitions(session, [reading.seen for reading in look.readings], keep_verdict=True)
        await follow_source(session, look.readings)
    if look.unreadable:
        await keep_unreadable(session, look.unreadable, project_id)
    unreadable = {one.id: one.reason for one in look.unreadable}
    read_again = {reading.seen.requisition_id for reading in look.readings}
    going = []
    for row in rows:
        if row.source is not InvoiceSource.PROCORE_REQUISITION:
            going.append(row)
        elif row.source_id in unreadable:
            await hold_invoice(session, row, [Hold(BlockerReason.UNREADABLE, unreadable[row.source_id])])
        elif row.source_id in look.refused:
            said = look.refused[row.source_id].rstrip(".")
            # Its own key: the project is read all the while, which would free it at every look.
            await hold_invoice(session, row, [Hold(BlockerReason.PROJECT_NOT_VISIBLE, said, row.source_id)])
        elif row.source_id in look.gone:
            await gone_from_procore(session, row)
        elif row.source_id in read_again or look.told.get(row.source_id, "") == _made_from(row):
            # What is in none was changed by another look since this one, or not asked for yet: a later batch has it.
            going.append(row)
    return [row for row in going if not row.approval_withdrawn and row.state not in HELD]


def from_procore(invoices: Sequence[Invoice]) -> list[Invoice]:
    return [one for one in invoices if one.source == InvoiceSource.PROCORE_REQUISITION]


def _made_from(invoice: InvoiceRow | InvoiceOrigin) -> str | None:
    """The fingerprint of the approved text an invoice stands for; None where any text is news."""
    return None if invoice.approval_withdrawn else invoice.source_sha256
