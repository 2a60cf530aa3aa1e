"""The list of invoices and one invoice, for everybody of the company and nobody else."""

import json
from datetime import date
from decimal import Decimal
from itertools import product
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.states import Badge, InvoiceState, Settled
from models.bill_links import AcceptedBill, end_accepted, link_bills
from models.invoice_badges import badge_of, facts_of_badge
from models.posting import attempts_of_batches
from models.tables import InvoiceRow, PostingOperation
from models.writing_batches import NewAttempt, write_batch
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import EXPENSE, RETAINAGE, add_connection, add_invoice, add_projects
from tests.api.world import TOM

VENDOR_MISSING = Hold(BlockerReason.VENDOR_UNMAPPED, "Apex Glass", "8890")


@pytest_asyncio.fixture
async def filled(office: Office) -> Office:
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
        await add_projects(session)
        await add_invoice(session, "INV-1042", connection_id=connection_id, source_id="1")
        await add_invoice(
            session,
            "A-7",
            connection_id=connection_id,
            source_id="2",
            vendor="Apex Glass",
            project_id="9002",
            due=Decimal("1204.18"),
            holds=(VENDOR_MISSING,),
        )
        await post(session, connection_id, await add_invoice(session, "9", connection_id=connection_id, source_id="3"))
    return office


async def post(session, connection_id: UUID, invoice_id: UUID) -> None:  # type: ignore[no-untyped-def]
    """As the worker does when QuickBooks took the bill."""
    body = {
        "TxnDate": "2026-06-30",
        "DueDate": "2026-07-30",
        "PrivateNote": "Procore SC-001 #3, Harbor Point Tower · inBuild 70003",
        "Line": [
            {
                "Amount": 15400.00,
                "Description": "Rough-in",
                "AccountBasedExpenseLineDetail": {"AccountRef": {"value": EXPENSE}},
            },
            {
                "Amount": -100.00,
                "Description": "Retainage withheld",
                "AccountBasedExpenseLineDetail": {"AccountRef": {"value": RETAINAGE}},
            },
        ],
    }
    new = NewAttempt(
        invoice_id,
        "1",
        PostingOperation.CREATE_BILL,
        json.dumps(body).encode(),
        "h",
        "inBuild 1",
        "56",
        "9",
        Decimal("15300.00"),
        date(2026, 6, 30),
        Decimal("100.00"),
        Decimal(0),
        "",
    )
    batch_id = await write_batch(session, connection_id, "9001", [new])
    attempt = (await attempts_of_batches(session, [batch_id]))[0]
    bill = AcceptedBill(
        attempt, "Bill", "1187", "0", "9", Decimal("15300.00"), None, date(2026, 6, 30), "memo", "{}", adopted=False
    )
    await link_bills(session, [bill])
    await end_accepted(session, [bill])
    row = (await session.exec(select(InvoiceRow).where(col(InvoiceRow.id) == invoice_id))).one()
    row.state = InvoiceState.POSTED
    session.add(row)


async def test_the_list_shows_badge_amount_and_reason(filled: Office) -> None:
    listed = (await filled.admin.get("/api/v1/invoices")).json()
    assert (listed["total"], listed["total_due"]) == (3, "31804.18")
    rows = {row["number"]: row for row in listed["invoices"]}
    assert rows["A-7"]["badge"] == "Needs you"
    assert rows["A-7"]["reason"] == (
        "Vendor Apex Glass is not matched to a QuickBooks vendor. Match it, or create it in QuickBooks."
    )
    assert rows["A-7"]["due"] == "1204.18"
    assert (rows["INV-1042"]["badge"], rows["INV-1042"]["reason"]) == ("Waiting", None)
    assert rows["9"]["badge"] == "Posted"
    assert {one["badge"]: one["count"] for one in listed["badges"]} == {"Waiting": 1, "Needs you": 1, "Posted": 1}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("badge=Needs you", ["A-7"]),
        ("badge=Posted", ["9"]),
        ("badge=Paid", []),
        ("project_id=9002", ["A-7"]),
        ("search=apex", ["A-7"]),
        ("search=1042", ["INV-1042"]),
        ("search=%25", []),
        ("source=upload", []),
        ("limit=1&offset=1", ["A-7"]),
        ("vendor_id=8881&project_id=9002", ["A-7"]),
        ("vendor_id=1", []),
        ("blocker=vendor_unmapped", ["A-7"]),
        ("blocker=vendor_unmapped&subject=8891", []),
        ("blocker=unapproved", []),
        ("sort=due&ascending=true&limit=1", ["A-7"]),
        ("sort=number", ["INV-1042", "A-7", "9"]),
    ],
)
async def test_filters_and_paging(filled: Office, query: str, numbers: list[str]) -> None:
    listed = (await filled.admin.get(f"/api/v1/invoices?{query}")).json()
    assert [row["number"] for row in listed["invoices"]] == numbers


