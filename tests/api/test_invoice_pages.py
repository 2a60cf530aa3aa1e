"""The invoice pages over HTTP: addresses, many at once, stale forms, uploads, and who may do what."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from models.connections import connected
from models.database import Actor
from models.directory import grant_support
from models.events import record_event, timeline
from models.mirroring import mirroring_row
from models.reference_lists import ListEntry, store_list
from models.tables import ActorKind, AppUser, InvoiceLineRow, InvoiceRow, Mapping, Membership, ProcoreProject
from tests.api.booked import books, invoice
from tests.api.conftest import Office, SignIn
from tests.api.posted import post
from tests.api.seeding import PROJECT, add_connection, add_invoice, add_projects
from tests.api.test_uploads import PDF, send
from tests.api.test_uploads import form as upload_body
from tests.api.world import MARISOL, TOM

APEX = Hold(BlockerReason.VENDOR_UNMAPPED, "Apex Glass", "8890")
REFUSED = Hold(BlockerReason.REFUSED_BY_QUICKBOOKS, "Business validation error (code 6000)", "6000")
UNDATED = Hold(BlockerReason.APPROVAL_DATE_UNKNOWN)


@pytest_asyncio.fixture
async def filled(office: Office) -> Office:
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
        await add_projects(session)
        await add_invoice(session, "INV-1", connection_id=connection_id, source_id="1")
        await add_invoice(
            session, "A & B", connection_id=connection_id, source_id="2", vendor="<Apex> & Sons", holds=(APEX,)
        )
        await add_invoice(session, "INV-3", connection_id=connection_id, source_id="3", holds=(REFUSED,))
        await add_invoice(session, "INV-4", connection_id=connection_id, source_id="4", holds=(UNDATED,))
    return office


async def ids_of(office: Office) -> dict[str, UUID]:
    async with office.database.company(office.company_id, office.actor) as session:
        return dict((await session.exec(select(InvoiceRow.number, InvoiceRow.id))).all())


def links(page: str) -> list[str]:
    return [path.replace("&amp;", "&") for path in re.findall(r'href="(/invoices\?[^"]*)"', page)]


def shown(page: str) -> list[str]:
    return re.findall(r'<a href="/invoices/[0-9a-f-]{36}">([^<]*)</a>', page)


async def seen_by(office: Office, invoice_id: UUID) -> str:
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


async def kinds(office: Office, invoice_id: UUID) -> list[str]:
    async with office.database.company(office.company_id, office.actor) as session:
        return [event.kind for event in await timeline(session, "invoice", invoice_id)]


async def test_the_whole_state_of_the_list_is_in_its_address(filled: Office) -> None:
    address = f"/invoices?status=Needs+you&project={PROJECT}&source=procore&search=INV&sort=-due"
    page = (await filled.admin.get(address)).text
    assert shown(page) == ["INV-4", "INV-3"]
    # Every link keeps what it does not change itself.
    by_vendor = next(path for path in links(page) if path.endswith("sort=vendor"))
    assert by_vendor == f"/invoices?status=Needs+you&project={PROJECT}&source=procore&search=INV&sort=vendor"
    every_status = next(path for path in links(page) if "status" not in path and "project" in path)
    assert every_status == f"/invoices?project={PROJECT}&source=procore&search=INV&sort=-due"
    assert shown((await filled.admin.get(every_status)).text) == ["INV-4", "INV-3", "INV-1"]


async def test_a_reason_and_its_subject_narrow_the_list(filled: Office) -> None:
    page = (await filled.admin.get("/invoices?blocker=vendor_unmapped&subject=8890")).text
    assert shown(page) == ["A &amp; B"]
    assert "/invoices?blocker=vendor_unmapped" in links(page)


@pytest.mark.parametrize(
    "query",
    [
        "status=Nonsense",
        "sort=password",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "page=%E0",
        "blocker=none",
        "source=fax",
        "search=%00",
        "vendor=" + "9" * 500,
        "search=" + "x" * 5000,
    ],
)
async def test_an_address_that_says_nonsense_is_a_list_all_the_same(filled: Office, query: str) -> None:
    assert (await filled.admin.get(f"/invoices?{query}")).status_code == 200


async def test_what_people_typed_is_text_on_the_page(filled: Office) -> None:
    page = (await filled.admin.get('/invoices?search="><script>alert(1)</script>')).text
    assert "<script>alert" not in page
    assert "<Apex>" not in (await filled.admin.get("/invoices")).text


async def act(browser: httpx.AsyncClient, action: str, ids: list[UUID], back_to: str = "/invoices") -> httpx.Response:
    data = {"action": action, "invoice": [str(one) for one in ids], "back_to": back_to}
    return await browser.post("/invoices/bulk", data=data)


async def test_many_are_tried_again_at_once_and_the_list_comes_back_as_it_was(filled: Office) -> None:
    ids = await ids_of(filled)
    here = "/invoices?status=Needs+you&sort=-due"
    answer = await act(filled.admin, "try_again", list(ids.values()), here)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{here}&page=1&done=")
    page = (await filled.admin.get(answer.headers["location"])).text
    assert "2 invoices tried again" in page and "Left as they are: 2" in page
    assert shown(page) == ["INV-4"]
    # The same click again finds nothing left to do.
    again = await act(filled.admin, "try_again", list(ids.values()), here)
    assert "0 invoices tried again" in (await filled.admin.get(again.headers["location"])).text
    assert (await kinds(filled, ids["INV-3"])).count("tried_again") == 1


async def test_many_uploads_are_approved_at_once(filled: Office) -> None:
    uploaded = [UUID((await send(filled.admin, upload_body(number=f"U-{n}"))).json()["id"]) for n in range(3)]
    answer = await act(filled.admin, "approve", [*uploaded, (await ids_of(filled))["INV-1"]])
    page = (await filled.admin.get(answer.headers["location"])).text
    assert "3 invoices approved" in page and "Left as they are: 1" in page
    assert (await kinds(filled, uploaded[0]))[-1] == "approved"


async def test_a_form_cannot_send_the_browser_elsewhere(filled: Office) -> None:
    for elsewhere in ("https://evil.example/?a=b", "//evil.example", "/sign-out?x=1"):
        answer = await act(filled.admin, "approve", [], elsewhere)
        assert answer.headers["location"].startswith("/invoices?")


async def test_words_in_the_address_are_not_repeated_as_ours(filled: Office) -> None:
    page = (await filled.admin.get("/invoices?done=approve.<b>.1")).text
    assert "invoices approved" not in page and "<b>." not in page


@pytest.mark.parametrize("path", ["/invoices/bulk", "/invoices/upload"])
async def test_readers_change_nothing(filled: Office, sign_in: SignIn, path: str) -> None:
    answer = await (await sign_in(TOM)).post(path, data={"action": "approve", "upload_id": str(uuid4())})
    assert answer.status_code == 403
    assert "Only company admins and the accountants they named can do this." in answer.text


async def test_readers_are_offered_nothing_to_change(filled: Office, sign_in: SignIn) -> None:
    tom = await sign_in(TOM)
    ids = await ids_of(filled)
    listed, one = (await tom.get("/invoices")).text, (await tom.get(f"/invoices/{ids['INV-3']}")).text
    assert 'type="checkbox"' not in listed and "/invoices/upload" not in listed
    assert "Try again" not in one and "Since" in one
    assert (await tom.get("/invoices/upload")).status_code == 403


async def name_accountant(office: Office) -> None:
    """Marisol, who has signed in, is named an accountant."""
    async with office.database.directory() as session:
        user = (await session.exec(select(AppUser).where(col(AppUser.name) == "Marisol Vega"))).one()
    async with office.database.company(office.company_id, office.actor) as session:
        place = (await session.exec(select(Membership).where(col(Membership.user_id) == user.id))).one()
        place.is_accountant = True
        session.add(place)


async def test_an_accountant_works_on_invoices(filled: Office, sign_in: SignIn) -> None:
    marisol = await sign_in(MARISOL)
    answer = await act(marisol, "try_again", list((await ids_of(filled)).values()))
    assert answer.status_code == 403
    await name_accountant(filled)
    answer = await act(marisol, "try_again", list((await ids_of(filled)).values()))
    assert answer.status_code == 303
    # A match is made on a page for admins: an accountant is not led there.
    assert (
        "/settings/accounting-integrations"
        not in (await marisol.get(f"/invoices/{(await ids_of(filled))['A & B']}")).text
    )


async def test_a_single_invoice_is_tried_again_once(filled: Office) -> None:
    invoice_id = (await ids_of(filled))["INV-3"]
    seen = await seen_by(filled, invoice_id)
    for done in ("tried", "nothing"):
        answer = await filled.admin.post(f"/invoices/{invoice_id}/try-again", data={"seen": seen})
        assert answer.headers["location"] == f"/invoices/{invoice_id}?done={done}"
    assert (await kinds(filled, invoice_id)).count("tried_again") == 1


async def test_a_stale_form_says_what_changed_and_does_nothing(filled: Office) -> None:
    invoice_id = (await ids_of(filled))["INV-3"]
    seen = await seen_by(filled, invoice_id)
    async with filled.database.company(filled.company_id, Actor(ActorKind.WORKFLOW)) as session:
        record_event(session, "invoice", invoice_id, "changed_in_procore", number="INV-3", due="1.00")
    answer = await filled.admin.post(f"/invoices/{invoice_id}/try-again", data={"seen": seen})
    assert answer.status_code == 409
    assert "This invoice has changed since you opened it: Changed in Procore; read again (inBuild Sync," in answer.text
    assert "tried_again" not in await kinds(filled, invoice_id)
    # The page that says so is the current one: from it the click goes through.
    found = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert found is not None
    answer = await filled.admin.post(f"/invoices/{invoice_id}/try-again", data={"seen": found[1]})
    assert answer.headers["location"].endswith("done=tried")


async def test_an_upload_is_approved_on_its_page_and_only_once(filled: Office) -> None:
    invoice_id = UUID((await send(filled.admin, upload_body(), PDF)).json()["id"])
    page = (await filled.admin.get(f"/invoices/{invoice_id}")).text
    assert "Not approved yet" in page and "invoice.pdf" in page
    seen = await seen_by(filled, invoice_id)
    for _ in range(2):
        answer = await filled.admin.post(f"/invoices/{invoice_id}/approve", data={"seen": seen})
        assert answer.headers["location"].endswith("done=approved")
    assert (await kinds(filled, invoice_id)).count("approved") == 1
    page = (await filled.admin.get(f"/invoices/{invoice_id}")).text
    assert "Not approved yet" not in page and "by Ada Hartwell" in page


async def with_vendors(office: Office, *names: str) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        (connection,) = await connected(session)
        entries = [ListEntry("Vendor", str(place), name, name, True) for place, name in enumerate(names, start=500)]
        await store_list(session, connection.id, "Vendor", entries, session.now)


async def match(browser: httpx.AsyncClient, invoice_id: UUID, name: str) -> httpx.Response:
    data = {"reason": "vendor_unmapped", "subject": "8890", "name": name}
    return await browser.post(f"/invoices/{invoice_id}/match", data=data)


async def test_a_vendor_is_matched_where_it_is_missing(filled: Office) -> None:
    await with_vendors(filled, "Apex Glass & Sons", "Zenith")
    ids = await ids_of(filled)
    page = (await filled.admin.get(f"/invoices/{ids['A & B']}")).text
    assert '<option value="Apex Glass &amp; Sons">' in page and "Vendor in QuickBooks" in page
    answer = await match(filled.admin, ids["A & B"], "apex glass & sons")
    assert answer.headers["location"] == f"/invoices/{ids['A & B']}?done=matched"
    async with filled.database.company(filled.company_id, filled.actor) as session:
        made = (await session.exec(select(Mapping))).one()
        assert (made.procore_id, made.procore_name, made.target_id) == ("8890", "Apex Glass", "500")
    assert (await kinds(filled, ids["A & B"]))[-1] == "freed"
    again = await match(filled.admin, ids["A & B"], "Zenith")
    assert again.status_code == 409 and "does not wait for this match any more" in again.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Type the name it has in QuickBooks"),
        ("Nobody & Co", "QuickBooks has no active vendor called “Nobody &amp; Co”."),
    ],
)
async def test_a_match_that_cannot_be_is_refused_and_changes_nothing(filled: Office, name: str, said: str) -> None:
    await with_vendors(filled, "Apex Glass & Sons")
    answer = await match(filled.admin, (await ids_of(filled))["A & B"], name)
    assert answer.status_code == 422 and said in answer.text
    async with filled.database.company(filled.company_id, filled.actor) as session:
        assert (await session.exec(select(Mapping))).all() == []


async def test_readers_match_nothing(filled: Office, sign_in: SignIn) -> None:
    tom, invoice_id = await sign_in(TOM), (await ids_of(filled))["A & B"]
    assert "Vendor in QuickBooks" not in (await tom.get(f"/invoices/{invoice_id}")).text
    assert (await match(tom, invoice_id, "Zenith")).status_code == 403


async def test_unknown_and_foreign_invoices_are_the_same_404_for_every_action(filled: Office) -> None:
    for path in ("", "/history?event=1"):
        assert (await filled.admin.get(f"/invoices/{uuid4()}{path}")).status_code in {403, 404}
    form = {"seen": "1", "reason": "vendor_unmapped", "subject": "8890", "name": "Zenith"}
    for action in ("approve", "try-again", "match"):
        answer = await filled.admin.post(f"/invoices/{uuid4()}/{action}", data=form)
        assert answer.status_code == 404 and "There is no such invoice" in answer.text


async def test_links_lead_to_procore_and_settings(filled: Office) -> None:
    ids = await ids_of(filled)
    page = (await filled.admin.get(f"/invoices/{ids['INV-1']}")).text
    assert f'href="https://app.procore.com/{PROJECT}/project/home"' in page


@pytest.mark.parametrize(
    ("kind", "leads_to"),
    [
        ("Bill", "https://app.qbo.intuit.com/app/bill?txnId=145"),
        ("VendorCredit", "https://app.qbo.intuit.com/app/vendorcredit?txnId=145"),
    ],
)
async def test_a_bill_and_a_vendor_credit_open_in_quickbooks_online(office: Office, kind: str, leads_to: str) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    async with office.database.company(office.company_id, office.actor) as session:
        await post(session, invoice_id, connection_id, kind)
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert f'href="{leads_to}"' in page


async def test_histories_are_for_support_only(filled: Office) -> None:
    invoice_id = (await ids_of(filled))["INV-1"]
    async with filled.database.company(
        filled.company_id,
        Actor(ActorKind.WORKFLOW, "w", workflow_id="mirroring/x", run_id=str(uuid4()), activity_id="3"),
    ) as session:
        record_event(session, "invoice", invoice_id, "sending", number="INV-1")
    seq = (await kinds(filled, invoice_id)).index("sending") + 1
    async with filled.database.company(filled.company_id, filled.actor) as session:
        seq = (await timeline(session, "invoice", invoice_id))[-1].seq
    path = f"/invoices/{invoice_id}/history?event={seq}"
    assert (await filled.admin.get(path)).status_code == 403
    async with filled.database.directory() as session:
        login = (await session.exec(select(AppUser.login).where(col(AppUser.id) == filled.admin_id))).one()
        assert await grant_support(session, "simulated", login, True)
    answer = await filled.admin.get(path)
    assert answer.status_code == 404 and "no workflow history" in answer.text


async def test_an_old_copy_says_how_old_it_is(filled: Office) -> None:
    async with filled.database.company(filled.company_id, filled.actor) as session:
        (await mirroring_row(session)).is_on = True
        for project in await session.exec(select(ProcoreProject)):
            project.last_looked_at = session.now - timedelta(minutes=42)
            session.add(project)
    for path in ("/", "/invoices"):
        page = (await filled.admin.get(path)).text
        assert "Procore was last read 42 minutes ago; what you see is inBuild&#39;s own copy." in page


# --- the upload form


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "upload_id": str(uuid4()),
        "project_id": PROJECT,
        "vendor_name": "Ernie's Electrical",
        "number": "INV-2001",
        "billing_date": "2026-06-30",
        "total": "$1,950.00",
        "description": ["Rough-in", "Retainage", ""],
        "code": ["26-050.S", "", ""],
        "amount": ["2,000.00", "", ""],
        "retainage": ["", "-50", ""],
        **changes,
    }


async def test_an_upload_as_people_type_it(filled: Office) -> None:
    body = typed()
    answer = await filled.admin.post(
        "/invoices/upload", data=body, files={"document": ("i.pdf", PDF, "application/pdf")}
    )
    assert answer.status_code == 303, answer.text
    shown_one = (await filled.admin.get("/api/v1" + answer.headers["location"].partition("?")[0])).json()
    assert (shown_one["due"], shown_one["documents"]) == ("1950.00", ["i.pdf"])
    assert [(line["budget_code"], line["gross"], line["withheld"]) for line in shown_one["lines"]] == [
        ("26-050.S", "2000.00", "0.00"),
        (None, "0.00", "50.00"),
    ]
    async with filled.database.company(filled.company_id, filled.actor) as session:
        lines = await session.exec(
            select(InvoiceLineRow.cost_code_id).where(col(InvoiceLineRow.invoice_id) == UUID(shown_one["id"]))
        )
        assert set(lines) == {"2158", None}
    # The same form again is the same upload.
    again = await filled.admin.post("/invoices/upload", data=body)
    assert again.headers["location"] == answer.headers["location"].replace("uploaded", "known")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": "1950.01"}, "The lines add up to 1,950.00, the total says 1,950.01."),
        ({"total": "1950.001"}, "An amount has a fraction of a cent"),
        ({"total": "1.950,00"}, "an amount is text such as"),
        ({"total": ""}, "The amount due is missing."),
        ({"vendor_name": " "}, "The vendor is missing."),
        ({"project_id": ""}, "The project is missing."),
        ({"project_id": "1"}, "inBuild does not know this Procore project."),
        ({"billing_date": "30/06/2026"}, "billing_date"),
        ({"commitment_number": "SC-404"}, "Commitment SC-404 is not one of the project&#39;s."),
        ({"description": [""], "code": [""], "amount": [""], "retainage": [""]}, "An invoice needs at least one line."),
        ({"upload_id": "x"}, "This form is damaged."),
        ({"amount": ["-5", "", ""]}, "Amounts cannot be negative"),
    ],
)
async def test_a_wrong_form_comes_back_as_typed_with_what_is_wrong(
    filled: Office, changes: dict[str, Any], said: str
) -> None:
    answer = await filled.admin.post("/invoices/upload", data=typed(**changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="INV-2001"' in answer.text
    assert len(await ids_of(filled)) == 4


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"GIF89a", 422, "The file is not a PDF."),
        (b"%PDF-" + bytes(25 * 1024 * 1024), 413, "The PDF is larger than 25 MB."),
        (b"%PDF-" + bytes(30 * 1024 * 1024), 413, "The request is too large."),
    ],
    ids=["not a pdf", "over 25 MB", "far over it"],
)
async def test_a_wrong_file_is_refused_on_a_page(filled: Office, content: bytes, status: int, said: str) -> None:
    answer = await filled.admin.post("/invoices/upload", data=typed(), files={"document": ("i.pdf", content)})
    assert answer.status_code == status
    assert said in answer.text and "<!doctype html>" in answer.text.lower()
    assert len(await ids_of(filled)) == 4


async def test_a_form_sent_by_a_script_is_led_on_by_a_header(filled: Office) -> None:
    answer = await filled.admin.post("/invoices/upload", data=typed(), headers={"hx-request": "true"})
    assert answer.status_code == 204
    assert re.fullmatch(r"/invoices/[0-9a-f-]{36}\?done=uploaded", answer.headers["hx-redirect"])


async def test_the_dashboard_leads_a_new_company_and_then_shows_its_work(office: Office, sign_in: SignIn) -> None:
    page = (await office.admin.get("/")).text
    assert "Three steps to the first bill" in page and 'aria-current="step"' in page
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
        await add_projects(session)
        for number in ("1", "2"):
            await add_invoice(
                session, number, connection_id=connection_id, source_id=number, due=Decimal("1000.50"), holds=(APEX,)
            )
    page = (await office.admin.get("/")).text
    assert "Vendor Apex Glass is not matched" in page
    assert "Match vendor Apex Glass</a> → frees 2 invoices, $2,001.00" in page
    row = f"/settings/accounting-integrations/{connection_id}/mapping?kind=vendor&amp;search=Apex+Glass"
    assert f'<a href="{row}">Match vendor Apex Glass</a>' in page
    assert "Apex Glass" in (await office.admin.get(row.replace("&amp;", "&"))).text
    # No page of settings is an accountant's: the form on the invoice matches it for both.
    marisol, first = await sign_in(MARISOL), min((await ids_of(office)).values())
    everything = "/invoices?blocker=vendor_unmapped&amp;subject=8890"
    assert f'<a href="{everything}">Match vendor' in (await marisol.get("/")).text
    await name_accountant(office)
    assert f'<a href="/invoices/{first}">Match vendor' in (await marisol.get("/")).text
