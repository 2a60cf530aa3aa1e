"""Choosing accounts: only what a construction accountant would allow, and what waited for it goes on."""

from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from accounting.blockers import BlockerReason, Hold
from contracts.names import mirroring_workflow_id
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import EXPENSE, PAYABLE, RETAINAGE, add_connection, add_invoice
from tests.api.world import TOM

GOOD = {
    "default_account_id": EXPENSE,
    "retainage_account_id": RETAINAGE,
    "ap_account_id": PAYABLE,
    "default_terms_days": 45,
}


@pytest_asyncio.fixture
async def connection_id(office: Office) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        return await add_connection(session, office.admin_id)


async def test_the_choice_is_stored_with_who_and_when(office: Office, connection_id: UUID) -> None:
    path = f"/api/v1/connections/{connection_id}/settings"
    answer = await office.admin.put(path, json=GOOD)
    assert answer.status_code == 200, answer.text
    shown = (await office.admin.get(path)).json()
    assert {name: shown[name] for name in GOOD} == GOOD
    assert shown["version"] == 2


async def test_the_same_choice_again_changes_nothing(office: Office, connection_id: UUID) -> None:
    path = f"/api/v1/connections/{connection_id}/settings"
    await office.admin.put(path, json=GOOD)
    assert (await office.admin.put(path, json=GOOD)).json()["version"] == 2


async def test_what_waited_for_an_account_goes_on(office: Office, connection_id: UUID, temporal_client: Client) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        hold = Hold(BlockerReason.COST_CODE_UNMAPPED, "26-050.S", "2158")
        invoice_id = await add_invoice(session, "INV-1", connection_id=connection_id, source_id="1", holds=(hold,))
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert (shown["badge"], len(shown["reasons"])) == ("Needs you", 1)
    await office.admin.put(f"/api/v1/connections/{connection_id}/settings", json=GOOD)
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert (shown["badge"], shown["reasons"]) == ("Waiting", [])
    await temporal_client.get_workflow_handle(mirroring_workflow_id(office.company_id)).describe()


@pytest.mark.parametrize(
    ("choice", "code", "words"),
    [
        ({"default_account_id": PAYABLE}, "expense_account_refused", "accounts payable account"),
        ({"default_account_id": "36"}, "expense_account_refused", "accounts receivable account"),
        ({"default_account_id": "35"}, "expense_account_refused", "bank or card account"),
        ({"default_account_id": "37"}, "expense_account_refused", "income account"),
        ({"default_account_id": "38"}, "expense_account_refused", "is inactive"),
        ({"default_account_id": "999"}, "expense_account_refused", "not in this QuickBooks company"),
        ({"retainage_account_id": EXPENSE}, "retainage_account_refused", "not an Other Current Liability"),
        ({"retainage_account_id": PAYABLE}, "retainage_account_refused", "not an Other Current Liability"),
        ({"retainage_account_id": "39"}, "retainage_account_refused", "detail type Retainage"),
        ({"ap_account_id": EXPENSE}, "accounts_payable_account_refused", "not an accounts payable account"),
        ({"default_terms_days": -1}, "terms_out_of_range", "between 0 and 365"),
        ({"default_terms_days": 366}, "terms_out_of_range", "between 0 and 365"),
    ],
)
async def test_a_wrong_account_is_refused_in_words(
    office: Office, connection_id: UUID, choice: dict[str, object], code: str, words: str
) -> None:
    path = f"/api/v1/connections/{connection_id}/settings"
    answer = await office.admin.put(path, json={**GOOD, **choice})
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert words in answer.json()["error"]["message"]
    assert (await office.admin.get(path)).json()["version"] == 1


@pytest.mark.parametrize("body", [{"default_terms_days": "soon"}, {"unknown": 1}, [1, 2], {"ap_account_id": 33}])
async def test_wrong_types_are_refused_in_our_shape(office: Office, connection_id: UUID, body: object) -> None:
    answer = await office.admin.put(f"/api/v1/connections/{connection_id}/settings", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


async def test_malformed_json_is_refused_in_our_shape(office: Office, connection_id: UUID) -> None:
    answer = await office.admin.put(
        f"/api/v1/connections/{connection_id}/settings",
        content=b'{"default_account_id": ',
        headers={"content-type": "application/json"},
    )
    assert (answer.status_code, code_of(answer)) == (422, "malformed_json")


async def test_the_list_says_what_each_account_may_be_chosen_for(office: Office, connection_id: UUID) -> None:
    listed = (await office.admin.get(f"/api/v1/connections/{connection_id}/accounts")).json()["accounts"]
    usable = {account["id"]: account["usable_for"] for account in listed}
    assert usable[EXPENSE] == ["expense"]
    assert usable[RETAINAGE] == ["expense", "retainage"]
    assert usable[PAYABLE] == ["accounts_payable"]
    assert usable["35"] == usable["37"] == []
    assert "38" not in usable


async def test_settings_of_an_unknown_connection(office: Office) -> None:
    answer = await office.admin.put(f"/api/v1/connections/{uuid4()}/settings", json=GOOD)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_a_reader_changes_nothing(office: Office, connection_id: UUID, sign_in: SignIn) -> None:
    answer = await (await sign_in(TOM)).put(f"/api/v1/connections/{connection_id}/settings", json=GOOD)
    assert (answer.status_code, code_of(answer)) == (403, "not_admin")


async def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(office: Office, connection_id: UUID) -> None:
    path = f"/settings/accounting-integrations/{connection_id}"
    form = {"default_account_id": EXPENSE, "retainage_account_id": PAYABLE, "default_terms_days": "20"}
    answer = await office.admin.post(path, data=form)
    assert answer.status_code == 422
    assert "is not an Other Current Liability account" in answer.text
    assert 'value="20"' in answer.text
    answer = await office.admin.post(path, data={**form, "retainage_account_id": RETAINAGE})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=settings")
