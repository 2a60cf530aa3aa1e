"""Telling us what inBuild pushed into Procore."""

from typing import Any

import pytest

from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import add_invoice
from tests.api.world import TOM

PUSH = {"requisition_id": "562949953430999", "project_id": "9001"}


async def test_a_push_is_recorded_once(office: Office) -> None:
    first = await office.admin.post("/api/v1/procore-pushes", json=PUSH)
    second = await office.admin.post("/api/v1/procore-pushes", json=PUSH)
    assert (first.status_code, first.json()["recorded"]) == (201, True)
    assert (second.status_code, second.json()["recorded"]) == (200, False)


async def test_a_push_of_what_is_an_invoice_already_is_refused(office: Office) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        await add_invoice(session, "INV-1", connection_id=None, source_id=PUSH["requisition_id"])
    answer = await office.admin.post("/api/v1/procore-pushes", json=PUSH)
    assert (answer.status_code, code_of(answer)) == (409, "already_imported")


@pytest.mark.parametrize(
    "body",
    [{}, {"requisition_id": "12a", "project_id": "1"}, {"requisition_id": 12, "project_id": "1"}, {**PUSH, "x": 1}],
)
async def test_a_wrong_push_is_refused(office: Office, body: dict[str, Any]) -> None:
    answer = await office.admin.post("/api/v1/procore-pushes", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


async def test_readers_record_nothing(office: Office, sign_in: SignIn) -> None:
    answer = await (await sign_in(TOM)).post("/api/v1/procore-pushes", json=PUSH)
    assert (answer.status_code, code_of(answer)) == (403, "not_accountant")