@pytest.mark.parametrize(
    "query", ["badge=Nonsense", "limit=0", "limit=5000", "offset=-1", "source=fax", "blocker=rain", "sort=colour"]
)
async def test_wrong_filters_are_refused(filled: Office, query: str) -> None:
    answer = await filled.admin.get(f"/api/v1/invoices?{query}")
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


def test_the_filter_of_every_badge_says_what_the_badge_says() -> None:
    shown = {
        facts: badge_of(*facts) for facts in product(InvoiceState, Settled, (False, True), (False, True), (False, True))
    }
    for badge in Badge:
        assert set(facts_of_badge(badge)) == {facts for facts, is_shown in shown.items() if is_shown is badge}


async def test_a_reader_reads_invoices(filled: Office, sign_in: SignIn) -> None:
    assert (await (await sign_in(TOM)).get("/api/v1/invoices")).json()["total"] == 3


async def test_one_invoice_shows_the_bill_as_posted(filled: Office) -> None:
    listed = (await filled.admin.get("/api/v1/invoices?badge=Posted")).json()["invoices"][0]
    shown = (await filled.admin.get(f"/api/v1/invoices/{listed['id']}")).json()
    bill = shown["bill"]
    assert (bill["quickbooks_id"], bill["number"], bill["total"]) == ("1187", "9", "15300.00")
    assert (bill["bill_date"], bill["due_date"]) == ("2026-06-30", "2026-07-30")
    assert [(line["account"], Decimal(line["amount"])) for line in bill["lines"]] == [
        ("Job Costs:Subcontractors", Decimal("15400.00")),
        ("Retainage Payable", Decimal("-100.00")),
    ]
    page = (await filled.admin.get(f"/invoices/{listed['id']}")).text
    assert "Job Costs:Subcontractors" in page and "-$100.00" in page and "Jul 30, 2026" in page


async def test_unknown_ids_are_404_in_both_faces(filled: Office) -> None:
    answer = await filled.admin.get(f"/api/v1/invoices/{uuid4()}")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    page = await filled.admin.get(f"/invoices/{uuid4()}")
    assert page.status_code == 404 and "There is no such invoice" in page.text
    assert (await filled.admin.get("/invoices/1%27%20or%201=1")).status_code == 404


async def test_nobody_reads_another_companys_invoice(filled: Office, sign_in: SignIn) -> None:
    from tests.api.world import CASCADE, RAY

    invoice_id = (await filled.admin.get("/api/v1/invoices")).json()["invoices"][0]["id"]
    ray = await sign_in(RAY)
    companies = (await ray.get("/api/v1/me")).json()["companies"]
    cascade = next(one["id"] for one in companies if one["procore_company_id"] == str(CASCADE))
    await ray.post(f"/companies/{cascade}/choose")
    assert (await ray.get("/api/v1/invoices")).json()["total"] == 0
    foreign, unknown = await ray.get(f"/api/v1/invoices/{invoice_id}"), await ray.get(f"/api/v1/invoices/{uuid4()}")
    assert foreign.status_code == 404
    assert foreign.text == unknown.text
