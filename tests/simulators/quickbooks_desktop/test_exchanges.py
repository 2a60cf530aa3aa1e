"""The simulator passes every literal exchange."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from simulators.quickbooks_desktop.hresults import QuickBooksError
from simulators.quickbooks_desktop.people import Action, act
from simulators.quickbooks_desktop.processor import Ticket, process
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.quickbooks_desktop.soap import NAMESPACE, CallFailed, envelope, read_result
from tests.exchanges.matching import FOLDER
from tests.exchanges.qbxml import (
    QbxmlExchange,
    WebConnectorExchange,
    load_qbxml_exchanges,
    load_web_connector_exchanges,
    xml_differences,
)

QBXML, CALLS = load_qbxml_exchanges(), load_web_connector_exchanges()


def test_there_are_enough() -> None:
    assert len(QBXML) >= 25
    assert len(CALLS) >= 20


@pytest.mark.parametrize("exchange", QBXML, ids=str)
def test_qbxml(exchange: QbxmlExchange) -> None:
    simulation = Simulation()
    simulation.clock.set(datetime.fromisoformat("2026-02-02T10:00:00-05:00"), stopped=True)
    simulation.load(json.loads((FOLDER / "quickbooks_desktop_world.json").read_text("utf-8")))
    ticket = Ticket(simulation.file("acme"), "{owner}")
    for sent in exchange.given.get("before", []):
        process(ticket, sent)
    for done in exchange.given.get("person", []):
        act(ticket.file, Action.model_validate(done))
    if exchange.hresult:
        with pytest.raises(QuickBooksError) as refused:
            process(ticket, exchange.request)
        assert refused.value.hresult == exchange.hresult
    else:
        assert xml_differences(exchange.response, process(ticket, exchange.request)) == []


@pytest.mark.parametrize("exchange", CALLS, ids=str)
def test_call_of_the_web_connector(exchange: WebConnectorExchange) -> None:
    sent = envelope(exchange.operation, exchange.arguments)
    assert sent.decode() == exchange.request
    assert exchange.soap_action == f'"{NAMESPACE}{exchange.operation}"'
    answer = exchange.response.encode()
    if exchange.fails:
        with pytest.raises(CallFailed, match=exchange.fails):
            read_result(exchange.operation, answer, refuse_whitespace=True)
    else:
        assert read_result(exchange.operation, answer, refuse_whitespace=True) == exchange.result
