"""One invoice's preview and review, and the exits from what holds it."""

from decimal import Decimal
from uuid import UUID

import pytest

from accounting.blockers import BlockerReason, Hold
from tests.api.booked import books, invoice, map_vendor, transaction
from tests.api.conftest import Office, SignIn, code_of
from tests.api.world import TOM

R = BlockerReason
VENDOR = Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
DUPLICATE = Hold(R.LIKELY_DUPLICATE, "bill INV-0001 of June 28, 2026, $15,300.00", "Bill:145")


async def state(office: Office, invoice_id: UUID) -> tuple[str, list[str]]:
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    return shown["state"], [one["reason"] for one in shown["reasons"]]


async def decide(
    office: Office, invoice_id: UUID, what: str, body: dict[str, object] | None = None
) -> dict[str, object]:
    answer = await office.admin.post(f"/api/v1/invoices/{invoice_id}/{what}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


async def preview(office: Office, invoice_id: UUID) -> dict[str, object]:
    answer = await office.admin.get(f"/api/v1/invoices/{invoice_id}/preview")
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


async def set_up(office: Office, connection_id: UUID, **changes: object) -> None:
    answer = await office.admin.put(f"/api/v1/connections/{connection_id}/settings", json=changes)
    assert answer.status_code == 200, answer.text


async def test_a_preview_is_the_exact_bill_and_changes_nothing(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    await map_vendor(office, connection_id)
    shown = await preview(office, invoice_id)
    bill = shown["bill"]
    assert isinstance(bill, dict)
    assert (bill.pop("hash"), bill.pop("memo")) != ("", "")
    assert bill == {
        "kind": "bill",
        "vendor": "Ernies Electric LLC",
        "number": "INV-0001",
        "full_number": "INV-0001",
        "bill_date": "2026-06-30",
        "due_date": "2026-07-30",
        "terms": None,
        "ap_account": "Accounts Payable (A/P)",
        "location": None,
        "currency": "USD",
        "tax_treatment": "none",
        "tax": None,
        "total": "15300.00",
        "lines": [
            {
                "role": "cost",
                "target_list": "Account",
                "target": "Job Costs:Subcontractors",
                "description": "26-050.S Rough-in, floors 3 to 6",
                "amount": "15400.00",
                "customer": "Harbor Point Tower",
                "tracking_class": None,
                "billable": False,
            },
            {
                "role": "retainage_withheld",
                "target_list": "Account",
                "target": "Retainage Payable",
                "description": "Retainage withheld, 701 #3",
                "amount": "-100.00",
                "customer": "Harbor Point Tower",
                "tracking_class": None,
                "billable": False,
            },
        ],
    }
    assert shown["warnings"] == ["QuickBooks has no payment terms of 30 days: the due date is sent without terms."]
    assert shown["created"] == ["Harbor Point Tower is mapped to the customer or job of the same name."]
    mapped = (await office.admin.get(f"/api/v1/connections/{connection_id}/mappings")).json()["mappings"]
    assert [one["kind"] for one in mapped] == ["vendor"], "the project's exact name is not confirmed by looking"


async def test_a_preview_of_what_is_held_names_every_reason(office: Office) -> None:
    connection_id = await books(office, accounts=False)
    shown = await preview(office, await invoice(office, "INV-0001", connection_id))
    assert (shown["outcome"], shown["bill"]) == ("held", None)
    reasons = shown["reasons"]
    assert isinstance(reasons, list)
    assert [one["reason"] for one in reasons] == ["vendor_unmapped", "cost_code_unmapped", "retainage_account_missing"]


async def test_what_only_the_source_could_tell_holds_in_the_preview_too(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    hold = Hold(R.APPROVAL_DATE_UNKNOWN)
    shown = await preview(office, await invoice(office, "INV-0001", connection_id, holds=(hold,)))
    assert (shown["outcome"], shown["bill"]) == ("held", None)
    reasons = shown["reasons"]
    assert isinstance(reasons, list) and [one["reason"] for one in reasons] == ["approval_date_unknown"]


async def test_everything_that_waits_is_previewed_with_count_sum_and_reasons(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id)
    await invoice(office, "INV-0002", connection_id, due=Decimal("1000.50"))
    await map_vendor(office, connection_id)
    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "145", "INV-0002", "77.00")
    shown = (await office.admin.get(f"/api/v1/connections/{connection_id}/preview")).json()
    assert (shown["bills"], shown["bills_total"], shown["held"], shown["held_total"]) == (1, "15300.00", 1, "1000.50")
    assert shown["sentence"].startswith("1 bill would post, $15,300.00; 1 would be held ($1,000.50): 1: QuickBooks or")
    outcomes = {}
    for offset in (0, 1):
        path = f"/api/v1/connections/{connection_id}/previews?limit=1&offset={offset}"
        listed = (await office.admin.get(path)).json()
        (one,) = listed["invoices"]
        outcomes[one["number"]] = (listed["total"], one["preview"]["outcome"])
    assert outcomes == {"INV-0001": (2, "bill"), "INV-0002": (2, "held")}


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
    await decide(office, invoice_id, "lien-waiver", {"missing": True})
    bill = (await preview(office, invoice_id))["bill"]
    assert isinstance(bill, dict) and bill["memo"].startswith("HOLD – LIEN WAIVER · Procore 701 #3")
    await decide(office, invoice_id, "lien-waiver", {"missing": False})
    bill = (await preview(office, invoice_id))["bill"]
    assert isinstance(bill, dict) and bill["memo"].startswith("Procore 701 #3")


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
