"""One invoice's preview and review, and the exits from what holds it."""

import html
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from accounting.blockers import EXPLANATIONS, BlockerReason, Hold, Owner
from accounting.eligibility import ASKS_WHETHER
from models.invoices import import_invoices
from models.reference_lists import store_list
from models.tables import AuditLog, BillLink, Membership, QuickBooksKind
from tests.api.booked import books, invoice, map_vendor, transaction
from tests.api.conftest import Office, SignIn, code_of
from tests.api.posted import post
from tests.api.seeding import ACCOUNTS, PAYABLE, PROJECT, add_connection, change_in_procore, invoice_as_told
from tests.api.world import MARISOL, TOM

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


async def test_a_preview_shows_quantity_and_price_of_what_goes_by_the_unit(office: Office) -> None:
    connection_id = await books(office)
    told = invoice_as_told(
        "INV-0001",
        source_id="58001",
        due=Decimal("36707.23"),
        vendor="Ernie's Electrical",
        project_id=PROJECT,
        approved_at=office.services.clock.now(),
    )
    doors = replace(told.lines[0], quantity=Decimal("31.0000"))
    async with office.database.company(office.company_id, office.actor) as session:
        (invoice_id,) = await import_invoices(session, [replace(told, lines=(doors,))], connection_id)
    await map_vendor(office, connection_id)
    await set_up(office, connection_id, posting_basis="item", default_item_id="501")
    bill = (await preview(office, invoice_id))["bill"]
    assert isinstance(bill, dict)
    told_lines = [(one["target"], one["quantity"], one["unit_price"], one["amount"]) for one in bill["lines"]]
    assert told_lines == [
        ("Electrical sub", "31", "1187.33", "36807.23"),
        ("Retainage Payable", None, None, "-100.00"),
    ]
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert "31 × $1,187.33" in page


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
                "quantity": None,
                "unit_price": None,
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
                "quantity": None,
                "unit_price": None,
            },
        ],
    }
    assert shown["warnings"] == ["QuickBooks has no payment terms of 30 days: the due date is sent without terms."]
    assert shown["created"] == ["Harbor Point Tower is mapped to the customer or job of the same name."]
    mapped = (await office.admin.get(f"/api/v1/connections/{connection_id}/mappings")).json()["mappings"]
    assert [one["kind"] for one in mapped] == ["vendor"], "the project's exact name is not confirmed by looking"


async def test_a_preview_of_what_is_held_names_every_reason(office: Office) -> None:
    connection_id = await books(office, accounts=False)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    shown = await preview(office, invoice_id)
    assert (shown["outcome"], shown["bill"]) == ("held", None)
    reasons = shown["reasons"]
    assert isinstance(reasons, list)
    missing = ["vendor_unmapped", "cost_code_unmapped", "retainage_account_missing"]
    assert [one["reason"] for one in reasons] == missing, "the only A/P account there is needs no choice"
    second = replace(next(one for one in ACCOUNTS if one.quickbooks_id == PAYABLE), quickbooks_id="34", name="A/P 2")
    async with office.database.company(office.company_id, office.actor) as session:
        await store_list(session, connection_id, "Account", [*ACCOUNTS, second], session.now)
    shown = await preview(office, invoice_id)
    reasons = shown["reasons"]
    assert isinstance(reasons, list)
    assert sorted(one["reason"] for one in reasons) == sorted([*missing, "ap_account_missing"])


