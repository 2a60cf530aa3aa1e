"""The pages on which a person sits at the PC and in QuickBooks."""

from __future__ import annotations

import httpx

from tests.simulators.quickbooks_desktop.conftest import APPLICATION, Office
from tests.simulators.quickbooks_desktop.service import PASSWORD, bill_add, qwc

BILL = "/files/acme/bills/5-1767625200"


async def press(office: Office, path: str, **form: str) -> httpx.Response:
    return await office.http.post(path, data=form, follow_redirects=True)


async def test_the_office_at_a_glance(office: Office) -> None:
    page = (await office.http.get("/")).text
    assert "Acme Builders" in page
    assert "1 bills, $1,000.00 open" in page


async def test_a_qwc_file_is_handed_over_and_synced(office: Office) -> None:
    files = {"qwc": ("inbuild.qwc", qwc(office.service_url))}
    added = await office.http.post(
        "/pcs/office/applications", data={"password": PASSWORD}, files=files, follow_redirects=True
    )
    assert "inBuild Sync" in added.text
    assert PASSWORD not in added.text
    office.service.requests = [bill_add("A-1")]
    await press(office, "/pcs/office/update", application=APPLICATION)
    await office.until(lambda: office.numbers() == ["A-1"] and office.pc.updating is None)
    page = (await office.http.get("/pcs/office")).text
    assert "Complete" in page
    assert PASSWORD not in page


async def test_a_bad_qwc_file_says_why(office: Office) -> None:
    files = {"qwc": ("inbuild.qwc", "<QBWCXML/>")}
    refused = await office.http.post("/pcs/office/applications", data={"password": "x"}, files=files)
    assert refused.status_code == 400
    assert "QBWC1020" in refused.text


async def test_the_buttons_of_the_pc(office: Office) -> None:
    assert "Wake" in (await press(office, "/pcs/office", action="sleep")).text
    assert office.pc.is_asleep
    assert "Sleep" in (await press(office, "/pcs/office", action="wake")).text
    assert "A dialog is open" in (await press(office, "/pcs/office", action="open_dialog")).text
    await press(office, "/pcs/office", action="close_dialog")
    assert "Not running" in (await press(office, "/pcs/office", action="quit_quickbooks")).text
    assert "Acme Builders.QBW" in (await press(office, "/pcs/office", action="open_file", file="acme")).text
    assert "Turn on" in (await press(office, "/pcs/office", action="turn_off")).text
    assert "Turn off" in (await press(office, "/pcs/office", action="turn_on")).text


async def test_payments_are_entered_from_the_pc(office: Office) -> None:
    page = (await office.http.get("/pcs/office")).text
    assert 'action="/files/acme"' in page
    assert f'href="{BILL}"' in (await office.http.get("/files/acme")).text


async def test_a_payment_is_entered_and_voided(office: Office) -> None:
    assert "$1,000.00" in (await office.http.get(BILL)).text
    paid = await press(office, f"{BILL}/pay", amount="400.00", source="check", number="1044")
    assert "Part paid" in paid.text
    [settled] = office.file.settlements_of("5-1767625200")
    voided = await press(office, f"{BILL}/payments/{settled.payer_id}", action="void")
    assert "Part paid" not in voided.text
    wrong = await press(office, f"{BILL}/pay", amount="4,000.00")
    assert (wrong.status_code, "not acceptable" in wrong.text) == (400, True)


async def test_a_bill_is_found_edited_and_deleted(office: Office) -> None:
    assert "INV-900" in (await office.http.get("/files/acme", params={"find": "acme el"})).text
    assert "No bill matches" in (await office.http.get("/files/acme", params={"find": "zzz"})).text
    edited = await press(
        office, f"{BILL}/edit", RefNumber="INV-901", TxnDate="2026-01-05", DueDate="2026-02-04", Memo=""
    )
    assert "INV-901" in edited.text
    assert "No bill" in (await press(office, f"{BILL}/delete")).text
    assert (await office.http.get(BILL)).status_code == 404


async def test_closing_date_and_backup(office: Office) -> None:
    assert "closed up to 2026-01-31" in (await press(office, "/files/acme/close", date="2026-01-31")).text
    assert "Restore backup 1" in (await press(office, "/files/acme/back_up")).text
    office.ask(bill_add("A-1").replace("2026-01-31", "2026-02-01"))
    await press(office, "/files/acme/restore", label="backup 1")
    assert office.numbers() == []
