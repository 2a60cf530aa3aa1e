from __future__ import annotations

from tests.simulators.procore.account import ADA, PAT, TOWER, Procore, account, requisition


async def test_projects_with_their_counts(procore: Procore) -> None:
    await procore.control("POST", "requisitions/58001/status", {"status": "approved"})
    page = (await procore.http.get("/")).text
    assert "Harbor Tower" in page
    assert "Pier 9" in page
    assert "not permitted for the app" in page
    assert "900.00 USD" in page


async def test_a_list_filters_by_status_and_text(procore: Procore) -> None:
    odd = requisition(4, vendor_name="<b>Bold & Sons</b>", status="draft")
    await procore.control("POST", "add", {"requisitions": [odd]})
    everything = (await procore.http.get(f"/projects/{TOWER}")).text
    assert "INV-1" in everything
    assert "&lt;b&gt;Bold &amp; Sons" in everything
    drafts = (await procore.http.get(f"/projects/{TOWER}", params={"status": "draft"})).text
    assert "INV-4" in drafts
    assert "INV-1" not in drafts
    bold = (await procore.http.get(f"/projects/{TOWER}", params={"text": "bold"})).text
    assert "INV-4" in bold
    assert "INV-2" not in bold


async def test_one_press_approves_from_the_list(dmsa: Procore) -> None:
    back = f"/projects/{TOWER}?status=&text="
    pressed = await dmsa.http.post("/requisitions/58001/status", data={"status": "approved", "back": back})
    assert (pressed.status_code, pressed.headers["location"]) == (303, back)
    shown = (await dmsa.get("/rest/v1.1/requisitions/58001", {"project_id": TOWER})).json()
    assert shown["status"] == "approved"
    histories = await dmsa.control("GET", "requisitions/58001")
    assert histories["change_histories"][0]["action_by_id"] == ADA


async def test_a_named_person_withdraws_an_approval(dmsa: Procore) -> None:
    await dmsa.control("POST", "requisitions/58001/status", {"status": "approved"})
    page = (await dmsa.http.get("/requisitions/58001")).text
    assert "Withdraw approval" in page
    pressed = await dmsa.http.post(
        "/requisitions/58001/status",
        data={"status": "approved", "status_button": "revise_and_resubmit", "by_user_id": str(PAT)},
    )
    assert pressed.headers["location"] == "/requisitions/58001"
    page = (await dmsa.http.get("/requisitions/58001")).text
    assert "Revise and resubmit" in page
    assert "Pat Osei" in page


async def test_amounts_number_and_date_are_edited(dmsa: Procore) -> None:
    form = {"work_900001": "1,200.00", "invoice_number": "INV-1b", "billing_date": "2026-06-30", "by_user_id": str(ADA)}
    assert (await dmsa.http.post("/requisitions/58001/edit", data=form)).status_code == 303
    shown = await dmsa.control("GET", "requisitions/58001")
    assert shown["invoice_number"] == "INV-1b"
    assert shown["summary"]["current_payment_due"] == "1080.00"
    assert [row["column"] for row in shown["change_histories"]] == ["invoice_number", "net_amount"]


async def test_saving_nothing_changes_nothing(dmsa: Procore) -> None:
    form = {"work_900001": "1000.00", "invoice_number": "INV-1", "billing_date": "2026-06-30"}
    await dmsa.http.post("/requisitions/58001/edit", data=form)
    shown = await dmsa.control("GET", "requisitions/58001")
    assert (shown["updated_at"], shown["change_histories"]) == ("2026-07-02T09:14:55Z", [])


async def test_a_refusal_is_shown_on_the_page(procore: Procore) -> None:
    refused = await procore.http.post("/requisitions/58001/delete")
    assert refused.status_code == 422
    assert "Only the latest invoice of a commitment can be deleted." in refused.text
    unreadable = await procore.http.post("/requisitions/58001/edit", data={"work_900001": "a lot"})
    assert unreadable.status_code == 422
    assert "is not an amount" in unreadable.text


async def test_the_latest_is_deleted(procore: Procore) -> None:
    gone = await procore.http.post("/requisitions/58003/delete")
    assert gone.headers["location"] == f"/projects/{TOWER}"
    assert (await procore.http.get("/requisitions/58003")).status_code == 404
    assert (await procore.http.get("/projects/1")).status_code == 404


async def test_an_empty_simulator_says_so(procore: Procore) -> None:
    procore.simulator.load({})
    assert "No world document is loaded" in (await procore.http.get("/")).text
    procore.simulator.load(account([]))
    assert "No invoice matches" in (await procore.http.get(f"/projects/{TOWER}")).text
