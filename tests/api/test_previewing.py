"""One invoice's preview, and that of everything that waits: exactly what would be sent, and nothing is changed."""

from dataclasses import replace
from decimal import Decimal

from accounting.blockers import BlockerReason, Hold
from models.invoices import import_invoices
from models.reference_lists import store_list
from tests.api.booked import books, invoice, map_vendor, transaction
from tests.api.conftest import Office
from tests.api.deciding import preview, set_up
from tests.api.seeding import ACCOUNTS, PAYABLE, PROJECT, invoice_as_told


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
    hold = Hold(BlockerReason.APPROVAL_DATE_UNKNOWN)
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
