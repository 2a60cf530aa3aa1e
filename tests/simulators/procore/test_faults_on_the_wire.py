from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.simulators.procore.account import SUBCONTRACT, TOWER, Procore

AT = "/rest/v1.0/contract_payments"
PAYMENT = {"project_id": TOWER, "contract_id": SUBCONTRACT, "contract_payment": {"amount": "10.00"}}


async def payments(procore: Procore) -> list[Any]:
    answer = await procore.get(AT, {"project_id": TOWER, "contract_id": SUBCONTRACT})
    return list(answer.json())


async def test_a_lost_answer_leaves_the_payment_written(dmsa: Procore) -> None:
    await dmsa.control("POST", "faults", {"effect": "drop_after", "method": "POST", "path": AT, "count": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await dmsa.send("POST", AT, PAYMENT)
    assert len(await payments(dmsa)) == 1


async def test_a_line_cut_before_the_work_leaves_nothing(dmsa: Procore) -> None:
    await dmsa.control("POST", "faults", {"effect": "drop_before", "method": "POST", "path": AT, "count": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await dmsa.send("POST", AT, PAYMENT)
    assert await payments(dmsa) == []


async def test_a_held_answer_is_visible_while_its_write_is_done(dmsa: Procore) -> None:
    await dmsa.control("POST", "faults", {"effect": "hold_after", "method": "POST", "path": AT, "count": 1})
    waiting = asyncio.create_task(dmsa.send("POST", AT, PAYMENT))
    for _ in range(200):
        held = (await dmsa.control("GET", "faults"))["held"]
        if held:
            break
        await asyncio.sleep(0.01)
    assert [entry["path"] for entry in held] == [AT]
    assert len(await payments(dmsa)) == 1
    assert not waiting.done()
    await dmsa.control("POST", "faults/release", {})
    assert (await waiting).status_code == 201


async def test_a_truncated_list_is_no_json(dmsa: Procore) -> None:
    path = "/rest/v1.1/requisitions"
    await dmsa.control("POST", "faults", {"effect": "truncate", "length": "cut", "path": path, "count": 1})
    cut = await dmsa.get(path, {"project_id": TOWER})
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        cut.json()
    assert len((await dmsa.get(path, {"project_id": TOWER})).json()) == 3


async def test_procore_under_load_answers_503(dmsa: Procore) -> None:
    fault = {"effect": "status", "status": 503, "headers": {"Retry-After": "7"}, "path": "/rest/", "count": 1}
    await dmsa.control("POST", "faults", fault)
    answer = await dmsa.get("/rest/v1.0/me")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
