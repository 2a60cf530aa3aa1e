"""The endpoint as the Web Connector meets it: GETs, envelopes of every kind, sign-in, tickets, floods and bombs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from lxml import etree

from api.app import create_app
from api.services import Services
from api.web_connector.sign_in import FAILURES_OF_ONE_ADDRESS, FAILURES_OF_ONE_USER
from models.connections import connection_by_id, move_connection
from models.database import Database
from models.tables import ConnectionState
from simulators.server import serve
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import ENDPOINT, PASSWORD, USER, Connector, Desk, connector_at

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def envelope(inside: str, namespace: str = SOAP) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{namespace}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"<soap:Body>{inside}</soap:Body></soap:Envelope>"
    )


def operation(name: str, **values: str) -> str:
    inside = "".join(f"<{key}>{value}</{key}>" for key, value in values.items())
    return f'<{name} xmlns="http://developer.intuit.com/">{inside}</{name}>'


async def post(address: str, body: str | bytes, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        content = body.encode() if isinstance(body, str) else body
        return await client.post(
            address + ENDPOINT, content=content, headers={"content-type": "text/xml; charset=utf-8", **headers}
        )


def result(answer: httpx.Response) -> list[str]:
    """What stands in the answer: one text, or each of a list."""
    (inside,) = etree.fromstring(answer.content)[0][0]
    return [child.text or "" for child in inside] if len(inside) else [inside.text or ""]


@pytest.mark.parametrize("path", [ENDPOINT, f"{ENDPOINT}?wsdl", "/quickbooks-desktop/support", "/"])
async def test_plain_gets_answer_anybody(address: str, path: str) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        answer = await client.get(address + path)
    assert answer.status_code == 200 and int(answer.headers["content-length"]) > 0


async def test_versions_are_exchanged(connector: Connector) -> None:
    assert (await connector.call("serverVersion")).startswith("inBuild Sync")
    assert await connector.call("clientVersion", "2.3.0.215") in (None, "")


async def test_an_empty_server_version_without_soap_action_is_answered(address: str) -> None:
    answer = await post(address, envelope('<serverVersion xmlns="http://developer.intuit.com/" />'))
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert result(answer) == ["inBuild Sync 1"]
    # Compact: white space between elements has been seen to break the Web Connector.
    assert b"> <" not in answer.content and b"\n" not in answer.content


async def test_a_wrong_soap_action_does_not_matter(address: str) -> None:
    answer = await post(
        address, envelope(operation("clientVersion", strVersion="2.1")), soapaction='"http://example.test/other"'
    )
    assert result(answer) == [""]


async def test_an_rpc_envelope_is_understood(desk: Desk, address: str) -> None:
    answer = await post(
        address,
        envelope(
            '<tns:authenticate xmlns:tns="http://developer.intuit.com/">'
            f'<strUserName xsi:type="xsd:string">{USER}</strUserName>'
            '<strPassword xsi:type="xsd:string">wrong</strPassword></tns:authenticate>'
        ),
    )
    assert result(answer) == ["", "nvu"]


async def test_soap_1_2_is_answered_in_kind(address: str) -> None:
    namespace = "http://www.w3.org/2003/05/soap-envelope"
    answer = await post(address, envelope(operation("serverVersion"), namespace))
    assert answer.headers["content-type"].startswith("application/soap+xml")
    assert etree.fromstring(answer.content).tag == f"{{{namespace}}}Envelope"


@pytest.mark.parametrize("name", ["getInteractiveURL", "interactiveRejected", "interactiveDone"])
async def test_interactive_operations_get_nothing(address: str, name: str) -> None:
    assert result(await post(address, envelope(operation(name, wcTicket="x")))) == [""]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<not xml",
        "<html/>",
        envelope(operation("dropTables")),
        envelope(""),
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + envelope("&b;").split("?>", 1)[1],
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd">' + envelope(operation("serverVersion")).split("?>", 1)[1],
        b"\xff\xfe\x00",
    ],
    ids=["empty", "no xml", "html", "unknown operation", "no operation", "entities", "remote dtd", "bytes"],
)
async def test_what_is_no_call_gets_a_fault_and_nothing_else(address: str, body: str | bytes) -> None:
    answer = await post(address, body)
    assert answer.status_code == 400
    assert etree.fromstring(answer.content).find(f".//{{{SOAP}}}Fault") is not None
    assert b"Traceback" not in answer.content


@pytest.mark.parametrize("megabytes", [10, 17])
async def test_a_flood_is_refused(desk: Desk, connector: Connector, megabytes: int) -> None:
    await desk.queue("INV-1")
    await connector.begin()
    body = envelope(operation("receiveResponseXML", ticket=connector.ticket, response="x" * (megabytes << 20)))
    try:
        assert (await post(connector.url, body)).status_code in {400, 413}
    except httpx.WriteError:
        # Refused while it was still being sent: the same thing, seen from here.
        assert megabytes == 17
    # The question stays open, and the next call hands it out again.
    assert "INV-1" in await connector.ask()


async def test_a_wrong_password_and_an_unknown_user_get_the_same_word(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    assert await connector.sign_in(USER, "wrong") == "nvu"
    assert await connector.sign_in("nobody", PASSWORD) == "nvu"
    assert await connector.sign_in("", "") == "nvu"
    assert await connector.sign_in(USER, PASSWORD) == ""


async def test_too_many_failures_are_not_even_checked_for_a_while(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    for _ in range(FAILURES_OF_ONE_USER):
        assert await connector.sign_in(USER, "wrong") == "nvu"
    assert await connector.sign_in(USER, PASSWORD) == "busy"
    desk.office.now.advance(timedelta(minutes=16))
    assert await connector.sign_in(USER, PASSWORD) in {"", "none"}


async def test_one_address_cannot_try_many_users(desk: Desk, connector: Connector) -> None:
    for number in range(FAILURES_OF_ONE_ADDRESS):
        assert await connector.sign_in(f"user-{number}", "wrong") == "nvu"
    assert await connector.sign_in("another", "wrong") == "busy"


async def test_nothing_to_do_is_said_at_sign_in(desk: Desk, connector: Connector) -> None:
    assert await connector.sign_in() == "none"
    assert await connector.close() == "OK"


async def test_a_disconnected_file_has_nothing_to_do(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.begin()
    async with desk.session() as session:
        row = await connection_by_id(session, desk.connection_id, lock=True)
        assert row is not None
        move_connection(session, row, ConnectionState.DISCONNECTED, None)
    await connector.tell("<anything/>")
    assert await connector.ask() == ""
    assert "not connected to inBuild any more" in await connector.last_error()
    await connector.close()
    assert await connector.sign_in() == "none"


@pytest.mark.parametrize("ticket", ["", "made-up", "x" * 5000, "ünïcødé \U0001f4a3"])
async def test_an_unknown_ticket_gets_the_documented_answers(desk: Desk, connector: Connector, ticket: str) -> None:
    connector.ticket = ticket
    assert await connector.ask(quickbooks.which_file()) == ""
    assert await connector.tell("<QBXML/>") == -1
    assert "not known" in await connector.last_error()
    assert await connector.call("connectionError", ticket, "0x80040408", "") == "done"
    assert await connector.close() == "OK"


async def test_a_ticket_is_good_for_one_session(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.begin()
    await connector.close()
    assert await connector.ask(quickbooks.which_file()) == ""
    assert await connector.tell("<QBXML/>") == -1


async def test_without_a_database_every_operation_still_has_its_answer(services: Services) -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=1", services.clock)
    async with serve(create_app(replace(services, database=nowhere))) as url:
        connector = await connector_at(url)
        assert await connector.sign_in() == "busy"
        connector.ticket = "any"
        assert await connector.ask() == ""
        assert await connector.tell("<QBXML/>") == -1
        assert "Nothing is lost" in await connector.last_error()
        assert await connector.close() == "OK"
        assert await connector.call("connectionError", "any", "0x80040408", "") == "done"
    await nowhere.close()


async def test_the_password_stands_in_no_log(
    desk: Desk, connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="inbuild_sync")
    await connector.sign_in(USER, "canary-pass-word")
    await connector.sign_in(USER, PASSWORD)
    assert "canary-pass-word" not in caplog.text and PASSWORD not in caplog.text
