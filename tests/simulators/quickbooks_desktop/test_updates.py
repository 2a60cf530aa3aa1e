"""The Web Connector keeps to the order of calls of its Programmer's Guide."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from lxml import etree

from tests.simulators.quickbooks_desktop.conftest import APPLICATION, Office
from tests.simulators.quickbooks_desktop.service import FILE_ID, bill_add

START = ["serverVersion", "clientVersion", "authenticate"]
ROUND = ["sendRequestXML", "receiveResponseXML"]
PATH = r"C:\Books\Acme Builders.QBW"


async def test_an_update_from_first_to_last_call(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1"), bill_add("A-2")]
    assert await office.update() == "Complete"
    assert office.service.operations == [*START, *ROUND, *ROUND, "closeConnection"]
    assert office.numbers() == ["A-1", "A-2"]
    assert all('statusCode="0"' in each for each in office.service.received())


async def test_the_first_request_tells_who_the_company_is(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1"), bill_add("A-2")]
    await office.update()
    first, second = (call.arguments for call in office.service.calls if call.operation == "sendRequestXML")
    told = etree.fromstring(first["strHCPResponse"].split("\n", 1)[1])
    kept = [each.text for each in told.iterfind(".//CompanyRet/DataExtRet/DataExtValue")]
    assert kept == [FILE_ID, "LOCKED:OFFICE:1"]
    assert told.findtext(".//AccountingPreferences/ClosingDate") == "2025-06-30"
    assert "13.0" in [each.text for each in told.iterfind(".//SupportedQBXMLVersion")]
    assert (first["strCompanyFileName"], second["strHCPResponse"]) == (PATH, "")
    assert (first["qbXMLCountry"], first["qbXMLMajorVers"], first["qbXMLMinorVers"]) == ("US", "14", "0")


@pytest.mark.parametrize(("word", "shown"), [("none", "No data exchange required"), ("busy", "Busy")])
async def test_without_work_the_update_ends_at_once(office: Office, word: str, shown: str) -> None:
    await office.add()
    office.service.answers["authenticate"] = [f"t-1|{word}"]
    assert await office.update() == shown
    assert office.service.operations == [*START, "closeConnection"]


async def test_a_wrong_password_is_told_and_can_be_corrected(office: Office) -> None:
    await office.add()
    await office.desk("set_password", application=APPLICATION, password="wrong")
    assert await office.update() == "The user name or password is not valid"
    await office.desk("set_password", application=APPLICATION, password="two words")
    office.service.requests = [bill_add("A-1")]
    assert await office.update() == "Complete"


async def test_a_negative_answer_asks_for_the_last_error(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1"), bill_add("A-2")]
    office.service.answers = {"receiveResponseXML": ["-1"], "getLastError": ["The books are another company's."]}
    assert await office.update() == "The books are another company's."
    assert office.service.operations == [*START, *ROUND, "getLastError", "closeConnection"]
    assert office.numbers() == ["A-1"]


async def test_an_empty_request_waits_on_noop_and_ends_on_any_other_text(office: Office) -> None:
    await office.add()
    office.service.answers = {"sendRequestXML": ["", ""], "getLastError": ["NoOp", "Nothing to do"]}
    assert await office.update() == "Nothing to do"
    asked = ["sendRequestXML", "getLastError"]
    assert office.service.operations == [*START, *asked, *asked, "closeConnection"]


async def test_progress_that_is_no_number_breaks_the_update(office: Office) -> None:
    await office.add()
    office.service.requests = [bill_add("A-1")]
    office.service.answers["receiveResponseXML"] = ["half"]
    assert (await office.update()).startswith("QBWC1042")
    assert office.service.operations == [*START, *ROUND]


async def test_a_failing_service_ends_the_update(office: Office) -> None:
    await office.add()
    office.service.status = 500
    assert (await office.update()).startswith("QBWC1046")
    assert office.service.operations == ["serverVersion", "clientVersion"]


async def test_a_dialog_in_quickbooks_is_a_connection_error(office: Office) -> None:
    await office.add()
    await office.desk("open_dialog")
    assert (await office.update()).startswith("0x80040414")
    assert office.service.operations == [*START, "connectionError", "closeConnection"]
    assert office.service.calls[3].arguments["hresult"] == "0x80040414"
    await office.desk("close_dialog")
    office.service.requests = [bill_add("A-1")]
    assert await office.update() == "Complete"


async def test_a_dialog_in_the_middle_is_an_hresult(office: Office) -> None:
    await office.add()

    def interrupt(operation: str) -> None:
        if operation == "sendRequestXML":
            office.pc.quickbooks.dialog = "Back up now?"

    office.service.on_call = interrupt
    office.service.requests = [bill_add("A-1")]
    await office.update()
    got = next(call.arguments for call in office.service.calls if call.operation == "receiveResponseXML")
    assert (got["response"], got["hresult"]) == ("", "0x80040414")
    assert office.numbers() == []


async def test_another_company_file_is_open(office: Office) -> None:
    await office.add()
    office.service.path = r"C:\Books\Other.QBW"
    office.service.answers["connectionError"] = [PATH]
    office.service.requests = [bill_add("A-1")]
    assert await office.update() == "Complete"
    error = next(call.arguments for call in office.service.calls if call.operation == "connectionError")
    assert error["hresult"] == "0x8004040A"
    assert office.numbers() == ["A-1"]


@pytest.mark.parametrize(
    ("permission", "path", "hresult"),
    [("always", PATH, None), ("when_running", PATH, "0x8004041A"), ("always", "", "0x80040416")],
)
async def test_quickbooks_may_be_closed(office: Office, permission: str, path: str, hresult: str | None) -> None:
    await office.add(permission=permission)
    await office.desk("quit_quickbooks")
    office.service.path, office.service.requests = path, [bill_add("A-1")]
    result = await office.update()
    assert result == "Complete" if hresult is None else result.startswith(hresult)
    assert office.numbers() == (["A-1"] if hresult is None else [])


async def test_the_timer_updates_when_it_is_due_and_the_pc_is_awake(office: Office) -> None:
    await office.add()
    office.service.answers["authenticate"] = ["t-1|none"] * 9
    office.simulation.clock.advance(timedelta(minutes=14))
    await asyncio.sleep(0.2)
    assert office.service.operations == []
    office.simulation.clock.advance(timedelta(minutes=1))
    await office.until(lambda: office.service.operations.count("closeConnection") == 1 and office.pc.updating is None)
    await office.desk("sleep")
    office.simulation.clock.advance(timedelta(days=16))
    await asyncio.sleep(0.2)
    assert office.service.operations.count("authenticate") == 1
    await office.desk("wake")
    await office.until(lambda: office.service.operations.count("authenticate") == 2)


async def test_the_service_can_postpone_and_slow_down(office: Office) -> None:
    await office.add()
    office.service.answers["authenticate"] = ["t-1|none|7200|3600"]
    await office.update()
    application = office.pc.applications[APPLICATION]
    assert application.every_seconds == 3600
    assert application.next_due == office.simulation.clock.timestamp() + 7200