async def test_what_only_the_source_could_tell_holds_in_the_preview_too(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    hold = Hold(R.APPROVAL_DATE_UNKNOWN)
    shown = await preview(office, await invoice(office, "INV-0001", connection_id, holds=(hold,)))
    assert (shown["outcome"], shown["bill"]) == ("held", None)
    reasons = shown["reasons"]
    assert isinstance(reasons, list) and [one["reason"] for one in reasons] == ["approval_date_unknown"]


@pytest.mark.parametrize("reason", sorted(ASKS_WHETHER))
async def test_what_no_rule_could_tell_comes_in_on_a_persons_word(office: Office, reason: R) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(Hold(reason),))
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert ">Import it<" in page and ">Leave it out<" in page
    async with office.database.company(office.company_id, office.actor) as session:
        await change_in_procore(session, invoice_id, Decimal("900.00"))
    assert await state(office, invoice_id) == ("needs_you", [reason]), "another version answers nothing"
    assert await decide(office, invoice_id, "let-in") == {"goes_on": True}
    assert await state(office, invoice_id) == ("imported", [])
    assert (await preview(office, invoice_id))["outcome"] == "bill"
    again = await office.admin.post(f"/api/v1/invoices/{invoice_id}/let-in")
    assert (again.status_code, code_of(again)) == (409, "decided_already")
    async with office.database.company(office.company_id, office.actor) as session:
        (kept,) = await session.exec(select(AuditLog).where(AuditLog.action == "let_in"))
        assert kept.data == {"invoice_id": str(invoice_id), "reasons": [reason]}
        assert kept.actor_id == str(office.admin_id)


async def test_the_start_date_is_an_admins(office: Office, sign_in: SignIn) -> None:
    connection_id = await books(office)
    undated = await invoice(office, "INV-0001", connection_id, holds=(Hold(R.APPROVAL_DATE_UNKNOWN),))
    changed = await invoice(office, "INV-0002", connection_id, holds=(Hold(R.REAPPROVED_CHANGED),))
    accountant = await accountant_of(office, sign_in)
    refused = await accountant.post(f"/invoices/{undated}/let-in")
    assert refused.status_code == 403 and "Only company admins can import" in refused.text
    assert ">Import it<" not in refused.text
    assert (await accountant.post(f"/invoices/{changed}/let-in")).status_code == 303
    assert [await state(office, one) for one in (undated, changed)] == [
        ("needs_you", ["approval_date_unknown"]),
        ("imported", []),
    ]


async def accountant_of(office: Office, sign_in: SignIn) -> httpx.AsyncClient:
    """Marisol, whom an admin has named an accountant."""
    browser = await sign_in(MARISOL)
    me = (await browser.get("/api/v1/me")).json()
    async with office.database.company(office.company_id, office.actor) as session:
        place = (await session.exec(select(Membership).where(Membership.user_id == UUID(me["id"])))).one()
        place.is_accountant = True
        session.add(place)
    return browser


# The keys that make a reason about something of this invoice; a refused mapping may be of several kinds.
KEYS = {
    R.VENDOR_UNMAPPED: ("8881",),
    R.VENDOR_INACTIVE: ("8881",),
    R.PROJECT_UNMAPPED: ("9001",),
    R.COST_CODE_UNMAPPED: ("2158",),
    R.MAPPING_REFUSED: ("2158", "9001"),
    R.LIKELY_DUPLICATE: ("Bill:145",),
}
SUBJECTS = {"9001": "Harbor Point Tower: its customer is inactive", "2158": "26-050.S: That account is inactive."}
# Gross, released and net without which there would be nothing to say yes to.
OF_AMOUNTS = {
    R.NEGATIVE_TOTAL: (Decimal("-900.00"), Decimal(0), Decimal("-900.00")),
    R.SMALL_DIFFERENCE: (Decimal("899.99"), Decimal(0), Decimal("899.99")),
    R.RETAINAGE_OPENING_BALANCE: (Decimal(0), Decimal("900.00"), Decimal("900.00")),
}
TO_DO = re.compile(r'<form method="post" action="/invoices/[^"]+/(?!try-again|dont-post)|<a class="button[^"]*" href')


