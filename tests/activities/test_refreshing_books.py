"""The copy of the books follows QuickBooks: what is new, changed, deleted, and its closing date."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import select

from accounting.blockers import BlockerReason
from accounting.numbers import normalise
from activities.refreshing_books import FRESH_FOR, bring_up_to_date
from models.database import Actor
from models.look_alikes import Sought, booked_near
from models.mappings import connection_settings
from models.tables import ActorKind, Connection, QuickBooksTransaction
from providers.quickbooks_online.client import QuickBooksOnlineClient
from simulators.faults import FaultRule
from simulators.quickbooks_online.bills import create_bill, delete_bill
from simulators.quickbooks_online.books import Books
from simulators.quickbooks_online.credits_and_purchases import write_purchase, write_vendor_credit
from tests.activities.conftest import Opener
from tests.product import Product
from tests.small_world import small_world

ACTOR = Actor(ActorKind.COMMAND, "test")


def _line(books: Books, amount: int) -> dict[str, Any]:
    account = next(one["Id"] for one in books.entities["Account"].values() if one["Name"] == "Subcontractor Expense")
    customer = next(iter(books.entities["Customer"]))
    detail = {"AccountRef": {"value": account}, "CustomerRef": {"value": customer}}
    return {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }


def _client(product: Product, connection: Connection) -> QuickBooksOnlineClient:
    return product.outside.quickbooks(product.company_id, connection, ACTOR)


async def _rows(product: Product) -> dict[str, QuickBooksTransaction]:
    async with product.session() as session:
        found = await session.exec(select(QuickBooksTransaction))
        return {f"{one.transaction_type} {one.number}": one for one in found}


async def test_what_a_person_does_in_quickbooks_is_in_the_copy(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        product, connection = desks.product, await desks.connect()
        connection_id, realm_id = connection.id, connection.quickbooks_company_id
        books = product.quickbooks.companies[realm_id]
        client = _client(product, connection)
        vendor = {"value": next(iter(books.entities["Vendor"]))}
        bank = next(one["Id"] for one in books.entities["Account"].values() if one["AccountType"] == "Bank")

        async def refreshed() -> bool:
            desks.advance(FRESH_FOR + timedelta(seconds=1))
            return await bring_up_to_date(product.outside, product.company_id, connection_id, client, ACTOR)

        assert await refreshed()
        lines = [_line(books, 900), _line(books, -90)]
        bill = create_bill(books, {"VendorRef": vendor, "DocNumber": "A-1", "TxnDate": "2026-06-30", "Line": lines})
        write_vendor_credit(books, {"VendorRef": vendor, "DocNumber": "C-1", "Line": [_line(books, 50)]})
        check = {"PaymentType": "Check", "AccountRef": {"value": bank}, "EntityRef": {**vendor, "type": "Vendor"}}
        write_purchase(books, {**check, "DocNumber": "1001", "Line": [_line(books, 70)]})
        assert await refreshed()
        rows = await _rows(product)
        one = rows["Bill A-1"]
        assert (str(one.total), str(one.gross), one.customer_ids) == (
            "810.00",
            "900.00",
            [next(iter(books.entities["Customer"]))],
        )
        assert {rows["VendorCredit C-1"].vendor_id, rows["Purchase 1001"].vendor_id} == {vendor["value"]}
        delete_bill(books, {"Id": bill["Id"], "SyncToken": bill["SyncToken"]})
        assert await refreshed()
        assert (await _rows(product))["Bill A-1"].is_deleted
        assert not await bring_up_to_date(product.outside, product.company_id, connection_id, client, ACTOR)


async def test_the_closing_date_comes_along_once_an_hour(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        product, connection = desks.product, await desks.connect()
        realm_id = connection.quickbooks_company_id
        books = product.quickbooks.companies[realm_id]
        client = _client(product, connection)
        books.preferences["AccountingInfoPrefs"]["BookCloseDate"] = "2026-05-31"
        desks.advance(timedelta(hours=1))
        assert await bring_up_to_date(product.outside, product.company_id, connection.id, client, ACTOR)
        async with product.session() as session:
            settings = await connection_settings(session, connection.id)
        assert str(settings.books_closed_through) == "2026-05-31"


def _change_queries(product: Product) -> int:
    return sum(one["path"].endswith("/cdc") for one in product.quickbooks.traffic.entries(0, 1000))


async def test_batches_that_come_together_read_the_changes_once_and_a_young_copy_not_at_all(
    open_world: Opener,
) -> None:
    async with open_world(small_world(3, projects=3)) as desks:
        await desks.connect()
        await desks.switch_on()
        first, *others = await desks.runnable()
        assert (await desks.prepare(first)).batch_id is not None
        assert _change_queries(desks.product) == 0
        desks.advance(FRESH_FOR)
        prepared = await asyncio.gather(*(desks.prepare(batch) for batch in others))
        assert len(others) == 2 and None not in {one.batch_id for one in prepared}
        assert _change_queries(desks.product) == 1


async def test_a_bill_that_somebody_typed_a_minute_ago_holds_the_invoice(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        books = desks.product.quickbooks.companies[connection.quickbooks_company_id]
        (row,) = (await desks.invoices()).values()
        vendor = next(one["Id"] for one in books.entities["Vendor"].values() if one["DisplayName"] == row.vendor_name)
        line = _line(books, 900)
        # Coded to another project it would be another bill.
        del line["AccountBasedExpenseLineDetail"]["CustomerRef"]
        typed = {"VendorRef": {"value": vendor}, "DocNumber": row.number, "Line": [line]}
        create_bill(books, {**typed, "TxnDate": row.billing_date.isoformat()})
        desks.advance(FRESH_FOR)
        assert (await desks.prepare(batch)).batch_id is None
        assert (await desks.holds())[row.source_id] == [BlockerReason.LIKELY_DUPLICATE]


async def test_what_our_own_batch_has_just_made_is_nobodys_duplicate(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await desks.connect()
        await desks.switch_on()
        batch_id = await desks.prepared()
        (attempt,) = await desks.attempts()
        rule = {"effect": "drop_after", "method": "POST", "path": r"/bill$", "count": 1}
        desks.product.quickbooks.faults.add(FaultRule.model_validate(rule))
        await desks.send_in_vain(batch_id)
        desks.advance(FRESH_FOR)
        connection = await desks.connection(attempt.connection_id)
        client = _client(desks.product, connection)
        assert await bring_up_to_date(desks.product.outside, desks.company_id, connection.id, client, ACTOR)
        another = Sought(attempt.lookup_vendor_id, normalise(attempt.lookup_number), attempt.bill_date)
        async with desks.product.session() as session:
            assert [*(await booked_near(session, connection.id, {uuid4(): another})).values()] == [()]
