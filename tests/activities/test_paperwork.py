"""Files on bills and vendors on a click: each once whatever befalls an answer, and none of it holds up a bill."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from accounting.blockers import BlockerReason
from activities.attaching import attachments_in
from activities.paperwork import PaperworkDesk
from contracts.paperwork import PaperworkDone, PaperworkRequest
from foundation.secret_box import SecretPlace
from models.bill_files import ShownFile, shown_files
from models.new_vendors import AskedAlready, WantedVendor, ask_for_vendor
from models.tables import AttemptState, FileState, NewVendor
from models.uploads import UploadedDocument, keep_document
from providers.quickbooks_online.vendor_payload import VendorPayload, serialize_vendor
from simulators.faults import FaultRule
from simulators.quickbooks_online.people import Action, act
from simulators.world.documents import Documents
from tests.activities.conftest import Opener
from tests.activities.test_twins import upload_of
from tests.desks import Desks, as_activity
from tests.small_world import small_world

OVER = timedelta(seconds=131)
NEWCOMER = "Newcomer Glass"


def world(*names: str) -> Documents:
    """One approved requisition with files of these names."""
    documents = small_world(1)
    (requisition,) = documents.procore["requisitions"]
    requisition["attachments"] = [
        {"id": 5300 + place, "url": "x", "filename": name, "content_type": "application/pdf"}
        for place, name in enumerate(names)
    ]
    return documents


async def paperwork(desks: Desks) -> PaperworkDone:
    return await as_activity(
        PaperworkDesk(desks.product.outside).do_paperwork, PaperworkRequest(company_id=desks.company_id)
    )


async def in_vain(desks: Desks) -> str:
    with pytest.raises(ApplicationError) as failed:
        await paperwork(desks)
    return str(failed.value.type)


def attachables(desks: Desks) -> list[dict[str, Any]]:
    return list(desks.product.quickbooks.companies[desks.expected["realm_id"]].entities["Attachable"].values())


async def files(desks: Desks) -> list[ShownFile]:
    (row,) = (await desks.invoices()).values()
    async with desks.product.session() as session:
        return await shown_files(session, row.id)


@pytest_asyncio.fixture
async def posted(open_world: Opener) -> AsyncIterator[Desks]:
    async with open_world(world("Pay application 1.pdf", "Conditional lien waiver.pdf")) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        yield desks


def on_upload(desks: Desks, effect: str, **more: Any) -> None:
    rule = {"effect": effect, "method": "POST", "path": "/upload$", "count": 1, **more}
    desks.product.quickbooks.faults.add(FaultRule.model_validate(rule))


async def each_once(desks: Desks) -> None:
    (bill,) = desks.product.bills(desks.expected["realm_id"])
    hanging = attachables(desks)
    assert sorted(one["FileName"] for one in hanging) == ["Conditional lien waiver.pdf", "Pay application 1.pdf"]
    for one in hanging:
        assert one["AttachableRef"] == [{"EntityRef": {"type": "Bill", "value": bill["Id"]}, "IncludeOnSend": False}]
    assert {one.state for one in await files(desks)} == {FileState.ATTACHED}
    # Nothing is due any more, however often somebody looks.
    assert await paperwork(desks) == PaperworkDone()


async def test_the_files_of_a_requisition_hang_on_its_bill(posted: Desks) -> None:
    assert await paperwork(posted) == PaperworkDone(files=2)
    await each_once(posted)
    content = posted.product.quickbooks.companies[posted.expected["realm_id"]].files
    assert all(one.startswith(b"%PDF-1.4") for one in content.values())


@pytest.mark.parametrize("remembers", ["true", "false"])
@pytest.mark.parametrize("effect", ["drop_after", "drop_before", "truncate"])
async def test_a_lost_answer_makes_no_second_file(posted: Desks, effect: str, remembers: str) -> None:
    posted.product.quickbooks.change_switches({"requestid_on_upload": remembers})
    on_upload(posted, effect)
    assert await in_vain(posted) == "OutcomeUnclear"
    early = await paperwork(posted)
    if effect == "drop_before":
        # Not there yet, and the first request may still be running: it is looked at again once it cannot be.
        assert early.again_in is not None and timedelta(0) < early.again_in <= OVER
        posted.advance(OVER)
        await paperwork(posted)
    await each_once(posted)


async def test_a_worker_that_died_while_it_uploaded_is_followed_by_a_look(posted: Desks) -> None:
    on_upload(posted, "status", status=503)
    await in_vain(posted)
    posted.advance(OVER)
    await paperwork(posted)
    await each_once(posted)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("drawing.dwg", "QuickBooks takes no files of this type. It is in Procore."),
        ("file", "QuickBooks takes no files of this type. It is in Procore."),
    ],
)
async def test_what_quickbooks_does_not_take_is_noted(open_world: Opener, name: str, note: str) -> None:
    async with open_world(world(name, "Invoice.pdf")) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        assert await paperwork(desks) == PaperworkDone(files=1, left_out=1)
        assert await files(desks) == [
            ShownFile(name, FileState.LEFT_OUT, note),
            ShownFile("Invoice.pdf", FileState.ATTACHED, ""),
        ]


async def test_a_missing_file_is_noted_and_the_other_one_goes(posted: Desks) -> None:
    on_file(posted, status=404)
    assert await paperwork(posted) == PaperworkDone(files=1, left_out=1)
    assert (await files(posted))[0] == ShownFile(
        "Pay application 1.pdf", FileState.LEFT_OUT, "It is not in Procore any more, or inBuild may not read it."
    )
    assert set((await posted.states()).values()) == {"posted"}


async def test_a_file_that_is_too_large_is_noted(posted: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.attaching.MOST_BYTES", 100)
    assert await paperwork(posted) == PaperworkDone(left_out=2)
    assert {one.note for one in await files(posted)} == {"It is larger than 25 MB. It is in Procore."}


def on_file(desks: Desks, **more: Any) -> None:
    """Let Procore refuse the first file once."""
    rule = {"effect": "status", "method": "GET", "path": "/files/5300$", "count": 1, **more}
    desks.product.procore.plan.add(FaultRule.model_validate(rule))


async def test_a_file_procore_does_not_give_now_waits_alone(posted: Desks) -> None:
    on_file(posted, status=503)
    done = await paperwork(posted)
    assert (done.files, done.again_in) == (1, timedelta(minutes=2))
    posted.advance(timedelta(minutes=2))
    assert await paperwork(posted) == PaperworkDone(files=1)
    await each_once(posted)


async def test_the_pdf_of_an_upload_travels_too(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        (row,) = (await desks.invoices()).values()
        row.number = "UP-1"
        upload_id = await upload_of(desks, row)
        await keep_pdf(desks, upload_id)
        await desks.post_everything()
        await paperwork(desks)
        async with desks.product.session() as session:
            assert await shown_files(session, upload_id) == [ShownFile("upload.pdf", FileState.ATTACHED, "")]
        assert b"%PDF-1.7 typed in" in desks.product.quickbooks.companies[desks.expected["realm_id"]].files.values()


async def keep_pdf(desks: Desks, invoice_id: UUID) -> None:
    document = UploadedDocument("upload.pdf", "application/pdf", b"%PDF-1.7 typed in")
    async with desks.product.session() as session:
        document_id = session.new_id()
        place = SecretPlace("document", "content", document_id)
        sealed = desks.product.outside.secrets.seal(document.content, place)
        await keep_document(session, document_id, invoice_id, document, sealed)


async def test_bills_go_first(posted: Desks) -> None:
    async with posted.product.session() as session:
        await session.do(
            "UPDATE posting_batch SET ended_at = NULL, leased_until = %(until)s WHERE company_id = %(company_id)s",
            until=posted.clock.now() + timedelta(minutes=1),
        )
    assert await in_vain(posted) == "NothingDue"
    assert attachables(posted) == []


async def test_while_posting_is_paused_nothing_is_attached(posted: Desks) -> None:
    async with posted.product.session() as session:
        await session.do("UPDATE connection_settings SET posting_paused = true WHERE company_id = %(company_id)s")
    assert await paperwork(posted) == PaperworkDone()
    async with posted.product.session() as session:
        await session.do("UPDATE connection_settings SET posting_paused = false WHERE company_id = %(company_id)s")
    assert (await paperwork(posted)).files == 2


# --- vendors


@pytest_asyncio.fixture
async def unknown(open_world: Opener) -> AsyncIterator[Desks]:
    """A world whose only invoice is of a vendor that QuickBooks does not have."""
    documents = small_world(1)
    company = documents.quickbooks_online["companies"][0]
    (requisition,) = documents.procore["requisitions"]
    company["Vendor"] = [one for one in company["Vendor"] if one["DisplayName"] != requisition["vendor_name"]]
    async with open_world(documents) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        assert list((await desks.holds()).values()) == [[BlockerReason.VENDOR_UNMAPPED]]
        yield desks


async def ask(desks: Desks, name: str = NEWCOMER) -> None:
    (row,) = (await desks.invoices()).values()
    wanted = WantedVendor(row.vendor_id, row.vendor_name, name)
    body = serialize_vendor(VendorPayload(display_name=name, notes=f"inBuild {row.vendor_id}"))
    connection_id = row.connection_id
    assert connection_id is not None
    async with desks.product.session() as session:
        await ask_for_vendor(session, connection_id, wanted, body, desks.product.admin_id)


def vendors(desks: Desks, name: str = NEWCOMER) -> list[dict[str, Any]]:
    known = desks.product.quickbooks.companies[desks.expected["realm_id"]].entities["Vendor"].values()
    return [one for one in known if one["DisplayName"] == name]


async def wanted_vendors(desks: Desks) -> list[NewVendor]:
    async with desks.product.session() as session:
        return list(await session.exec(select(NewVendor).where(NewVendor.company_id == desks.company_id)))


async def test_a_vendor_is_created_mapped_and_frees_what_waited(unknown: Desks) -> None:
    await ask(unknown)
    with pytest.raises(AskedAlready):
        await ask(unknown)
    assert await paperwork(unknown) == PaperworkDone(vendors=1)
    (made,) = vendors(unknown)
    assert await unknown.holds() == {}
    await unknown.post_everything()
    (bill,) = unknown.product.bills(unknown.expected["realm_id"])
    assert bill["VendorRef"]["value"] == made["Id"]


@pytest.mark.parametrize("effect", ["drop_after", "drop_before", "truncate"])
async def test_a_lost_answer_makes_no_second_vendor(unknown: Desks, effect: str) -> None:
    rule = {"effect": effect, "method": "POST", "path": "/vendor$", "count": 1}
    unknown.product.quickbooks.faults.add(FaultRule.model_validate(rule))
    await ask(unknown)
    assert await in_vain(unknown) == "OutcomeUnclear"
    assert await paperwork(unknown) == PaperworkDone(vendors=1)
    assert len(vendors(unknown)) == 1
    (row,) = await wanted_vendors(unknown)
    assert (row.state, row.quickbooks_id) == (AttemptState.ACCEPTED, vendors(unknown)[0]["Id"])


@pytest.mark.parametrize("kind", ["Vendor", "Customer"])
async def test_a_name_that_is_taken_is_refused_in_words_and_nothing_is_adopted(unknown: Desks, kind: str) -> None:
    books = unknown.product.quickbooks.companies[unknown.expected["realm_id"]]
    realm = unknown.expected["realm_id"]
    act(books, Action(action="create", realm=realm, kind=kind, fields={"DisplayName": NEWCOMER}))
    await ask(unknown)
    assert await paperwork(unknown) == PaperworkDone()
    (row,) = await wanted_vendors(unknown)
    assert row.state is AttemptState.REJECTED
    assert row.answer is not None and row.answer.startswith("QuickBooks already uses the name “Newcomer Glass”")
    assert list((await unknown.holds()).values()) == [[BlockerReason.VENDOR_UNMAPPED]]
    await ask(unknown, "Newcomer Glass (Vendor)")
    assert await paperwork(unknown) == PaperworkDone(vendors=1)


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"attachments": null}', '{"attachments": {"id": 1}}', "<html>"])
def test_a_text_without_attachments_has_none(told: str) -> None:
    assert attachments_in(told) == []


def test_an_attachment_that_cannot_be_read_takes_no_other_with_it() -> None:
    whole = {"id": 7, "url": "https://storage.procore.com/7", "filename": "waiver.pdf"}
    told = {"attachments": [{"id": 6}, whole, None, {**whole, "id": None}, {**whole, "id": 8}]}
    assert [one.id for one in attachments_in(json.dumps(told))] == ["7", "8"]