async def test_every_reason_with_a_button_has_a_way_out_for_its_owner(office: Office, sign_in: SignIn) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    await set_up(office, connection_id, review_before_posting=True)
    held: list[tuple[Hold, UUID]] = []
    async with office.database.company(office.company_id, office.actor) as session:
        for reason in (one for one in R if EXPLANATIONS[one].button is not None):
            for key in KEYS.get(reason, ("x",)):
                told = invoice_as_told(
                    "INV-1",
                    source_id=f"{reason}-{key}",
                    due=Decimal(-900 if reason is R.NEGATIVE_TOTAL else 900),
                    vendor="Ernie's Electrical",
                    project_id="9001",
                    approved_at=session.now,
                )
                if reason in OF_AMOUNTS:
                    gross, released, net = OF_AMOUNTS[reason]
                    line = replace(told.lines[0], gross=gross, withheld=Decimal(0), released=released, net=net)
                    told = replace(told, lines=(line,))
                hold = Hold(reason, SUBJECTS.get(key, "x"), key)
                (invoice_id,) = await import_invoices(session, [replace(told, holds=(hold,))], connection_id)
                held.append((hold, invoice_id))
    browsers = {Owner.ACCOUNTANT: await accountant_of(office, sign_in), Owner.ADMIN: office.admin}
    without = []
    for hold, invoice_id in held:
        page = (await browsers[hold.owner].get(f"/invoices/{invoice_id}")).text
        assert html.escape(hold.sentence, quote=False).partition("'")[0] in page, hold
        ways = page.partition('class="notice notice-')[2].partition('class="columns"')[0]
        retried = hold.button == "Try again" and "/try-again" in ways
        reviewed = hold.reason is R.REVIEW and "Approve exactly this" in page
        if not (TO_DO.search(ways) or retried or reviewed):
            without.append(hold)
    assert without == []


async def test_what_is_matched_to_something_inactive_is_matched_anew_on_the_invoice(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    inactive = Hold(R.VENDOR_INACTIVE, "Ernie's Electrical", "8881")
    refused = Hold(R.MAPPING_REFUSED, "26-050.S: That account is inactive.", "2158")
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(inactive, refused))
    for hold, name in ((inactive, "Harbor Steel"), (refused, "Job Costs:Subcontractors")):
        form = {"reason": hold.reason.value, "subject": hold.subject_key, "name": name}
        answer = await office.admin.post(f"/invoices/{invoice_id}/match", data=form)
        assert answer.status_code == 303, answer.text
    assert await state(office, invoice_id) == ("imported", [])
    mapped = (await office.admin.get(f"/api/v1/connections/{connection_id}/mappings")).json()["mappings"]
    assert {(one["procore_name"], one["quickbooks_id"]) for one in mapped} == {
        ("Ernie's Electrical", "57"),
        ("26-050.S", "80"),
    }


async def test_what_was_posted_elsewhere_finds_its_migrated_bill_or_is_posted_anew(office: Office) -> None:
    connection_id = await books(office)
    elsewhere = Hold(R.POSTED_ELSEWHERE, "Hartwell Old LLC", "posted elsewhere")
    moved, anew = [await invoice(office, number, connection_id, holds=(elsewhere,)) for number in ("A-0001", "A-0002")]
    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "145", "A-0001", "15300.00", vendor="99", day=date(2024, 1, 31))
        await transaction(session, connection_id, "146", "B-1", "77.00")
    page = (await office.admin.get(f"/invoices/{moved}")).text
    assert "bill A-0001 of January 31, 2024, $15,300.00" in page and "Bill:146" not in page
    answer = await office.admin.post(f"/invoices/{moved}/use-bill", data={"key": "Bill:145"})
    assert (answer.status_code, await state(office, moved)) == (303, ("linked", []))
    page = (await office.admin.get(f"/invoices/{anew}")).text
    assert "No bill of this number or amount is in these books." in page and "Post as a new bill" in page
    assert (await office.admin.post(f"/invoices/{anew}/post-as-new")).status_code == 303
    assert await state(office, anew) == ("imported", [])


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
