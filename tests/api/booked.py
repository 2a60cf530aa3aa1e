"""Books with lists, mappings' targets and transactions, for tests of the routes that decide where a bill goes."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from models.bill_links import store_transactions
from models.connection_cards import AccountChoices, choose_accounts
from models.database import CompanySession
from models.reference_lists import EntryDetails, ListEntry, store_list
from tests.api.conftest import Office
from tests.api.seeding import EXPENSE, PAYABLE, RETAINAGE, add_connection, add_invoice, add_projects

VENDORS = (
    ListEntry(
        "Vendor", "56", "Ernies Electric LLC", "Ernies Electric LLC", True,
        details=EntryDetails(email="ap@ernies.example"),
    ),
    ListEntry("Vendor", "57", "Harbor Steel", "Harbor Steel", True),
    ListEntry("Vendor", "58", "Old Vendor", "Old Vendor", False),
)  # fmt: skip
CUSTOMERS = (
    ListEntry("Customer", "12", "Harbor Point Tower", "Harbor Point Tower", True),
    ListEntry("Customer", "13", "Mill Street School", "Mill Street School", True),
)
ITEMS = (
    ListEntry(
        "Item", "501", "Electrical sub", "Electrical sub", True,
        details=EntryDetails(item_type="Service", expense_account_id=EXPENSE),
    ),
    ListEntry(
        "Item", "502", "Wire stock", "Wire stock", True,
        details=EntryDetails(item_type="Inventory", expense_account_id=EXPENSE),
    ),
)  # fmt: skip


async def books(office: Office, *, accounts: bool = True) -> UUID:
    """A connection with lists and projects; the vendor of every invoice is not called what QuickBooks calls it."""
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
        await add_projects(session)
        for entity, entries in (("Vendor", VENDORS), ("Customer", CUSTOMERS), ("Item", ITEMS)):
            await store_list(session, connection_id, entity, entries, session.now)
        if accounts:
            choices = AccountChoices(EXPENSE, RETAINAGE, PAYABLE, 30)
            await choose_accounts(session, connection_id, choices, office.admin_id)
    return connection_id


async def invoice(office: Office, number: str, connection_id: UUID, **values: object) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        return await add_invoice(
            session,
            number,
            connection_id=connection_id,
            source_id=f"58{number[-4:]}",
            **values,  # type: ignore[arg-type]
        )


async def transaction(
    session: CompanySession,
    connection_id: UUID,
    quickbooks_id: str,
    number: str,
    total: str,
    *,
    kind: str = "Bill",
    day: date = date(2026, 6, 28),
    customers: tuple[str, ...] = ("12",),
    vendor: str = "56",
) -> None:
    """One transaction in our copy of the books."""
    await store_transactions(
        session,
        [
            {
                "connection_id": connection_id,
                "transaction_type": kind,
                "quickbooks_id": quickbooks_id,
                "sync_token": "0",
                "vendor_id": vendor,
                "number": number,
                "normalised_number": number.casefold().replace("-", ""),
                "transaction_date": day,
                "total": Decimal(total),
                "balance": Decimal(total),
                "memo": "",
                "customer_ids": list(customers),
                "gross": Decimal(total),
                "raw": "{}",
                "updated_at": session.now,
            }
        ],
    )


async def map_vendor(
    office: Office, connection_id: UUID, quickbooks_id: str = "56", **more: object
) -> dict[str, object]:
    """Confirm the vendor of the invoices, as a person does."""
    row = {
        "kind": "vendor",
        "procore_id": "8881",
        "procore_name": "Ernie's Electrical",
        "quickbooks_list": "Vendor",
        "quickbooks_id": quickbooks_id,
        **more,
    }
    answer = await office.admin.put(f"/api/v1/connections/{connection_id}/mappings", json={"mappings": [row]})
    assert answer.status_code == 200, answer.text
    saved: dict[str, object] = answer.json()
    return saved
