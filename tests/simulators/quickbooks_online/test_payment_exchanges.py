"""Every literal exchange of `quickbooks_online_payments.json`: what the books tell of payments, seen by a reader.

Each starts from `quickbooks_online_payments_world.json` at `given.clock`; `given.person` is what people did before.
"""

from __future__ import annotations

import pytest

from simulators.quickbooks_online.wire import read_json
from tests.exchanges.matching import (
    FOLDER,
    Exchange,
    differences,
    header_differences,
    load_exchanges,
    read_body,
    wire_text,
)
from tests.simulators.quickbooks_online.conftest import Quickbooks

EXCHANGES = load_exchanges("quickbooks_online_payments")


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
async def test_exchange(qbo: Quickbooks, exchange: Exchange) -> None:
    await qbo.http.post("/control/clock", json={"now": exchange.given["clock"], "stopped": True})
    qbo.simulation.load(read_json((FOLDER / "quickbooks_online_payments_world.json").read_bytes()))
    await qbo.connect()
    for deed in exchange.given["person"]:
        done = await qbo.http.post("/control/actions", content=wire_text({"realm": qbo.realm, **deed}))
        assert done.status_code == 200, done.text
    path = exchange.request.path.removeprefix(f"/v3/company/{qbo.realm}/")
    answer = await qbo.call(exchange.request.method, path, params=exchange.request.query)
    assert answer.status_code == exchange.response.status, answer.text
    assert differences(exchange.response.body, read_body(answer.text)) == []
    assert header_differences(exchange.response.headers, answer.headers) == []
