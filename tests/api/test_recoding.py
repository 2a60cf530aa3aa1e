"""For one invoice only: another vendor, account or item, chosen on its page by whoever may work on invoices."""

from decimal import Decimal
from uuid import UUID

import pytest

from accounting.blockers import BlockerReason, Hold
from models.decisions import decisions_of
from models.invoice_documents import as_documents
from models.tables import InvoiceRow
from tests.api.booked import books, invoice, map_vendor, transaction
from tests.api.conftest import Office, SignIn
from tests.api.world import TOM

R = BlockerReason


async def preview(office: Office, invoice_id: UUID) -> tuple[str, str]:
    """Vendor and first line's target, as they would be posted."""
    bill = (await office.admin.get(f"/api/v1/invoices/{invoice_id}/preview")).json()["bill"]
    return bill["vendor"], bill["lines"][0]["target"]


async def choose(office: Office, invoice_id: UUID, what: str, **form: object) -> tuple[int, str]:
    """Status of the form's answer, and where it leads or what it says."""
    answer = await office.admin.post(f"/invoices/{invoice_id}/recode/{what}", data=form, follow_redirects=False)
    return answer.status_code, answer.headers.get("location") or answer.text


async def test_another_vendor_is_for_one_invoice_only_and_is_taken_back(office: Office) -> None:
    connection_id = await books(office)
    here, there = [
        await invoice(office, number, connection_id, withheld=Decimal(0)) for number in ("INV-0001", "INV-0002")
    ]
    await map_vendor(office, connection_id)
    status, leads_to = await choose(office, here, "vendor", name=" harbor steel")
    assert (status, leads_to) == (303, f"/invoices/{here}?done=recoded")
    assert [(await preview(office, one))[0] for one in (here, there)] == ["Harbor Steel", "Ernies Electric LLC"]
    page = (await office.admin.get(f"/invoices/{here}?done=recoded")).text
    assert "Kept, for this invoice only." in page and "<b>Harbor Steel</b>" in page
    assert (await choose(office, here, "take-back", about="vendor"))[0] == 303
    assert (await preview(office, here))[0] == "Ernies Electric LLC"
    page = (await office.admin.get(f"/invoices/{here}")).text
    assert "another vendor, account or item for this invoice only" in page
    assert "A choice for this invoice only was taken back" in page
    status, said = await choose(office, here, "take-back", about="vendor")
    assert status == 409 and "Nothing was changed." in said


async def test_the_chosen_vendor_is_the_one_whose_bills_are_looked_through(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id)
    held = Hold(R.LIKELY_DUPLICATE, "bill INV-0001 of June 28, 2026, $15,300.00", "Bill:145")
    invoice_id = await invoice(office, "INV-0001", connection_id, withheld=Decimal(0), holds=(held,))
    async with office.database.company(office.company_id, office.actor) as session:
        await transaction(session, connection_id, "145", "INV-0001", "15300.00")
        await transaction(session, connection_id, "146", "INV-0001", "15300.00", vendor="57")
    assert (await choose(office, invoice_id, "vendor", name="Harbor Steel"))[0] == 303
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}/preview")).json()
    assert [one["subject_key"] for one in shown["reasons"]] == ["Bill:146"]


async def test_a_choice_of_vendor_is_void_once_procore_names_another_one(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id, withheld=Decimal(0))
    await map_vendor(office, connection_id)
    await choose(office, invoice_id, "vendor", name="Harbor Steel")
    async with office.database.company(office.company_id, office.actor) as session:
        row = await session.get(InvoiceRow, (office.company_id, invoice_id))
        assert row is not None
        decided = (await decisions_of(session, [invoice_id]))[invoice_id]
        assert decided.vendor((await as_documents(session, [row]))[invoice_id]) == "57"
        row.vendor_id = "8882"
        assert decided.vendor((await as_documents(session, [row]))[invoice_id]) is None


async def test_a_line_goes_to_the_account_that_was_typed_and_back(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    await map_vendor(office, connection_id)
    status, _ = await choose(office, invoice_id, "line", position=1, name="Retained Earnings")
    assert status == 422
    await office.admin.put(f"/api/v1/connections/{connection_id}/settings", json={"posting_basis": "item"})
    assert (await choose(office, invoice_id, "line", position=1, name="Electrical sub"))[0] == 303
    assert (await preview(office, invoice_id))[1] == "Electrical sub"
    assert (await choose(office, invoice_id, "take-back", about="1"))[0] == 303
    page = (await office.admin.get(f"/invoices/{invoice_id}")).text
    assert "Product or service (item) in QuickBooks" in page and "<b>Electrical sub</b>" not in page


@pytest.mark.parametrize(
    ("what", "form", "said"),
    [
        ("vendor", {"name": "Harbor Steel"}, "which stays with one vendor for the whole commitment"),
        ("line", {"position": 1, "name": ""}, "Type the name of the account"),
        ("line", {"position": 1, "name": "Nowhere"}, "QuickBooks has no active account called “Nowhere”"),
        ("line", {"position": 1, "name": "Accounts Payable (A/P)"}, "Choose"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_with_what_to_do(
    office: Office, what: str, form: dict[str, object], said: str
) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    await map_vendor(office, connection_id)
    before = await preview(office, invoice_id)
    status, page = await choose(office, invoice_id, what, **form)
    assert status == 422 and said in page
    assert await preview(office, invoice_id) == before


async def test_a_vendor_that_is_inactive_or_unknown_is_refused(office: Office) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id, withheld=Decimal(0))
    for name in ("Old Vendor", "Nobody"):
        status, page = await choose(office, invoice_id, "vendor", name=name)
        assert status == 422 and "QuickBooks has no active vendor called" in page


async def test_a_reader_sees_no_such_form_and_is_refused(office: Office, sign_in: SignIn) -> None:
    connection_id = await books(office)
    invoice_id = await invoice(office, "INV-0001", connection_id)
    await map_vendor(office, connection_id)
    assert "For this invoice only" in (await office.admin.get(f"/invoices/{invoice_id}")).text
    tom = await sign_in(TOM)
    assert "For this invoice only" not in (await tom.get(f"/invoices/{invoice_id}")).text
    for what, form in (
        ("line", {"position": 1, "name": "X"}),
        ("vendor", {"name": "X"}),
        ("take-back", {"about": "1"}),
    ):
        assert (await tom.post(f"/invoices/{invoice_id}/recode/{what}", data=form)).status_code == 403
