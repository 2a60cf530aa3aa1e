"""The exits from what holds an invoice: every reason has one, and its owner may take it."""

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
from models.tables import AuditLog, Membership
from tests.api.booked import books, invoice, map_vendor, transaction
from tests.api.conftest import Office, SignIn, code_of
from tests.api.deciding import decide, preview, set_up, state
from tests.api.seeding import change_in_procore, invoice_as_told
from tests.api.world import MARISOL

R = BlockerReason


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
