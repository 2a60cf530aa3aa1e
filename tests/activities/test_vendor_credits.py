"""A negative invoice that somebody wants as a vendor credit becomes exactly one, whatever befalls the answer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlmodel import select

from accounting.blockers import BlockerReason
from accounting.states import InvoiceState
from models.decisions import decide
from models.freeing import Resolved, free
from models.tables import AttemptState, BillLink, DecisionKind, PostingAttempt, PostingOperation
from simulators.faults import FaultRule
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.small_world import small_world


@pytest_asyncio.fixture
async def held(open_world: Opener) -> AsyncIterator[tuple[Desks, UUID]]:
    """A world where everything is posted but one invoice, which is negative and waits for a word about it."""
    async with open_world(small_world(0, waiting=1, negative=True)) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        (row,) = [one for one in (await desks.invoices()).values() if one.due < 0]
        assert (await desks.holds())[row.source_id] == [BlockerReason.NEGATIVE_TOTAL]
        yield desks, row.id


async def as_vendor_credit(desks: Desks, invoice_id: UUID) -> None:
    async with desks.product.session() as session:
        await decide(session, invoice_id, DecisionKind.VENDOR_CREDIT, decided_by=uuid4())
        await session.flush()
        assert await free(session, Resolved((BlockerReason.NEGATIVE_TOTAL,), invoice_ids=(invoice_id,))) == [invoice_id]


async def alone_or_with_a_bill(desks: Desks, invoice_id: UUID, others: int) -> UUID:
    """The batch with the credit, and with as many ordinary bills as wanted."""
    waiting = [one for one in desks.product.procore.records.requisitions.values() if one.status == "under_review"]
    for requisition in waiting[:others]:
        desks.product.change(str(requisition.id), status="approved")
    await as_vendor_credit(desks, invoice_id)
    desks.advance(timedelta(minutes=2))
    batch_id = await desks.prepared()
    assert len([one for one in await desks.attempts() if one.batch_id == batch_id]) == 1 + others
    return batch_id


async def one_credit(desks: Desks, invoice_id: UUID) -> None:
    credits = desks.product.quickbooks.companies[desks.expected["realm_id"]].entities["VendorCredit"]
    (made,) = credits.values()
    async with desks.product.session() as session:
        link = (await session.exec(select(BillLink).where(BillLink.invoice_id == invoice_id))).one()
        attempt = (await session.exec(select(PostingAttempt).where(PostingAttempt.subject_id == invoice_id))).one()
    assert (link.transaction_type, link.quickbooks_id, str(link.total)) == ("VendorCredit", made["Id"], "1800.00")
    # $2,000.00 of work is taken back, and the $200.00 that was withheld on it.
    assert Decimal(made["TotalAmt"]) == Decimal("1800.00")
    assert (str(link.retainage_withheld), str(link.retainage_released)) == ("-200.00", "0.00")
    assert (attempt.operation, attempt.state) == (PostingOperation.CREATE_VENDOR_CREDIT, AttemptState.ACCEPTED)
    assert attempt.mapping_versions.startswith("settings@")
    rows = await desks.invoices()
    assert {row.state for row in rows.values()} == {InvoiceState.POSTED}


async def test_it_is_posted_as_one(held: tuple[Desks, UUID]) -> None:
    desks, invoice_id = held
    await as_vendor_credit(desks, invoice_id)
    await desks.post_everything()
    await one_credit(desks, invoice_id)


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "in a batch"])
@pytest.mark.parametrize("effect", ["drop_after", "drop_before", "truncate"])
async def test_one_whose_answer_was_lost_is_there_once(held: tuple[Desks, UUID], effect: str, others: int) -> None:
    desks, invoice_id = held
    batch_id = await alone_or_with_a_bill(desks, invoice_id, others)
    path = r"/batch$" if others else r"/vendorcredit$"
    rule = {"effect": effect, "method": "POST", "path": path, "request_body": '"VendorRef":', "count": 1}
    desks.product.quickbooks.faults.add(FaultRule.model_validate(rule))
    await desks.send_in_vain(batch_id)
    desks.advance(timedelta(seconds=131))
    await desks.send(batch_id)
    await one_credit(desks, invoice_id)
