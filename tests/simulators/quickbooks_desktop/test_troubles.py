"""Trouble at every arrow: what is in the books afterwards, and what the service was told."""

from __future__ import annotations

import asyncio

import pytest
from lxml import etree

from simulators.quickbooks_desktop.troubles import ARROWS, CALLS
from tests.simulators.quickbooks_desktop.conftest import APPLICATION, Office
from tests.simulators.quickbooks_desktop.service import bill_add

# The arrows of an update without errors, in their order: at which the bill comes into the books.
_WALK = ("serverVersion", "clientVersion", "authenticate", "sendRequestXML", "process", "receiveResponseXML")
_PASSED = [f"{when}:{call}" for call in (*_WALK, "closeConnection") for when in ("before", "sent", "after")]
_BOOKED_FROM = _PASSED.index("sent:process")


def test_every_arrow_is_known() -> None:
    assert len(ARROWS) == 3 * (len(CALLS) + 1)
    assert set(_PASSED) <= set(ARROWS)


@pytest.mark.parametrize("effect", ["crash_connector", "crash_pc"])
@pytest.mark.parametrize("arrow", _PASSED)
async def test_a_crash_leaves_what_quickbooks_had_done(office: Office, arrow: str, effect: str) -> None:
    await office.add()
    office.service.path = office.file.path
    office.service.requests = [bill_add("A-1", "set-1")]
    await office.trouble(arrow, effect)
    assert await office.update() == "The Web Connector was ended during the update"
    assert office.numbers() == (["A-1"] if _PASSED.index(arrow) >= _BOOKED_FROM else [])
    # A PC that dies while QuickBooks writes has the bill, not the record of the message set.
    forgot = (arrow, effect) == ("sent:process", "crash_pc")
    assert list(office.file.books.message_sets) == (["set-1"] if office.numbers() and not forgot else [])
    office.service.calls.clear()
    office.service.requests = [*office.service.requests, bill_add("A-2")]
    await office.update()
    assert office.service.operations[:3] == ["serverVersion", "clientVersion", "authenticate"]


@pytest.mark.parametrize("call", ["sendRequestXML", "receiveResponseXML"])
async def test_a_lost_answer_was_work_done_by_the_service(office: Office, call: str) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1")]
    await office.trouble(f"sent:{call}", "lose")
    assert (await office.update()).startswith("QBWC104")
    assert office.service.operations[-1] == call


async def test_quickbooks_dies_while_it_writes(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1", "set-1")]
    await office.trouble("sent:process", "crash_quickbooks")
    await office.update()
    told = next(each.arguments for each in office.service.calls if each.operation == "receiveResponseXML")
    assert (told["response"], told["hresult"]) == ("", "0x800706BE")
    assert office.numbers() == ["A-1"]
    assert not office.file.books.message_sets


async def test_a_pc_that_sleeps_in_the_middle_goes_on_when_it_wakes(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1")]
    await office.trouble("after:process", "sleep")
    running = asyncio.create_task(office.update())
    await office.until(lambda: office.pc.is_asleep)
    assert (office.numbers(), office.service.received()) == (["A-1"], [])
    await office.desk("wake")
    assert await running == "Complete"
    assert len(office.service.received()) == 1


async def test_a_pc_that_is_turned_off_in_its_sleep_has_lost_the_update(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1")]
    await office.trouble("before:receiveResponseXML", "sleep")
    running = asyncio.create_task(office.update())
    await office.until(lambda: office.pc.is_asleep)
    await office.desk("turn_off")
    assert await running == "The Web Connector was ended during the update"
    assert await office.update() == "The PC is off or asleep, or the Web Connector is closed"
    assert office.service.received() == []


async def test_a_call_can_leave_twice(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1"), bill_add("A-2")]
    await office.trouble("before:receiveResponseXML", "twice")
    await office.update()
    assert len(office.service.received()) == 3


@pytest.mark.parametrize(
    ("arrow", "fields", "booked", "response", "hresult"),
    [
        ("before:process", {"effect": "hresult", "hresult": "0x80040402"}, [], "", "0x80040402"),
        ("after:process", {"effect": "hresult", "hresult": "0x80040402"}, ["A-1"], "", "0x80040402"),
        ("before:process", {"effect": "status", "code": 3180}, [], 'statusCode="3180" statusSeverity="Error"', ""),
        ("after:process", {"effect": "status", "code": 1000}, ["A-1"], 'statusCode="1000" statusSeverity="Error"', ""),
        ("after:process", {"effect": "status", "code": 530}, ["A-1"], "<BillRet>", ""),
        ("after:process", {"effect": "other_request"}, ["A-1"], 'requestID="another-request"', ""),
        ("after:process", {"effect": "no_ret"}, ["A-1"], 'statusMessage="Status OK"/>', ""),
        ("after:process", {"effect": "text", "message": "<oops"}, ["A-1"], "<oops", ""),
    ],
)
async def test_answers_on_order(
    office: Office, arrow: str, fields: dict[str, object], booked: list[str], response: str, hresult: str
) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1")]
    await office.trouble(arrow, **fields)  # type: ignore[arg-type]
    await office.update()
    told = next(each.arguments for each in office.service.calls if each.operation == "receiveResponseXML")
    assert office.numbers() == booked
    assert response in told["response"]
    assert told["hresult"] == hresult


async def test_half_an_answer(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1")]
    await office.trouble("after:process", "half")
    await office.update()
    half = office.service.received()[0]
    assert half.startswith("<?xml")
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(half.encode())


async def test_troubles_are_counted_and_filtered(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1"), bill_add("A-2"), bill_add("A-3")]
    await office.trouble("before:process", "hresult", request="A-2", application=APPLICATION)
    await office.trouble("before:process", "hresult", pc="another")
    await office.update()
    assert office.numbers() == ["A-1", "A-3"]
    shown = (await office.control("GET", "troubles"))["troubles"]
    assert [each["struck"] for each in shown] == [1, 0]
    await office.control("DELETE", "troubles")
    assert (await office.control("GET", "troubles"))["troubles"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"arrow": "during:authenticate", "effect": "lose"},
        {"arrow": "before:process", "effect": "lose"},
        {"arrow": "before:authenticate", "effect": "hresult"},
        {"arrow": "before:process", "effect": "half"},
        {"arrow": "after:sendRequestXML", "effect": "twice"},
    ],
)
async def test_troubles_that_make_no_sense_are_refused(office: Office, wrong: dict[str, str]) -> None:
    await office.control("POST", "troubles", wrong, 422)
