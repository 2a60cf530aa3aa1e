"""The Retainage tab's numbers: the same as every requisition of a commitment read one by one."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

import pytest_asyncio

from models.database import Database
from models.retainage import commitments_of, retainage_of_connection
from tests.models.generated_company import GeneratedCompany, generated_company

INVOICES = 300
# Twenty commitments of fifteen requisitions each, numbered as they came; some not readable, some not approved.
COMMITMENTS = """
    UPDATE procore_requisition SET
        commitment_id = substring(number, 5)::int % 20, project_id = 9000 + substring(number, 5)::int % 20,
        raw = jsonb_build_object(
            'number', substring(number, 5)::int / 20,
            'summary', jsonb_build_object('total_retainage', (substring(number, 5)::int * 7)::text)
        )
        WHERE company_id = :company_id;
    UPDATE invoice SET commitment_id = substring(number, 5)::int % 20, sequence = substring(number, 5)::int / 20
        WHERE company_id = :company_id;
    UPDATE bill_link SET commitment_id = substring(number, 5)::int % 20 WHERE company_id = :company_id;
    UPDATE procore_requisition SET unreadable = 'No.'
        WHERE company_id = :company_id AND substring(number, 5)::int % 37 = 0;
    UPDATE procore_requisition SET status = 'draft'
        WHERE company_id = :company_id AND substring(number, 5)::int % 41 = 0;
    UPDATE procore_requisition SET requisition_id = 'not-ours-' || requisition_id
        WHERE company_id = :company_id AND substring(number, 5)::int % 20 < 8 AND substring(number, 5)::int < 60;
    UPDATE procore_requisition SET commitment_id = NULL WHERE company_id = :company_id AND number = 'INV-00299';
    DELETE FROM procore_project WHERE company_id = :company_id AND project_id = '9003';
    DELETE FROM procore_commitment WHERE company_id = :company_id AND commitment_id = '5'
"""
EVERY = """
    SELECT requisition.commitment_id, requisition.raw, invoice.id IS NOT NULL AS imported, link.id IS NOT NULL AS posted
    FROM procore_requisition AS requisition
    LEFT JOIN invoice ON invoice.company_id = requisition.company_id AND invoice.source_id = requisition.requisition_id
    LEFT JOIN bill_link AS link
        ON link.company_id = invoice.company_id AND link.invoice_id = invoice.id AND link.ended_at IS NULL
    WHERE requisition.company_id = %(company_id)s AND requisition.unreadable IS NULL
        AND requisition.status = 'approved' AND requisition.commitment_id IS NOT NULL
"""


@dataclass(frozen=True)
class Read:
    commitment_id: str
    raw: str
    imported: bool
    posted: bool

    @property
    def number(self) -> int:
        return int(json.loads(self.raw)["number"])

    @property
    def total(self) -> Decimal:
        return Decimal(json.loads(self.raw)["summary"]["total_retainage"])


@pytest_asyncio.fixture
async def books(database: Database) -> AsyncIterator[GeneratedCompany]:
    async with generated_company(database, INVOICES) as company:
        await company.change(COMMITMENTS)
        yield company


async def test_the_same_as_every_requisition_read(books: GeneratedCompany) -> None:
    shown = await retainage_of_connection(books.session, books.connection_id)
    of_commitment: dict[str, list[Read]] = {}
    for one in await books.session.ask(EVERY, Read):
        of_commitment.setdefault(one.commitment_id, []).append(one)
    assert {one.commitment_id for one in shown} == {str(number) for number in range(20)}
    kinds = set()
    for row in shown:
        stands = of_commitment[row.commitment_id]
        first_ours = min((one.number for one in stands if one.imported), default=10**6)
        before = [one for one in stands if not one.imported and one.number < first_ours]
        posted = [one for one in stands if one.posted]
        assert row.withheld_before == (max(before, key=lambda one: one.number).total if before else None)
        assert row.rolled.in_procore == (max(posted, key=lambda one: one.number).total if posted else None)
        kinds.add((bool(before), bool(posted)))
    assert {(True, True), (False, True)} <= kinds


async def test_commitments_by_the_names_they_are_known_by(books: GeneratedCompany) -> None:
    known = {one.commitment_id: one for one in await commitments_of(books.session, books.connection_id)}
    assert len(known) == 20
    assert (known["4"].number, known["4"].project_name) == ("SC-0004", "Project 004")
    assert (known["5"].number, known["3"].project_name) == ("5", "9003")
    vendors = {one.vendor_name for one in await retainage_of_connection(books.session, books.connection_id)}
    assert all(name.startswith("Vendor ") for name in vendors)
