"""The day on a bill, by each of a connection's choices, for invoices that need not be written down yet."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from accounting.bill_settings import BillDateSource
from accounting.invoice import InvoiceSource
from models.bill_dates import bill_dates
from models.database import Actor, Database
from models.projects import SeenProject, store_projects
from models.requisitions import SeenRequisition, fingerprint, store_requisitions
from models.tables import ActorKind
from tests.accounting.samples import invoice

SOMEBODY = Actor(ActorKind.USER, "somebody")
# Still the 30th of June in Denver.
APPROVED = datetime(2026, 7, 1, 5, 30, tzinfo=UTC)
INVOICES = {
    "dated": invoice(project_id="denver", source_id="1", approved_at=APPROVED),
    "not approved": invoice(project_id="denver", source_id="2"),
    "zone unknown": invoice(project_id="nowhere", source_id="3", approved_at=APPROVED),
    "project unknown": invoice(project_id="never read", source_id="4", approved_at=APPROVED),
    "uploaded": invoice(project_id="denver", source_id="1", source=InvoiceSource.UPLOAD, approved_at=APPROVED),
}


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        (BillDateSource.BILLING_DATE, {}),
        (BillDateSource.APPROVAL_DATE, {"dated": date(2026, 6, 30), "uploaded": date(2026, 6, 30)}),
        (BillDateSource.PERIOD_END, {"dated": date(2026, 6, 28)}),
    ],
)
async def test_each_invoice_that_has_such_a_day_gets_it(
    database: Database, company_id: UUID, basis: BillDateSource, expected: dict[str, date]
) -> None:
    ids = {name: uuid4() for name in INVOICES}
    async with database.company(company_id, SOMEBODY) as session:
        await store_projects(
            session,
            [
                SeenProject("denver", "Tower", "America/Denver", is_active=True),
                SeenProject("nowhere", "Annex", "Mars/Olympus", is_active=True),
            ],
        )
        await store_requisitions(
            session,
            [
                SeenRequisition(place, "denver", text, fingerprint(text))
                for place, text in (("1", '{"requisition_end": "2026-06-28"}'), ("2", '{"requisition_end": null}'))
            ],
        )
        found = await bill_dates(session, basis, {ids[name]: one for name, one in INVOICES.items()})
    assert found == {ids[name]: day for name, day in expected.items()}
