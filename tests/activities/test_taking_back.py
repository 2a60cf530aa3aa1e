"""Taking bills back from QuickBooks Online: newest first, exactly once, and never what is paid or closed."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from accounting.states import InvoiceState
from models.connections import pause_posting
from models.copy_of_books import note_closing_date
from models.posting import BATCH_LEASE
from models.tables import (
    AttemptState,
    PostingAttempt,
    PostingOperation,
    QuickBooksTransaction,
    TakeBackState,
    TakeBackWay,
)
from models.taking_back import Asked, ask, post_again
from models.taking_back_shown import TakingBackShown, taking_back_shown
from simulators.faults import FaultRule
from simulators.quickbooks_online.bill_payments import create_bill_payment
from simulators.quickbooks_online.bills import delete_bill, update_bill
from simulators.quickbooks_online.books import Books
from tests.activities.conftest import Opener
from tests.activities.deaths import Fate, mortal
from tests.desks import Desks
from tests.small_world import small_world

S, W = TakeBackState, TakeBackWay


@asynccontextmanager
async def posted(open_world: Opener, **world: Any) -> AsyncIterator[Desks]:
    """A company whose invoices are all posted."""
    async with open_world(small_world(**world)) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        yield desks


def books_of(desks: Desks) -> Books:
    return desks.product.quickbooks.companies[desks.expected["realm_id"]]


def bills(desks: Desks) -> dict[str, dict[str, Any]]:
    return books_of(desks).entities["Bill"]


async def take_back(desks: Desks, *source_ids: str, way: TakeBackWay = W.REMOVE) -> Asked:
    rows = await desks.invoices()
    async with desks.product.session() as session:
        return await ask(session, [rows[one].id for one in source_ids], way, desks.product.admin_id)


async def shown(desks: Desks, asked: Asked) -> TakingBackShown:
    assert asked.id is not None
    async with desks.product.session() as session:
        found = await taking_back_shown(session, asked.id)
    assert found is not None
    return found


async def removals(desks: Desks) -> list[PostingAttempt]:
    wanted = {PostingOperation.DELETE, PostingOperation.REVERSE}
    return [attempt for attempt in await desks.attempts() if attempt.operation in wanted]


async def bill_of(desks: Desks, source_id: str) -> dict[str, Any]:
    return bills(desks)[(await desks.links())[source_id].quickbooks_id]


async def pay(desks: Desks, source_id: str, amount: str) -> None:
    books, bill = books_of(desks), await bill_of(desks, source_id)
    bank = next(one["Id"] for one in books.entities["Account"].values() if one["AccountType"] == "Bank")
    create_bill_payment(
        books,
        {
            "VendorRef": bill["VendorRef"],
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": bank}},
            "TotalAmt": amount,
            "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}],
        },
    )


async def test_unpaid_bills_of_open_periods_are_deleted(open_world: Opener) -> None:
    async with posted(open_world, invoices=3) as desks:
        one, two, three = await desks.invoices()
        asked = await take_back(desks, one, three)
        assert asked.count == 2
        await desks.post_everything()
        assert len(bills(desks)) == 1
        told = await shown(desks, asked)
        assert [item.state for item in told.items] == [S.DONE, S.DONE]
        assert await desks.states() == {one: "taken_back", two: "posted", three: "taken_back"}
        assert set(await desks.links()) == {two}
        assert [attempt.state.value for attempt in await removals(desks)] == ["accepted", "accepted"]
        assert await desks.open_batches() == []
        # Nothing posts them again by itself.
        desks.advance(timedelta(hours=2))
        await desks.post_everything()
        assert len(bills(desks)) == 1


async def test_what_was_taken_back_is_posted_again_on_a_persons_word_only(open_world: Opener) -> None:
    async with posted(open_world, invoices=1) as desks:
        (one,) = await desks.invoices()
        (before,) = bills(desks)
        await take_back(desks, one)
        await desks.post_everything()
        row = (await desks.invoices())[one]
        async with desks.product.session() as session:
            await post_again(session, row.id, desks.product.admin_id)
        await desks.post_everything()
        assert await desks.states() == {one: "posted"}
        (after,) = bills(desks)
        assert after != before


async def test_the_last_one_in_is_the_first_one_out(open_world: Opener) -> None:
    async with posted(open_world, invoices=0, releases=True) as desks:
        june, july = sorted(await desks.invoices())
        # July releases what June withholds: June's cannot go alone.
        alone = await take_back(desks, june)
        await desks.post_everything()
        (refused,) = (await shown(desks, alone)).items
        assert refused.state is S.REFUSED
        assert refused.sentence.startswith("Later bills of its commitment release $")
        both = await take_back(desks, june, july)
        await desks.post_everything()
        told = await shown(desks, both)
        assert [item.state for item in told.items] == [S.DONE, S.DONE]
        rows = await desks.invoices()
        assert [item.invoice_id for item in told.items] == [rows[july].id, rows[june].id]
        assert bills(desks) == {}


async def test_a_paid_bill_stays_and_says_why(open_world: Opener) -> None:
    async with posted(open_world, invoices=2) as desks:
        one, two = await desks.invoices()
        await pay(desks, one, "100.00")
        asked = await take_back(desks, one, two)
        await desks.post_everything()
        by_number = {item.invoice_id: item for item in (await shown(desks, asked)).items}
        rows = await desks.invoices()
        assert by_number[rows[one].id].state is S.REFUSED
        assert by_number[rows[one].id].sentence.startswith("$100.00 of it is paid or settled by credit.")
        assert by_number[rows[one].id].may_reverse
        assert by_number[rows[two].id].state is S.DONE
        assert await desks.states() == {one: "posted", two: "taken_back"}


async def close_books(desks: Desks, through: date) -> None:
    (row, *_) = (await desks.invoices()).values()
    assert row.connection_id is not None
    async with desks.product.session() as session:
        await note_closing_date(session, row.connection_id, through)


async def test_a_bill_of_a_closed_period_is_reversed_in_the_open_one(open_world: Opener) -> None:
    async with posted(open_world, invoices=1) as desks:
        (one,) = await desks.invoices()
        await close_books(desks, date(2026, 9, 30))
        asked = await take_back(desks, one)
        await desks.post_everything()
        (item,) = (await shown(desks, asked)).items
        assert (item.state, item.may_reverse) == (S.REFUSED, True)
        assert "lies in a closed period" in item.sentence
        assert await desks.states() == {one: "posted"}

        bill = await bill_of(desks, one)
        asked = await take_back(desks, one, way=W.REVERSE)
        await desks.post_everything()
        (credit,) = books_of(desks).entities["VendorCredit"].values()
        assert credit["TotalAmt"] == bill["TotalAmt"]
        assert credit["DocNumber"] == f"{bill['DocNumber']}-R"
        assert date.fromisoformat(credit["TxnDate"]) > date(2026, 9, 30)
        assert [line["Amount"] for line in credit["Line"]] == [line["Amount"] for line in bill["Line"]]
        (item,) = (await shown(desks, asked)).items
        assert item.state is S.DONE and item.sentence.startswith("Reversed by vendor credit ")
        assert await desks.states() == {one: "taken_back"}
        # Posted again, neither the bill that stayed nor the credit against it is taken for a duplicate of it.
        await close_books(desks, date(2026, 1, 31))
        row = (await desks.invoices())[one]
        async with desks.product.session() as session:
            await post_again(session, row.id, desks.product.admin_id)
        await desks.post_everything()
        assert await desks.states() == {one: "posted"}
        assert len(bills(desks)) == 2


async def test_one_that_somebody_deleted_is_taken_back_all_the_same(open_world: Opener) -> None:
    async with posted(open_world, invoices=1) as desks:
        (one,) = await desks.invoices()
        delete_bill(books_of(desks), await bill_of(desks, one), by_person=True)
        asked = await take_back(desks, one)
        await desks.post_everything()
        (item,) = (await shown(desks, asked)).items
        assert (item.state, item.sentence) == (S.DONE, "It was gone from QuickBooks already.")
        async with desks.product.session() as session:
            (copy,) = await session.exec(select(QuickBooksTransaction))
        assert copy.is_deleted


@pytest.mark.parametrize("operation", ["bill", "vendorcredit"])
async def test_an_answer_lost_after_the_commit_does_nothing_twice(open_world: Opener, operation: str) -> None:
    async with posted(open_world, invoices=1) as desks:
        (one,) = await desks.invoices()
        if operation == "vendorcredit":
            await close_books(desks, date(2026, 9, 30))
        asked = await take_back(desks, one, way=W.REVERSE if operation == "vendorcredit" else W.REMOVE)
        (batch,) = await desks.runnable()
        assert batch.batch_id is not None
        lost = FaultRule(effect="drop_after", method="POST", path=rf"/{operation}$", count=1)
        desks.product.quickbooks.faults.add(lost)
        await desks.send_in_vain(batch.batch_id)
        assert [attempt.state.value for attempt in await removals(desks)] == ["unclear"]
        await desks.send(batch.batch_id)
        (item,) = (await shown(desks, asked)).items
        assert item.state is S.DONE
        assert len(await removals(desks)) == 1
        assert len(books_of(desks).entities["VendorCredit"]) == (1 if operation == "vendorcredit" else 0)
        assert len(bills(desks)) == (1 if operation == "vendorcredit" else 0)


async def test_a_bill_that_is_changed_while_it_is_taken_back_is_read_and_judged_again(open_world: Opener) -> None:
    async with posted(open_world, invoices=1) as desks:
        (one,) = await desks.invoices()
        asked = await take_back(desks, one)
        (batch,) = await desks.runnable()
        assert batch.batch_id is not None
        desks.product.quickbooks.faults.add(FaultRule(effect="drop_before", method="POST", path=r"/bill$", count=1))
        await desks.send_in_vain(batch.batch_id)
        bill = await bill_of(desks, one)
        update_bill(books_of(desks), {**bill, "PrivateNote": f"{bill['PrivateNote']} looked at"})
        await desks.send(batch.batch_id)
        assert [attempt.state.value for attempt in await removals(desks)][-1] == "accepted"
        assert bills(desks) == {}
        assert [item.state for item in (await shown(desks, asked)).items] == [S.DONE]


async def test_what_cannot_be_taken_back_is_named(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.runnable()
        asked = await take_back(desks, *(await desks.invoices()))
        assert (asked.id, asked.count) == (None, 0)
        assert {one.sentence for one in asked.left} == {"It has no bill in QuickBooks that inBuild made."}
        desks.advance(timedelta(minutes=11))
        await desks.post_everything()
        first = await take_back(desks, *(await desks.invoices()))
        again = await take_back(desks, *(await desks.invoices()))
        assert (first.count, again.count) == (2, 0)
        assert {one.sentence for one in again.left} == {"It is being taken back already."}


async def test_nothing_is_taken_back_while_posting_is_paused(open_world: Opener) -> None:
    async with posted(open_world, invoices=1) as desks:
        (one,) = await desks.invoices()
        connection_id: UUID = (await desks.links())[one].connection_id
        asked = await take_back(desks, one)
        async with desks.product.session() as session:
            await pause_posting(session, connection_id, True, desks.product.admin_id)
        await desks.post_everything()
        assert len(bills(desks)) == 1
        async with desks.product.session() as session:
            await pause_posting(session, connection_id, False, desks.product.admin_id)
        await desks.post_everything()
        assert bills(desks) == {}
        assert [item.state for item in (await shown(desks, asked)).items] == [S.DONE]
        assert (await desks.invoices())[one].state is InvoiceState.TAKEN_BACK


async def test_a_worker_that_dies_over_and_over_takes_back_each_bill_once(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    fate = Fate(12, 7, "twelve deaths")
    async with posted(open_world, invoices=10) as desks:
        (paid, *others) = await desks.invoices()
        await pay(desks, paid, "1.00")
        asked = await take_back(desks, paid, *others)
        async with mortal(desks, fate, monkeypatch):
            while (await shown(desks, asked)).of(S.WAITING):
                try:
                    await desks.post_everything()
                except ApplicationError as later:
                    desks.advance(later.next_retry_delay or timedelta(seconds=1))
                except BaseException:
                    if not fate.is_dead:
                        raise
                    fate.revive()
                # The lease of a batch runs out before anybody else takes it up.
                desks.advance(BATCH_LEASE)
        assert fate.kills > 5
        assert len(bills(desks)) == 1
        assert Counter((await desks.states()).values()) == {"taken_back": 9, "posted": 1}
        done = [attempt for attempt in await removals(desks) if attempt.state is AttemptState.ACCEPTED]
        assert len({attempt.subject_id for attempt in done}) == len(done) == 9
