"""What keeps a company file from being written into: said where people look, and kept by the session."""

from __future__ import annotations

from datetime import time, timedelta

from accounting.blockers import BlockerReason
from accounting.company_file import FileState
from models.company_files import company_files_now, place_in_line, standings_of_files
from models.desktop_readings import COPY_SERVES_FOR, give_up_reading, readings_of
from models.mappings import connection_settings
from models.standing import standing_of_connections
from models.tables import ReadingKind, WriteState
from models.web_connector import locked_login, set_password
from providers.quickbooks_desktop.verdicts import judge_status
from tests.api.seeding import add_invoice
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import PASSWORD, Connector, Desk, quick_hash

ROOT = "/settings/accounting-integrations"


async def state(desk: Desk) -> FileState | None:
    async with desk.session() as session:
        standing = (await standings_of_files(session, [desk.connection_id])).get(desk.connection_id)
    return standing.state if standing else None


async def quiet(desk: Desk, begin: time | None, end: time | None) -> None:
    async with desk.session() as session:
        settings = await connection_settings(session, desk.connection_id)
        settings.quiet_from, settings.quiet_until, settings.quiet_time_zone = begin, end, "UTC"
        session.add(settings)


async def waiting(desk: Desk, *numbers: str) -> None:
    for number in numbers:
        desk.office.now.advance(timedelta(seconds=1))
        async with desk.session() as session:
            desk.invoices.append(
                await add_invoice(session, number, connection_id=desk.connection_id, source_id=f"source-{number}")
            )


async def test_a_wrong_password_is_said_until_the_right_one_comes(desk: Desk, connector: Connector) -> None:
    assert await state(desk) is FileState.NOT_SEEN
    for _ in range(2):
        assert await connector.sign_in(password="wrong") == "nvu"
    assert await state(desk) is FileState.REFUSED
    page = await desk.office.admin.get(ROOT)
    assert "Password refused" in page.text and "set a new one here" in page.text
    assert await connector.sign_in() == "none"
    assert await state(desk) is None


async def test_a_new_password_is_no_wrong_one(desk: Desk, connector: Connector) -> None:
    await connector.sign_in(password="wrong")
    async with desk.session() as session:
        set_password(session, await locked_login(session, desk.login_id), quick_hash("another"))
    assert await state(desk) is FileState.NOT_SEEN
    assert await connector.sign_in(password=PASSWORD) == "nvu"
    assert await state(desk) is FileState.REFUSED


async def test_in_quiet_hours_the_file_is_not_even_opened(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    now = desk.office.now.now()
    await quiet(desk, (now - timedelta(minutes=1)).time(), (now + timedelta(minutes=2)).time())
    assert await connector.sign_in() == "none"
    assert await state(desk) is FileState.QUIET
    async with desk.session() as session:
        assert (await standing_of_connections(session))[desk.connection_id] is BlockerReason.DESKTOP_SILENT
    desk.office.now.advance(timedelta(minutes=2))
    assert await connector.sign_in() == ""
    assert await state(desk) is None


async def test_quiet_hours_that_begin_end_the_session_after_what_is_under_way(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1", "INV-2")
    await connector.tell(quickbooks.found(await connector.begin()))
    sent = await connector.ask()
    now = desk.office.now.now()
    await quiet(desk, (now - timedelta(minutes=1)).time(), (now + timedelta(hours=2)).time())
    assert await connector.tell(quickbooks.added(sent, desk.stamp())) == 100
    assert [write.state for write in await desk.writes()] == [WriteState.DONE, WriteState.WAITING]


async def test_a_dialog_at_the_pc_is_shown_and_gone_with_the_next_good_session(
    desk: Desk, connector: Connector
) -> None:
    await desk.queue("INV-1")
    await connector.begin()
    assert await connector.tell("", "0x80040414", "modal dialog") == -1
    assert await state(desk) is FileState.TROUBLE
    assert "A dialog is open in QuickBooks. Close it" in (await desk.office.admin.get(ROOT)).text
    await connector.begin()
    assert await state(desk) is None


async def test_bills_that_cannot_be_read_are_said_once_the_copy_is_too_old(desk: Desk, connector: Connector) -> None:
    await connector.sign_in()
    async with desk.session() as session:
        (bills,) = [one for one in await readings_of(session, desk.connection_id) if one.kind is ReadingKind.BILLS]
        give_up_reading(session, bills, "This QuickBooks user may not do this.", timedelta(hours=6))
    assert await state(desk) is None
    desk.office.now.advance(COPY_SERVES_FOR)
    await connector.sign_in()
    assert await state(desk) is FileState.TROUBLE
    page = (await desk.office.admin.get(ROOT)).text
    assert "nothing is posted until they are: This QuickBooks user may not do this." in page


async def test_payments_that_may_not_be_read_are_said_and_keep_nothing_from_going(
    desk: Desk, connector: Connector
) -> None:
    desk.office.now.advance(COPY_SERVES_FOR)
    await connector.begin()
    async with desk.session() as session:
        for one in await readings_of(session, desk.connection_id):
            if one.kind in (ReadingKind.CHECK_PAYMENTS, ReadingKind.CARD_PAYMENTS):
                why = judge_status(3260, "Insufficient permission level to perform this action.").sentence
                give_up_reading(session, one, why, timedelta(hours=6))
    assert await state(desk) is None
    page = (await desk.office.admin.get(ROOT)).text
    assert "could not read bill payments by check, bill payments by card of this company file: This QuickBooks" in page
    assert "Have the QuickBooks Admin grant the permission." in page and "Posting goes on" in page


async def test_who_waits_has_a_place_in_line(desk: Desk, connector: Connector) -> None:
    await waiting(desk, "INV-1", "INV-2", "INV-3")
    async with desk.session() as session:
        file = (await company_files_now(session, [desk.connection_id]))[desk.connection_id]
        second = await place_in_line(session, file, desk.invoices[1])
        last = await place_in_line(session, file)
    assert second is not None and last is not None
    assert (second.place, second.of, second.expected_at) == (2, 3, None)
    assert last.place == 3
    await connector.sign_in()
    page = (await desk.office.admin.get(f"/invoices/{desk.invoices[1]}")).text
    assert "Place 2 of 3 in line for the company file, expected about " in page
    assert "3 bills, done about " in (await desk.office.admin.get(ROOT)).text
