"""An invoice uploaded to inBuild and the same one approved in Procore: one bill, whichever comes first."""

import asyncio
from collections import Counter
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounting.invoice import InvoiceLine
from accounting.money import ZERO
from contracts.mirroring import BatchRef
from foundation.ids import new_id
from models.tables import InvoiceRow
from models.uploads import UploadedInvoice, approve_upload, write_upload
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.small_world import small_world

ROUNDS = 50


async def upload_of(desks: Desks, row: InvoiceRow) -> UUID:
    """The same invoice, typed in by a person and approved."""
    line = InvoiceLine(1, "As on the paper", "1", None, row.due, ZERO, ZERO, row.due)
    typed_in = UploadedInvoice(
        upload_id=new_id(desks.clock),
        project_id=row.project_id,
        vendor_name=row.vendor_name,
        number=f" {row.number} ",
        billing_date=date(2026, 7, 31),
        currency="USD",
        commitment_number=None,
        due=Decimal(row.due),
        lines=(line,),
    )
    async with desks.product.session() as session:
        invoice_id, _ = await write_upload(session, typed_in)
    async with desks.product.session() as session:
        await approve_upload(session, invoice_id, desks.product.admin_id)
    return invoice_id


async def test_an_upload_and_its_procore_twin_ready_at_once_make_one_bill(open_world: Opener) -> None:
    async with open_world(small_world(ROUNDS)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        (first, *_) = await desks.runnable()
        of_procore = list((await desks.invoices()).values())
        uploads = [await upload_of(desks, row) for row in of_procore]

        def alone(invoice_id: UUID) -> BatchRef:
            return BatchRef(
                connection_id=connection.id,
                project_id=first.project_id,
                project_name=first.project_name,
                invoice_ids=[invoice_id],
            )

        for row, upload_id in zip(of_procore, uploads, strict=True):
            pair = [desks.prepare(alone(row.id)), desks.prepare(alone(upload_id))]
            written = await asyncio.gather(*pair)
            assert sum(one.batch_id is not None for one in written) == 1
        states = Counter((await desks.states()).values())
        assert states == {"sending": ROUNDS, "needs_you": ROUNDS}
        assert Counter(map(tuple, (await desks.holds()).values())) == {("likely_duplicate",): ROUNDS}
        for batch in await desks.open_batches():
            await desks.send(batch.id)
        assert len(desks.product.bills(desks.expected["realm_id"])) == ROUNDS
