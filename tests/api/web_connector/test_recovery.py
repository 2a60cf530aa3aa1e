"""A write whose answer was lost, in every way it can be: exactly one bill, or a person is asked."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from models.tables import AttemptState, ExchangeKind, RecoveryStep, WriteState
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import Connector, Desk, connector_at


async def sent(desk: Desk, connector: Connector, *numbers: str) -> str:
    """A bill that has left: its message set, as QuickBooks got it."""
    await desk.queue(*(numbers or ("INV-1",)))
    await connector.tell(quickbooks.found(await connector.begin()))
    text = await connector.ask()
    assert "BillAddRq" in text
    return text


async def test_the_next_session_asks_what_came_of_it_before_anything_else(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector, "INV-1", "INV-2")
    asked = await connector.begin()
    write = (await desk.writes())[0]
    assert (write.state, write.step, write.text) == (WriteState.UNCLEAR, RecoveryStep.STATUS_CHECK, text)
    assert (await desk.attempts())[0].state is AttemptState.UNCLEAR
    key = quickbooks.set_id(text)
    # The same id twice asks; the old one alone would make QuickBooks forget.
    assert f'newMessageSetID="{key}" oldMessageSetID="{key}"' in asked and "Rq requestID" not in asked
    outcome = quickbooks.added(text, desk.stamp()).split("QBXMLMsgsRs")[1].split(">", 1)[1].removesuffix("</")
    assert 0 < await connector.tell(quickbooks.stored(asked, 0, outcome)) < 100
    write = (await desk.writes())[0]
    assert (write.state, write.txn_id) == (WriteState.DONE, "1A-1769900000")
    assert "INV-2" in await connector.ask()


async def test_never_received_and_not_there_it_goes_again_by_itself(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector)
    asked = await connector.begin()
    await connector.tell(quickbooks.stored(asked, 9002))
    look = await connector.ask()
    assert "<RefNumberCaseSensitive>INV-1</RefNumberCaseSensitive>" in look
    await connector.tell(quickbooks.found(look))
    write = await desk.write()
    assert (write.state, write.verdict) == (WriteState.POSTPONED, "unheard")


async def test_not_stored_but_there_it_is_adopted(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector)
    await connector.tell(quickbooks.stored(await connector.begin(), 600))
    look = await connector.ask()
    twin = quickbooks.bill("INV-1", txn_id="7-7")
    await connector.tell(quickbooks.found(look, twin, quickbooks.bill("INV-1", desk.stamp(), txn_id="8-8")))
    write = await desk.write()
    assert (write.state, write.adopted, write.txn_id) == (WriteState.DONE, True, "8-8")


async def test_a_bill_like_it_without_our_mark_is_a_persons_to_judge(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector)
    await connector.tell(quickbooks.stored(await connector.begin(), 9002))
    await connector.tell(quickbooks.found(await connector.ask(), quickbooks.bill("INV-1")))
    write = await desk.write()
    assert (write.state, write.verdict) == (WriteState.REFUSED, "duplicate")


async def test_a_key_with_other_contents_is_our_bug_unless_the_bill_is_there(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector)
    await connector.tell(quickbooks.stored(await connector.begin(), 9001))
    await connector.tell(quickbooks.found(await connector.ask()))
    write = await desk.write()
    assert (write.state, write.verdict, write.code) == (WriteState.REFUSED, "our_bug", "9001")


async def test_only_the_ids_are_stored_so_the_bill_itself_is_read(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    recovered = (
        f'<BillAddRs requestID="{quickbooks.request_id(text)}" {quickbooks.OK}><ErrorRecovery><TxnID>5-5</TxnID>'
        "<EditSequence>7</EditSequence></ErrorRecovery></BillAddRs>"
    )
    await connector.tell(quickbooks.stored(await connector.begin(), 0, recovered))
    look = await connector.ask()
    assert "RefNumberCaseSensitive" in look
    await connector.tell(quickbooks.found(look, quickbooks.bill("INV-1", txn_id="5-5")))
    write = await desk.write()
    assert (write.state, write.txn_id, write.edit_sequence) == (WriteState.DONE, "5-5", "1769954400")


async def test_a_bill_that_quickbooks_named_and_somebody_removed_was_made(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    recovered = (
        f'<BillAddRs requestID="{quickbooks.request_id(text)}" {quickbooks.OK}><ErrorRecovery><TxnID>5-5</TxnID>'
        "</ErrorRecovery></BillAddRs>"
    )
    await connector.tell(quickbooks.stored(await connector.begin(), 0, recovered))
    await connector.tell(quickbooks.found(await connector.ask()))
    write = await desk.write()
    assert (write.state, write.txn_id, write.total) == (WriteState.DONE, "5-5", None)


@pytest.mark.parametrize("broken", ["", "half", "another", "no bill"])
async def test_an_answer_that_says_nothing_is_asked_after_in_the_same_session(
    desk: Desk, connector: Connector, broken: str
) -> None:
    text = await sent(desk, connector)
    whole = quickbooks.added(text, desk.stamp())
    bare = f'<BillAddRs requestID="{quickbooks.request_id(text)}" {quickbooks.OK}/>'
    said = {
        "": "",
        "half": whole[: len(whole) // 2],
        "another": whole.replace(f'requestID="{quickbooks.request_id(text)}"', 'requestID="inBuild-999"'),
        "no bill": quickbooks.stored(text, 0, bare),
    }[broken]
    assert 0 < await connector.tell(said) < 100
    assert (await desk.exchanges())[-1].answer == said
    asked = await connector.ask()
    assert f'oldMessageSetID="{quickbooks.set_id(text)}"' in asked and "BillAddRq" not in asked
    outcome = whole.split("QBXMLMsgsRs")[1].split(">", 1)[1].removesuffix("</")
    assert await connector.tell(quickbooks.stored(asked, 0, outcome)) == 100
    assert (await desk.write()).state is WriteState.DONE


async def test_done_without_a_bill_anywhere_asks_a_person(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    bare = f'<BillAddRs requestID="{quickbooks.request_id(text)}" {quickbooks.OK}/>'
    await connector.tell(quickbooks.stored(text, 0, bare))
    await connector.tell(quickbooks.stored(await connector.ask(), 0, bare))
    await connector.tell(quickbooks.found(await connector.ask()))
    write = await desk.write()
    assert (write.state, write.verdict) == (WriteState.REFUSED, "unsure")


async def test_a_text_quickbooks_cannot_parse_surely_did_nothing(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector, "INV-1", "INV-2")
    assert 0 < await connector.tell("", "0x80040400", "QuickBooks found an error when parsing the provided XML") < 100
    write = (await desk.writes())[0]
    assert (write.state, write.verdict) == (WriteState.REFUSED, "our_bug")
    assert "INV-2" in await connector.ask()


@pytest.mark.parametrize(("hresult", "words"), [("0x80040414", "A dialog is open"), ("0x800706BE", "0x800706BE")])
async def test_any_other_failure_leaves_it_open_and_says_why(
    desk: Desk, connector: Connector, hresult: str, words: str
) -> None:
    await sent(desk, connector)
    assert await connector.tell("", hresult, "as QuickBooks says") == -1
    assert words in await connector.last_error()
    assert words in await connector.close()
    assert (await desk.write()).state is WriteState.UNCLEAR
    assert words in ((await desk.login()).trouble or "")
    # What the next session asks first.
    assert "Rq requestID" not in await connector.begin()


async def test_a_late_answer_of_an_older_session_still_counts(desk: Desk, connector: Connector) -> None:
    text = await sent(desk, connector)
    newer = await connector_at(connector.url)
    asked = await newer.begin()
    assert await connector.ask() == ""
    assert "newer session" in await connector.last_error()
    # QuickBooks was slow: the answer to the bill itself comes to the old ticket.
    assert await connector.tell(quickbooks.added(text, desk.stamp())) == -1
    assert (await desk.write()).state is WriteState.DONE
    assert await newer.tell(quickbooks.stored(asked, 9002)) == 100
    assert (await desk.write()).state is WriteState.DONE


async def test_an_answer_stored_and_never_read_is_read_before_anything_is_asked(
    desk: Desk, connector: Connector
) -> None:
    text = await sent(desk, connector)
    # As a process leaves it that dies between storing an answer and reading it.
    async with desk.session() as session:
        (exchange,) = [one for one in await desk.exchanges() if one.kind is ExchangeKind.WRITE]
        exchange.answer, exchange.answered_at = quickbooks.added(text, desk.stamp()), session.now
        await session.merge(exchange)
    assert await connector.ask() == ""
    assert (await desk.write()).state is WriteState.DONE


async def test_a_company_file_that_never_says_ends_the_session_and_stays_open(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector)
    asked = await connector.begin()
    for _ in range(5):
        assert 0 < await connector.tell("<nonsense/>") < 100
        asked = await connector.ask()
    await connector.tell("<nonsense/>")
    assert asked != "" and await connector.ask() == ""
    assert "asks again at the next update" in await connector.last_error()
    assert (await desk.write()).state is WriteState.UNCLEAR
    await connector.close()
    assert "Rq requestID" not in await connector.begin()


async def test_the_database_itself_refuses_a_second_unanswered_write(desk: Desk, connector: Connector) -> None:
    await sent(desk, connector, "INV-1", "INV-2")
    second = (await desk.writes())[1]
    with pytest.raises(IntegrityError, match="uq_desktop_write_unanswered"):
        async with desk.session() as session:
            second.state = WriteState.SENT
            await session.merge(second)
