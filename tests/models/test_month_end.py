"""The month end, summed in the database: the same as every invoice drafted and summed one by one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest_asyncio
from sqlmodel import col, select

from accounting.invoice import InvoiceLine
from models.database import CompanySession, Database
from models.decisions import decide, line_fingerprint
from models.month_end import month_end_list
from models.tables import ConnectionSettings, DecisionKind, InvoiceLineRow, InvoiceRow, QuickBooksKind
from tests.api.seeding import add_connection
from tests.models.generated_company import generated_company
from tests.models.simple_month_end import simple_month_end

INVOICES = 400
# One of each kind that the generated company has none of, by the number of its invoice.
CHANGES = """
    UPDATE invoice SET state = 'taken_back' WHERE company_id = :company_id AND number = 'INV-00001';
    UPDATE bill_link SET ended_at = :now WHERE company_id = :company_id AND number = 'INV-00001';
    UPDATE invoice SET removed_in_quickbooks = true WHERE company_id = :company_id AND number = 'INV-00002';
    UPDATE quickbooks_transaction SET is_deleted = true WHERE company_id = :company_id AND number = 'INV-00003';
    UPDATE quickbooks_transaction SET transaction_date = NULL WHERE company_id = :company_id AND number = 'INV-00004';
    UPDATE invoice SET connection_id = NULL WHERE company_id = :company_id AND number IN ('INV-00089', 'INV-00192');
    UPDATE invoice SET connection_id = :other WHERE company_id = :company_id AND number IN ('INV-00190', 'INV-00290');
    UPDATE invoice SET state = 'sending' WHERE company_id = :company_id AND number = 'INV-00191';
    UPDATE procore_project SET time_zone = 'Nowhere/At all'
        WHERE company_id = :company_id AND project_id = (
            SELECT project_id FROM invoice WHERE company_id = :company_id AND number = 'INV-00390'
        );
    UPDATE procore_project SET time_zone = 'Pacific/Honolulu'
        WHERE company_id = :company_id AND project_id::int % 3 = 0;
    UPDATE procore_project SET name = 'Project' WHERE company_id = :company_id AND project_id::int % 7 = 0;
    UPDATE procore_project SET name = '' WHERE company_id = :company_id AND project_id::int % 11 = 0;
    UPDATE invoice_line SET cost_code_id = NULL, budget_code = NULL
        WHERE company_id = :company_id AND position = 2 AND invoice_id IN (
            SELECT id FROM invoice WHERE company_id = :company_id AND sequence = 1 AND source_id::int % 5 = 0
        );
    UPDATE invoice_line SET gross = 0, withheld = 0
        WHERE company_id = :company_id AND position = 1 AND invoice_id IN (
            SELECT id FROM invoice WHERE company_id = :company_id AND source_id::int % 6 = 0
        );
    UPDATE mapping SET kind = 'cost_type', procore_id = 's'
        WHERE company_id = :company_id AND kind = 'cost_code' AND scope = 'project:9001';
    UPDATE mapping SET kind = 'budget_code', procore_id = '26-003.s'
        WHERE company_id = :company_id AND kind = 'cost_code' AND scope = '' AND procore_id = '103';
    UPDATE mapping SET target_id = 'gone'
        WHERE company_id = :company_id AND kind = 'cost_code' AND scope = '' AND procore_id = '104';
    UPDATE invoice_line SET budget_code = ' 26-003 .S'
        WHERE company_id = :company_id AND budget_code LIKE '26-003%' AND position = 1
"""


@dataclass(frozen=True)
class Books:
    session: CompanySession
    connection_id: UUID
    other: UUID
    today: date


@pytest_asyncio.fixture
async def books(database: Database) -> AsyncIterator[Books]:
    async with generated_company(database, INVOICES) as company:
        session, company_id, user_id = company.session, company.company_id, company.user_id
        other = await add_connection(session, user_id, kind=QuickBooksKind.DESKTOP, realm_id="file")
        await company.change(CHANGES, now=session.now, other=other)
        settings = await session.exec(
            select(ConnectionSettings).where(
                ConnectionSettings.company_id == company_id, ConnectionSettings.connection_id == other
            )
        )
        of_other = settings.one()
        of_other.default_account_id, of_other.posting_paused = "7", True
        session.add(of_other)
        await _recode(session, "INV-00093", user_id, still=True)
        await _recode(session, "INV-00193", user_id, still=False)
        yield Books(session, company.connection_id, other, session.now.date())


async def _recode(session: CompanySession, number: str, by: UUID, *, still: bool) -> None:
    """A line recoded by somebody; unless ``still``, it has become another one since."""
    found = await session.exec(
        select(InvoiceLineRow)
        .join(InvoiceRow, col(InvoiceRow.id) == col(InvoiceLineRow.invoice_id))
        .where(InvoiceRow.company_id == session.company_id, InvoiceLineRow.company_id == session.company_id)
        .where(InvoiceRow.number == number, InvoiceLineRow.position == 2)
    )
    row = found.one()
    line = InvoiceLine(
        2, row.description, row.cost_code_id, row.budget_code, row.gross, row.withheld, row.released, row.net
    )
    kept = line if still else replace(line, description="Something else")
    value = f"account:19:{line_fingerprint(kept)}"
    await decide(session, row.invoice_id, DecisionKind.RECODE, decided_by=by, value=value, subject_key="2")


async def test_the_same_as_every_invoice_drafted_and_summed(books: Books) -> None:
    today = books.today
    of_other = await month_end_list(books.session, today, books.other)
    assert of_other == await simple_month_end(books.session, today, books.other) and of_other.invoices == 2
    for day in (today, today - timedelta(days=2), today - timedelta(days=350)):
        assert await month_end_list(books.session, day) == await simple_month_end(books.session, day)
    early = await month_end_list(books.session, date(2020, 1, 31))
    assert (early.rows, early.count, early.invoices, early.net) == ((), 0, 0, Decimal(0))


async def test_every_reason_and_every_way_to_an_account_on_pages_with_the_totals_of_all(books: Books) -> None:
    whole = await month_end_list(books.session, books.today)
    reasons = {reason for row in whole.rows for reason in row.reasons}
    assert {
        "Its bill was deleted or voided in QuickBooks.",
        "In QuickBooks, dated after this day.",
        "Its bill was taken back from QuickBooks.",
        "Approval withdrawn in Procore since.",
        "On its way to QuickBooks.",
        "Posting is paused for this connection. Resume it to go on.",
    } <= reasons
    assert any(reason.startswith("Vendor ") for reason in reasons)
    assert {"Not mapped", "Account 019"} <= {row.account for row in whole.rows}
    pages = [await month_end_list(books.session, books.today, limit=20, offset=at) for at in range(0, whole.count, 20)]
    assert tuple(row for page in pages for row in page.rows) == whole.rows
    assert {(page.count, page.invoices, page.gross, page.retainage) for page in pages} == {
        (len(whole.rows), whole.invoices, whole.gross, whole.retainage)
    }
    beyond = await month_end_list(books.session, books.today, limit=20, offset=10_000)
    assert (beyond.rows, beyond.count, beyond.net) == ((), whole.count, whole.net)
