"""What Intuit leaves open about its webhooks, in both positions of its switch: our address on a socket hears them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from simulators.quickbooks_online.app import create_app
from simulators.quickbooks_online.people import Action, act
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.wire import read_json
from simulators.server import serve
from simulators.world.documents import as_json
from tests.api.test_intuit_webhooks import REALM, VERIFIER, Intuit, intuit
from tests.product import eventually
from tests.small_world import small_world

__all__ = ["intuit"]


@pytest.mark.parametrize(
    "switches",
    [
        {"webhook_format": "cloudevents", "webhook_void_word": "void"},
        {"webhook_format": "legacy", "webhook_void_word": "voided"},
        {"webhook_format": "cloudevents", "webhook_void_word": "voided"},
        {"webhook_format": "legacy", "webhook_void_word": "void"},
    ],
    ids=lambda switches: "-".join(switches.values()),
)
async def test_a_voided_payment_is_heard_of(intuit: Intuit, app: FastAPI, switches: dict[str, Any]) -> None:
    simulation = Simulation()
    simulation.load(read_json(as_json(small_world(1).quickbooks_online).encode()))
    simulation.change_switches(switches)
    books = simulation.companies[REALM]
    vendor = next(iter(books.entities["Vendor"]))
    line = {
        "Amount": 100,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "81"}},
    }

    def do(action: str, **fields: Any) -> dict[str, Any]:
        return act(books, Action.model_validate({"action": action, "realm": REALM, **fields}))

    bill = do("create", fields={"VendorRef": {"value": vendor}, "Line": [line]})
    paid = do("pay_bill", id=bill["Id"])
    async with serve(app) as ours, serve(create_app(simulation)):
        simulation.webhooks.configure(f"{ours}/webhooks/intuit", VERIFIER, None)
        do("void_payment", id=paid["Id"])

        async def heard() -> list[str]:
            return [one for one in await intuit.inbox() if "payment" in one.casefold() and paid["Id"] in one]

        async def answered() -> bool:
            return not simulation.webhooks.describe()["waiting"]

        assert await eventually(heard)
        # What it says is kept before our answer has reached Intuit.
        await eventually(answered)
