"""What a person decides about one invoice, its review among it, and who may."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import select

from accounting.blockers import BlockerReason, Hold
from models.invoices import import_invoices
from models.tables import BillLink, QuickBooksKind
from tests.api.booked import books, invoice, map_vendor, transaction
from tests.api.conftest import Office, SignIn, code_of
from tests.api.deciding import DUPLICATE, VENDOR, decide, preview, set_up, state
from tests.api.posted import post
from tests.api.seeding import add_connection, change_in_procore, invoice_as_told
from tests.api.world import TOM

R = BlockerReason


async def test_a_look_alike_may_be_used_and_taken_back(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(DUPLICATE,))
    other_id = await invoice(office, "INV-0002", connection_id, holds=(DUPLICATE,))
    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "145", "INV-0001", "15300.00")
    await decide(office, invoice_id, "use-bill", {"key": "Bill:145"})
    assert await state(office, invoice_id) == ("linked", [])
    taken = await office.admin.post(f"/api/v1/invoices/{other_id}/use-bill", json={"key": "Bill:145"})
    assert (taken.status_code, code_of(taken)) == (409, "linked_already")
    gone = await office.admin.post(f"/api/v1/invoices/{other_id}/use-bill", json={"key": "Bill:999"})
    assert (gone.status_code, code_of(gone)) == (422, "no_such_bill")
    late = await office.admin.post(f"/api/v1/invoices/{invoice_id}/use-bill", json={"key": "Bill:145"})
    assert (late.status_code, code_of(late)) == (409, "too_late")
    await decide(office, invoice_id, "unlink")
    assert await state(office, invoice_id) == ("imported", [])


async def test_post_as_a_new_bill_says_exactly_which_ones_are_others(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(DUPLICATE,))
    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "145", "INV-0001", "15300.00")
    assert (await preview(office, invoice_id))["outcome"] == "held"
    unseen = await office.admin.post(f"/api/v1/invoices/{invoice_id}/post-as-new", json={"keys": []})
    assert (unseen.status_code, code_of(unseen)) == (409, "duplicates_changed")
    assert await decide(office, invoice_id, "post-as-new", {"keys": ["Bill:145"]}) == {"goes_on": True}
    assert (await preview(office, invoice_id))["outcome"] == "bill"
    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "146", "", "15400.00", kind="Purchase")
    assert (await preview(office, invoice_id))["outcome"] == "held", "a further one that turns up holds again"


async def test_dont_post_and_back(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    await decide(office, invoice_id, "dont-post", {"why": "paid by card"})
    assert await state(office, invoice_id) == ("dont_post", [])
    await decide(office, invoice_id, "post-after-all")
    assert await state(office, invoice_id) == ("imported", [])
    again = await office.admin.post(f"/api/v1/invoices/{invoice_id}/post-after-all")
    assert (again.status_code, code_of(again)) == (409, "not_held_back")


async def test_an_approval_is_of_the_hash_that_was_shown_and_voided_by_any_change(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(Hold(R.REVIEW, "x", "review"),))
    await map_vendor(office, connection_id)
    await set_up(office, connection_id, review_before_posting=True)
    shown = await preview(office, invoice_id)
    assert shown["needs_review"] is True
    bill = shown["bill"]
    assert isinstance(bill, dict)
    wrong = await office.admin.post(f"/api/v1/invoices/{invoice_id}/review", json={"hash": "0" * 64})
    assert (wrong.status_code, code_of(wrong)) == (409, "draft_changed")
    await decide(office, invoice_id, "review", {"hash": bill["hash"]})
    # The vendor's mapping is another one now: what was approved is not what would be sent.
    await map_vendor(office, connection_id, "57")
    changed = (await preview(office, invoice_id))["bill"]
    assert isinstance(changed, dict) and changed["hash"] != bill["hash"]
    stale = await office.admin.post(f"/api/v1/invoices/{invoice_id}/review", json={"hash": bill["hash"]})
    assert (stale.status_code, code_of(stale)) == (409, "draft_changed")
    # The invoice itself is another one: its amount due, and its lines.
    async with office.database.company(office.company_id, office.actor) as session:
        await change_in_procore(session, invoice_id, Decimal("15200.00"))
    stale = await office.admin.post(f"/api/v1/invoices/{invoice_id}/review", json={"hash": changed["hash"]})
    assert (stale.status_code, code_of(stale)) == (409, "draft_changed")
    newest = (await preview(office, invoice_id))["bill"]
    assert isinstance(newest, dict) and newest["total"] == "15200.00"
    await decide(office, invoice_id, "review", {"hash": newest["hash"]})


async def test_a_closed_period_takes_another_date_and_another_year_a_click(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    await map_vendor(office, connection_id)
    await set_up(office, connection_id, lock_date="2026-06-30")
    shown = await preview(office, invoice_id)
    assert isinstance(shown["reasons"], list) and [one["reason"] for one in shown["reasons"]] == ["lock_date"]
    path = f"/api/v1/invoices/{invoice_id}/bill-date"
    for body, words in (
        ({"bill_date": "2026-06-30"}, "June 30, 2026 is closed too. Choose July 1, 2026 or a later day."),
        ({"bill_date": "2027-01-01"}, "That moves the cost from 2026 to 2027."),
    ):
        refused = await office.admin.post(path, json=body)
        assert (refused.status_code, code_of(refused)) == (422, "date_refused")
        assert words in refused.json()["error"]["message"]
    await decide(office, invoice_id, "bill-date", {"bill_date": "2026-07-01"})
    bill = (await preview(office, invoice_id))["bill"]
    assert isinstance(bill, dict) and (bill["bill_date"], bill["due_date"]) == ("2026-07-01", "2026-07-31")


async def test_one_line_of_one_invoice_is_recoded(office: Office) -> None:
    connection_id = await books(office)
    invoice_id, other_id = [await invoice(office, number, connection_id) for number in ("INV-0001", "INV-0002")]
    await map_vendor(office, connection_id)
    refused = await office.admin.post(
        f"/api/v1/invoices/{invoice_id}/recode", json={"position": 1, "kind": "item", "quickbooks_id": "502"}
    )
    assert (refused.status_code, code_of(refused)) == (422, "target_refused")
    await decide(office, invoice_id, "recode", {"position": 1, "kind": "item", "quickbooks_id": "501"})
    targets = []
    for one in (invoice_id, other_id):
        bill = (await preview(office, one))["bill"]
        assert isinstance(bill, dict)
        targets.append(bill["lines"][0]["target"])
    assert targets == ["Electrical sub", "Job Costs:Subcontractors"]


async def test_a_missing_lien_waiver_stands_first_in_the_memo_until_it_comes(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    await map_vendor(office, connection_id)
    for offered, form, first in (
        ("Lien waiver missing", {"missing": "true"}, "HOLD – LIEN WAIVER · Procore 701 #3"),
        ("Lien waiver received", {}, "Procore 701 #3"),
    ):
        assert f">{offered}</button>" in (await office.admin.get(f"/invoices/{invoice_id}")).text
        assert (await office.admin.post(f"/invoices/{invoice_id}/lien-waiver", data=form)).status_code == 303
        bill = (await preview(office, invoice_id))["bill"]
        assert isinstance(bill, dict) and bill["memo"].startswith(first)
    await decide(office, invoice_id, "lien-waiver", {"missing": True})
    bill = (await preview(office, invoice_id))["bill"]
    assert isinstance(bill, dict) and bill["memo"].startswith("HOLD")


async def test_a_negative_invoice_becomes_a_vendor_credit_on_a_word_about_what_was_shown(office: Office) -> None:
    connection_id = await books(office)
    hold = Hold(R.NEGATIVE_TOTAL, "-$15,300.00")
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(hold,), due=Decimal("-15300.00"))
    await map_vendor(office, connection_id)
    path = f"/api/v1/invoices/{invoice_id}/vendor-credit"
    for amount in ("-15300.01", "15300.00"):
        refused = await office.admin.post(path, json={"amount": amount})
        assert (refused.status_code, code_of(refused)) == (409, "amounts_changed")
    assert await decide(office, invoice_id, "vendor-credit", {"amount": "-15300.00"}) == {"goes_on": True}
    bill = (await preview(office, invoice_id))["bill"]
    assert isinstance(bill, dict)
    assert (bill["kind"], bill["total"], bill["due_date"], bill["terms"]) == ("vendor_credit", "15300.00", None, None)
    positive = await invoice(office, "INV-0002", connection_id)
    refused = await office.admin.post(f"/api/v1/invoices/{positive}/vendor-credit", json={"amount": "15300.00"})
    assert (refused.status_code, code_of(refused)) == (409, "amounts_changed")


@pytest.mark.parametrize("what", ["preview", "review", "dont-post"])
async def test_a_reader_decides_nothing(office: Office, sign_in: SignIn, what: str) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    reader = await sign_in(TOM)
    path = f"/api/v1/invoices/{invoice_id}/{what}"
    answer = await (reader.get(path) if what == "preview" else reader.post(path, json={"hash": "x"}))
    assert (answer.status_code, code_of(answer)) == (403, "not_accountant")


async def test_an_opening_balance_frees_the_release_that_waited_for_it(office: Office) -> None:
    connection_id = await books(office)
    hold = Hold(R.RETAINAGE_OPENING_BALANCE, "SC-001", "701")
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(hold,))
    path = f"/api/v1/connections/{connection_id}/retainage"
    for amount in ("-1.00", "0.001"):
        refused = await office.admin.put(path, json={"openings": [{"commitment_id": "701", "amount": amount}]})
        assert (refused.status_code, code_of(refused)) == (422, "bad_amount")
    answer = await office.admin.put(path, json={"openings": [{"commitment_id": "701", "amount": "900.00"}]})
    assert answer.json() == {"confirmed": 1, "freed": 1}
    assert await state(office, invoice_id) == ("imported", [])
    # Another admin's form was made before that: it is told what stands there now, and by whom.
    stale = await office.admin.post(
        f"/settings/accounting-integrations/{connection_id}/retainage", data={"opening.701": "750.00", "was.701": ""}
    )
    assert stale.status_code == 409 and "Ada Hartwell has confirmed $900.00 for 701" in stale.text
    late = await office.admin.put(path, json={"openings": [{"commitment_id": "701", "amount": "750.00"}]})
    assert (late.status_code, code_of(late)) == (409, "opening_outdated")
    seen = {"commitment_id": "701", "amount": "750.00", "shown": "900.00"}
    assert (await office.admin.put(path, json={"openings": [seen]})).json()["confirmed"] == 1


async def test_retainage_is_released_to_the_vendor_and_in_the_books_it_was_withheld_in(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    withholding = await invoice(office, "INV-0001", connection_id)
    async with office.database.company(office.company_id, office.actor) as session:
        other_books = await add_connection(
            session, office.admin_id, realm_id="2", kind=QuickBooksKind.DESKTOP, name="Old"
        )
        await transaction(session, connection_id, "145", "INV-0001", "15300.00")
        await post(session, withholding, connection_id)
        told = invoice_as_told(
            "INV-2", source_id="2", due=Decimal(900), vendor="x", project_id="9001", approved_at=session.now
        )
        line = replace(told.lines[0], gross=Decimal(0), withheld=Decimal(0), released=Decimal(900))
        (releasing,) = await import_invoices(session, [replace(told, lines=(line,))], connection_id)

    async def told_of(where: UUID) -> object:
        async with office.database.company(office.company_id, office.actor) as session:
            link = (await session.exec(select(BillLink))).one()
            link.connection_id, link.retainage_withheld = where, Decimal(900)
            session.add(link)
        return [one["reason"] for one in (await preview(office, releasing))["reasons"]]  # type: ignore[attr-defined]

    assert await told_of(connection_id) == []
    assert await told_of(other_books) == ["retainage_opening_balance"]
    await map_vendor(office, connection_id, "57")
    assert await told_of(connection_id) == ["retainage_opening_balance"], "another vendor withheld it"
