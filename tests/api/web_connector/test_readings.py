"""Reading the lists: in order, page by page, only what changed the next time, and around what cannot be read."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlmodel import col, select

from models.desktop_readings import ensure_readings
from models.tables import DesktopReading, ReadingKind
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import Connector, Desk

LISTS = ["Terms", "Account", "Class", "Vendor", "Customer", "Item"]
PAGES_OF_BOOKS = ["Check", "CreditCardCharge", "VendorCredit", "BillPaymentCheck", "BillPaymentCreditCard"]
ORDER = [*LISTS, *PAGES_OF_BOOKS, "Bill", "TxnDeleted"]


def asked_for(text: str) -> str:
    found = re.search(r"<(\w+)QueryRq ", text)
    assert found is not None, text
    return found.group(1)


def page(text: str, inside: str = "", remaining: int | None = None) -> str:
    more = f' iteratorRemainingCount="{remaining}" iteratorID="{{it-1}}"' if remaining is not None else ""
    status = quickbooks.OK if inside else quickbooks.NO_MATCH
    kind = asked_for(text)
    return quickbooks.answer(
        f'<{kind}QueryRs requestID="{quickbooks.request_id(text)}" {status}{more}>{inside}</{kind}QueryRs>'
    )


def vendor(list_id: str, modified: str) -> str:
    return (
        f"<VendorRet><ListID>{list_id}</ListID><TimeModified>{modified}</TimeModified>"
        f"<EditSequence>1</EditSequence><Name>{list_id}</Name></VendorRet>"
    )


async def all_due(desk: Desk) -> None:
    async with desk.session() as session:
        await ensure_readings(session, desk.connection_id)
        for reading in await session.exec(
            select(DesktopReading).where(DesktopReading.company_id == session.company_id)
        ):
            reading.due_at, reading.watermark, reading.read_whole_at = session.now, None, None
            session.add(reading)


async def reading(desk: Desk, kind: ReadingKind) -> DesktopReading:
    async with desk.session() as session:
        found = await session.exec(
            select(DesktopReading).where(
                DesktopReading.company_id == session.company_id, col(DesktopReading.kind) == kind
            )
        )
        one: DesktopReading = found.one()
    return one


async def test_everything_is_read_in_order_and_the_session_ends(desk: Desk, connector: Connector) -> None:
    await all_due(desk)
    asked = [await connector.begin()]
    while await connector.tell(page(asked[-1])) < 100:
        asked.append(await connector.ask())
    assert [asked_for(text) for text in asked] == ORDER
    two_years_ago = (desk.office.now.now() - timedelta(days=730)).date()
    bills = asked[ORDER.index("Bill")]
    assert f"<FromTxnDate>{two_years_ago}</FromTxnDate>" in bills
    assert "<IncludeLineItems>true</IncludeLineItems>" in bills
    assert all("<IncludeLineItems>true</IncludeLineItems>" in text for text in asked[6:11])
    assert all(f"<TxnDelType>{kind}</TxnDelType>" in asked[-1] for kind in ("Bill", *PAGES_OF_BOOKS))
    await connector.close()
    assert await connector.sign_in() == "none"
    desk.office.now.advance(timedelta(hours=1, seconds=1))
    assert await connector.sign_in() != "none"


async def test_a_long_list_comes_in_pages_and_the_watermark_moves_at_the_end(desk: Desk, connector: Connector) -> None:
    await all_due(desk)
    text = await connector.begin()
    while asked_for(text) != "Vendor":
        await connector.tell(page(text))
        text = await connector.ask()
    assert 'iterator="Start"' in text and "FromModifiedDate" not in text
    await connector.tell(page(text, vendor("1", "2026-05-01T10:00:00-04:00"), remaining=1))
    assert (await reading(desk, ReadingKind.VENDORS)).watermark is None
    text = await connector.ask()
    assert 'iterator="Continue" iteratorID="{it-1}"' in text and "<MaxReturned>100</MaxReturned>" in text
    await connector.tell(page(text, vendor("2", "2026-06-01T10:00:00-04:00"), remaining=0))
    done = await reading(desk, ReadingKind.VENDORS)
    assert (done.watermark, done.session_id) == ("2026-06-01T10:00:00", None)
    await connector.close()

    desk.office.now.advance(timedelta(hours=2))
    text = await connector.begin()
    while asked_for(text) != "Vendor":
        await connector.tell(page(text))
        text = await connector.ask()
    # In QuickBooks' own time, less an overlap.
    assert "<FromModifiedDate>2026-06-01T09:50:00</FromModifiedDate>" in text


async def test_a_reading_cut_short_begins_anew_in_the_next_session(desk: Desk, connector: Connector) -> None:
    await all_due(desk)
    text = await connector.begin()
    while asked_for(text) != "Vendor":
        await connector.tell(page(text))
        text = await connector.ask()
    await connector.tell(page(text, vendor("1", "2026-05-01T10:00:00-04:00"), remaining=5))
    text = await connector.begin()
    # An iterator ends with its session.
    assert asked_for(text) == "Vendor" and 'iterator="Start"' in text


async def test_bills_come_before_reading(desk: Desk, connector: Connector) -> None:
    await all_due(desk)
    await desk.queue("INV-1")
    text = await connector.begin()
    assert "INV-1" in text
    await connector.tell(quickbooks.found(text))
    sent = await connector.ask()
    await connector.tell(quickbooks.added(sent, desk.stamp()))
    assert asked_for(await connector.ask()) == "Terms"


async def test_a_list_that_cannot_be_read_holds_up_nothing(desk: Desk, connector: Connector) -> None:
    await all_due(desk)
    text = await connector.begin()
    assert 0 < await connector.tell("<garbled") < 100
    assert asked_for(await connector.ask()) == "Account"
    terms = await reading(desk, ReadingKind.TERMS)
    assert terms.trouble is not None and terms.due_at == desk.office.now.now() + timedelta(hours=6)
    assert asked_for(text) == "Terms"


async def test_classes_that_are_switched_off_are_an_empty_list(desk: Desk, connector: Connector) -> None:
    await all_due(desk)
    text = await connector.begin()
    while asked_for(text) != "Class":
        await connector.tell(page(text))
        text = await connector.ask()
    off = quickbooks.answer(
        f'<ClassQueryRs requestID="{quickbooks.request_id(text)}" statusCode="3250" statusSeverity="Error" '
        'statusMessage="This feature is not enabled or not available in this version of QuickBooks."/>'
    )
    await connector.tell(off)
    assert (await reading(desk, ReadingKind.CLASSES)).trouble is None
    assert asked_for(await connector.ask()) == "Vendor"
