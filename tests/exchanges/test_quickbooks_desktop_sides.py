"""Two sets of literals, written down apart, one beside the client, one beside the simulator: each reads the other's."""

from __future__ import annotations

import json

import pytest

from providers.quickbooks_desktop.answers import read_answer
from providers.quickbooks_desktop.validator import InvalidMessageSet, check_message_set
from simulators.quickbooks_desktop.grammar import check
from simulators.quickbooks_desktop.messages import MESSAGES
from simulators.quickbooks_desktop.wire import read_message_set
from tests.exchanges.matching import FOLDER
from tests.exchanges.qbxml import QbxmlExchange, load_qbxml_exchanges, played

OF_THE_CLIENT = json.loads((FOLDER / "quickbooks_desktop_messages.json").read_text("utf-8"))
OF_THE_SIMULATOR = load_qbxml_exchanges()
MALFORMED = ("3040", "3070", "1060", "9004")
"""Statuses for what our own last check must have caught."""


@pytest.mark.parametrize("exchange", OF_THE_CLIENT, ids=lambda exchange: str(exchange["name"]))
def test_the_simulator_parses_what_the_client_writes(exchange: dict[str, str]) -> None:
    sent = read_message_set(exchange["request"], ascii_only=True)
    assert [check(request, MESSAGES[str(request.tag)]) for request in sent.requests] == [[] for _ in sent.requests]


@pytest.mark.parametrize("exchange", [each for each in OF_THE_SIMULATOR if each.response], ids=str)
def test_the_client_reads_what_the_simulator_answers(exchange: QbxmlExchange) -> None:
    answer = read_answer(played(exchange.response))
    assert exchange.response.count(' statusCode="') == len(answer.responses)


@pytest.mark.parametrize(
    "exchange",
    [
        each
        for each in OF_THE_SIMULATOR
        if each.hresult or any(f'tatusCode="{code}"' in each.response for code in MALFORMED)
    ],
    ids=str,
)
def test_what_quickbooks_would_not_parse_never_leaves(exchange: QbxmlExchange) -> None:
    with pytest.raises(InvalidMessageSet):
        check_message_set(exchange.request)
