"""The three answers to a bill that differs from its invoice, over the API and on the page."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from accounting.after_sync import AfterSync, Surroundings
from models.tables import AuditLog, BillLink
from tests.api import posted
from tests.api.booked import books, invoice
from tests.api.conftest import Office, SignIn
from tests.api.posted import AS_POSTED, BILLED_MORE, RENAMED, found
from tests.api.test_alerts import accountant
from tests.api.world import TOM

DELETED = found(is_deleted=True)


async def differing(office: Office, told: AfterSync) -> tuple[str, UUID]:
    """A posted invoice whose comparison found this: its address in the API, and its id."""
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    async with office.database.company(office.company_id, office.actor) as session:
        await posted.post(session, invoice_id, connection_id)
        await posted.note(session, invoice_id, told)
    return f"/api/v1/invoices/{invoice_id}", invoice_id


async def noted(office: Office, invoice_id: UUID, told: AfterSync) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        await posted.note(session, invoice_id, told)


async def shown(office: Office, address: str) -> dict[str, Any]:
    answer = await office.admin.get(f"{address}/differences")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def badge(office: Office, address: str) -> str:
    return str((await office.admin.get(address)).json()["badge"])


async def audited(office: Office) -> list[str]:
    async with office.database.company(office.company_id, office.actor) as session:
        rows = await session.exec(select(AuditLog.action).where(AuditLog.company_id == office.company_id))
        return list(rows)


async def test_nothing_differs_of_an_invoice_just_posted(office: Office) -> None:
    address, _ = await differing(office, found())
    assert await shown(office, address) == {
        "fingerprint": "",
        "step": "nothing",
        "because": "",
        "compared_at": None,
        "updating": False,
        "explained": None,
        "differences": [],
    }
    assert await badge(office, address) == "Posted"


async def test_both_versions_stand_side_by_side(office: Office) -> None:
    address, invoice_id = await differing(office, found(procore=BILLED_MORE))
    told = await shown(office, address)
    assert told["step"] == "ask"
    assert [(one["what"], one["posted"], one["in_procore"], one["in_quickbooks"]) for one in told["differences"]] == [
        ("Total", "$15,300.00", "$16,300.00", "$15,300.00"),
        ("Amount, line 1", "$15,400.00", "$16,400.00", "$15,400.00"),
    ]
    assert {one["who"] for one in told["differences"]} == {"Changed in Procore"}
    assert await badge(office, address) == "Changed after posting"
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    for words in ("Invoice and bill differ", "$16,300.00", "Update the bill", "Keep as it is"):
        assert words in page


async def test_what_is_kept_as_it_is_stays_explained_until_something_else_differs(office: Office) -> None:
    address, invoice_id = await differing(office, found(quickbooks=RENAMED))
    fingerprint = (await shown(office, address))["fingerprint"]
    answer = await office.admin.post(f"{address}/differences/keep", json={"fingerprint": fingerprint, "note": " "})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no_note")
    body = {"fingerprint": fingerprint, "note": "Vendor asked for it"}
    assert (await office.admin.post(f"{address}/differences/keep", json=body)).status_code == 204
    assert await badge(office, address) == "Posted"
    assert (await shown(office, address))["explained"]["note"] == "Vendor asked for it"
    assert "difference_explained" in await audited(office)
    await noted(office, invoice_id, found(quickbooks=RENAMED))
    assert await badge(office, address) == "Posted"
    await noted(office, invoice_id, found(quickbooks=replace(AS_POSTED, number="TYPO-2")))
    assert await badge(office, address) == "Changed after posting"
    assert (await shown(office, address))["explained"] is None


async def test_an_update_is_wanted_by_exactly_what_was_shown(office: Office) -> None:
    address, invoice_id = await differing(office, found(procore=BILLED_MORE))
    fingerprint = (await shown(office, address))["fingerprint"]
    await noted(office, invoice_id, found(procore=BILLED_MORE, quickbooks=RENAMED))
    answer = await office.admin.post(f"{address}/differences/update", json={"fingerprint": fingerprint})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "differs_otherwise")
    now = (await shown(office, address))["fingerprint"]
    for _ in range(2):
        answer = await office.admin.post(f"{address}/differences/update", json={"fingerprint": now})
        assert answer.status_code == 204
    assert (await shown(office, address))["updating"]
    assert (await audited(office)).count("bill_update_wanted") == 1


async def test_a_bill_that_is_only_shown_is_not_updated(office: Office) -> None:
    later = Surroundings(later_requisition="SC-001 #4")
    address, _ = await differing(office, found(procore=BILLED_MORE, around=later))
    told = await shown(office, address)
    assert told["step"] == "flag"
    answer = await office.admin.post(f"{address}/differences/update", json={"fingerprint": told["fingerprint"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_to_update")
    assert "SC-001 #4" in answer.json()["error"]["message"]


async def test_a_removed_bill_is_posted_again_on_a_click_only(office: Office, sign_in: SignIn) -> None:
    address, _ = await differing(office, DELETED)
    assert await badge(office, address) == "Removed in QuickBooks"
    fingerprint = (await shown(office, address))["fingerprint"]
    stale = await office.admin.post(f"{address}/post-again", json={"fingerprint": "another"})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "differs_otherwise")
    # An accountant's answer to a difference, as the others are.
    marisol = await accountant(office, sign_in)
    answer = await marisol.post(f"{address}/post-again", json={"fingerprint": fingerprint})
    assert answer.status_code == 202, answer.text
    assert await badge(office, address) == "Waiting"
    async with office.database.company(office.company_id, office.actor) as session:
        links = await session.exec(select(BillLink).where(BillLink.company_id == office.company_id))
        (link,) = links
    assert link.ended_at is not None
    assert "posted_again" in await audited(office)
    again = await office.admin.post(f"{address}/post-again", json={"fingerprint": fingerprint})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "nothing_to_post_again")


async def test_a_bill_that_is_there_is_not_posted_again(office: Office) -> None:
    address, _ = await differing(office, found(quickbooks=RENAMED))
    body = {"fingerprint": (await shown(office, address))["fingerprint"]}
    answer = await office.admin.post(f"{address}/post-again", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_to_post_again")


@pytest.mark.parametrize("what", ["differences/update", "differences/keep", "post-again"])
async def test_readers_see_it_and_change_nothing(office: Office, sign_in: SignIn, what: str) -> None:
    address, invoice_id = await differing(office, found(procore=BILLED_MORE))
    tom = await sign_in(TOM)
    told = (await tom.get(f"{address}/differences")).json()
    assert told["differences"]
    assert "Update the bill" not in (await tom.get(f"/invoices/{invoice_id}")).text
    body = {"fingerprint": told["fingerprint"], **({"note": "x"} if what.endswith("keep") else {})}
    assert (await tom.post(f"{address}/{what}", json=body)).status_code == 403
