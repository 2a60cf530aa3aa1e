"""The work list, the month end and *why is it not in QuickBooks*."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounting.blockers import BlockerReason, Hold
from accounting.states import InvoiceState
from models.copy_of_books import mark_deleted
from models.events import record_event
from models.invoices import invoices_by_id
from models.requisitions import SeenRequisition, fingerprint, store_requisitions
from models.tables import RequisitionVerdict
from tests.api.booked import books, invoice, map_vendor, transaction
from tests.api.conftest import Office
from tests.api.posted import VOIDED, found, note, post

R = BlockerReason
VENDOR = Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
CODE = Hold(R.COST_CODE_UNMAPPED, "26-050.S", "2158")


async def test_the_work_list_is_ranked_by_the_money_it_frees(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    await invoice(office, "INV-0002", connection_id, holds=(CODE,), due=Decimal("20000.00"))
    await invoice(office, "INV-0003", connection_id, holds=(CODE,), due=Decimal("0.01"))
    tasks = (await office.admin.get("/api/v1/work-list")).json()["tasks"]
    assert [one["sentence"] for one in tasks] == [
        "Map budget code 26-050.S → frees 2 invoices, $20,000.01",
        "Match vendor Ernie's Electrical → frees 1 invoice, $15,300.00",
    ]
    assert tasks[0]["connection_id"] == str(connection_id)


async def test_why_is_answered_by_number_id_url_and_our_own_number(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    reference = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()["reference"]
    url = "https://app.procore.com/789/project/commitments/work_order_contracts/701/requisitions/580001"
    for asked in ("INV-0001", "580001", url, str(reference), str(invoice_id)):
        (answer,) = (await office.admin.get("/api/v1/why", params={"of": asked})).json()["answers"]
        assert (answer["invoice_id"], answer["button"]) == (str(invoice_id), "Match vendor"), asked
        assert answer["sentence"].startswith("Vendor Ernie's Electrical is not matched")


async def test_why_as_at_a_past_moment(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    before = office.now.now()
    office.now.advance(timedelta(hours=1))
    await map_vendor(office, connection_id)
    office.now.advance(timedelta(hours=1))
    await office.admin.post(f"/api/v1/invoices/{invoice_id}/dont-post", json={"why": ""})

    async def told(at: str | None) -> list[str]:
        params = {"of": "INV-0001", **({"at": at} if at else {})}
        answers = (await office.admin.get("/api/v1/why", params=params)).json()["answers"]
        return [one["sentence"] for one in answers]

    assert await told(None) == ["Somebody chose Don't post this invoice."]
    assert (await told(before.isoformat()))[0].startswith("Vendor Ernie's Electrical is not matched")
    between = before + timedelta(minutes=90)
    assert await told(between.isoformat()) == ["Nothing holds it: it is on its way to QuickBooks."]
    earlier = before - timedelta(days=1)
    assert (await told(earlier.isoformat()))[0].startswith("inBuild has not seen this requisition")


async def test_a_bill_that_is_gone_is_not_in_quickbooks_now_or_then(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    moments = []
    async with office.database.company(office.company_id, office.actor) as session:
        await post(session, invoice_id, connection_id)
        record_event(session, "invoice", invoice_id, "posted")
    for told_then in (found(), found(is_deleted=True)):
        moments.append(office.now.now())
        office.now.advance(timedelta(hours=1))
        async with office.database.company(office.company_id, office.actor) as session:
            await note(session, invoice_id, told_then)
    moments.append(office.now.now())
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}/differences")).json()
    office.now.advance(timedelta(hours=1))
    again = {"fingerprint": shown["fingerprint"]}
    assert (await office.admin.post(f"/api/v1/invoices/{invoice_id}/post-again", json=again)).is_success
    moments.append(office.now.now())
    said = []
    for at in moments:
        params = {"of": "INV-0001", "at": at.isoformat()}
        (answer,) = (await office.admin.get("/api/v1/why", params=params)).json()["answers"]
        said.append((answer["in_quickbooks"], answer["button"]))
    assert said == [(True, None), (True, None), (False, "Post again"), (False, None)]


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        (RequisitionVerdict.NOT_IMPORTED, "origin_id", "Another integration owns this requisition"),
        (RequisitionVerdict.NOT_IMPORTED, "before_start", "First approved before the start date."),
        (RequisitionVerdict.NEEDS_PERSON, "unreadable", "Procore's answer for this requisition could not be read"),
        (RequisitionVerdict.NONE, None, "inBuild has seen it but not judged it"),
    ],
)
async def test_why_knows_what_stayed_out(
    office: Office, verdict: RequisitionVerdict, reason: str | None, words: str
) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        seen = SeenRequisition(
            requisition_id="777",
            project_id="9001",
            raw="{}",
            raw_sha256=fingerprint("{}"),
            number="X-9",
            verdict=verdict,
            verdict_reason=reason,
        )
        await store_requisitions(session, [seen])
    (answer,) = (await office.admin.get("/api/v1/why", params={"of": "X-9"})).json()["answers"]
    assert answer["sentence"].startswith(words) and answer["invoice_id"] is None
    at = {"of": "X-9", "at": office.now.now().isoformat()}
    (then,) = (await office.admin.get("/api/v1/why", params=at)).json()["answers"]
    said = " That is today's verdict; inBuild keeps no earlier one of what did not come in."
    assert then == {**answer, "sentence": answer["sentence"] + said}


async def test_month_end_lists_what_is_not_in_the_books_by_project_and_account(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    held_back = await invoice(office, "INV-0002", connection_id)
    await office.admin.post(f"/api/v1/invoices/{held_back}/dont-post", json={"why": ""})
    await invoice(office, "INV-0003", connection_id, project_id="9002", due=Decimal("50.00"))
    day = office.now.now().date() + timedelta(days=1)
    shown = (await office.admin.get(f"/api/v1/month-end?as_of={day}")).json()
    rows = [(row["project"], row["account"], row["gross"], row["retainage"], row["net"]) for row in shown["rows"]]
    assert rows == [
        ("Harbor Point Tower", "Job Costs:Subcontractors", "15400.00", "100.00", "15300.00"),
        ("Mill Street School", "Job Costs:Subcontractors", "150.00", "100.00", "50.00"),
    ]
    assert (shown["invoices"], shown["gross"], shown["retainage"], shown["net"]) == (
        2, "15550.00", "200.00", "15350.00"
    )  # fmt: skip
    text = (await office.admin.get(f"/api/v1/month-end.csv?as_of={day}")).text
    assert text.splitlines()[-1] == "Total,,2,15550.00,200.00,15350.00,"
    beyond = await office.admin.get(f"/month-end?as_of={day}&page=99")
    assert beyond.status_code == 200 and "Mill Street School" in beyond.text
    early = (await office.admin.get("/api/v1/month-end?as_of=2026-06-29")).json()
    assert (early["invoices"], early["rows"]) == (0, [])


async def test_month_end_says_why_and_a_bill_that_is_gone_is_no_bill(office: Office) -> None:
    connection_id = await books(office)
    billed, taken = [await invoice(office, number, connection_id) for number in ("INV-0001", "INV-0002")]
    await invoice(office, "INV-0003", connection_id)
    day = office.now.now().date() + timedelta(days=1)

    async def told() -> dict[str, object]:
        shown: dict[str, object] = (await office.admin.get(f"/api/v1/month-end?as_of={day}")).json()
        rows = shown["rows"]
        assert isinstance(rows, list) and len(rows) == 1
        return {"invoices": shown["invoices"], "reasons": rows[0]["reasons"]}

    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "145", "INV-0001", "15300.00")
        await post(session, billed, connection_id)
        (row,) = (await invoices_by_id(session, [taken])).values()
        row.state = InvoiceState.TAKEN_BACK
        session.add(row)
    on_its_way, taken_back = "On its way to QuickBooks.", "Its bill was taken back from QuickBooks."
    assert await told() == {"invoices": 2, "reasons": [taken_back, on_its_way]}
    await office.admin.put(f"/api/v1/connections/{connection_id}/pause", json={"on": True})
    paused = Hold(R.PAUSED).sentence
    assert await told() == {"invoices": 2, "reasons": [taken_back, paused]}
    async with office.database.company(office.company_id, office.actor) as session:
        await mark_deleted(session, connection_id, [("Bill", "145")])
    assert (await told())["invoices"] == 3
    gone = "Its bill was deleted or voided in QuickBooks."
    for found_there in (found(is_deleted=True), found(quickbooks=VOIDED)):
        async with office.database.company(office.company_id, office.actor) as session:
            await transaction(session, connection_id, "145", "INV-0001", "15300.00")
            await note(session, billed, found_there)
        assert await told() == {"invoices": 3, "reasons": [gone, taken_back, paused]}
