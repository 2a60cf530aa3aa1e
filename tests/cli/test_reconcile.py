"""`inbuild-sync reconcile`: what the page shows, on the command line."""

from uuid import UUID

from models.database import Database
from models.tables import Company
from tests.cli.test_why import command
from tests.linked_company import linked_company, reconcile


async def test_the_last_run_is_told_row_by_row(database: Database, company_id: UUID, database_url: str) -> None:
    async with database.directory() as directory:
        company = await directory.get(Company, company_id)
        assert company is not None
        procore_id = company.procore_company_id
    code, out, said = await command(database_url, "reconcile", procore_id)
    assert (code, out) == (0, "nothing has been reconciled yet\n"), said
    pairs = await linked_company(database, company_id, 3)
    await pairs.edit_in_quickbooks({1: lambda bill: bill.update(DocNumber="OTHER")})
    await reconcile(pairs)
    code, out, said = await command(database_url, "reconcile", procore_id)
    assert code == 0, said
    head, *rows = out.splitlines()
    assert head.startswith("Hartwell Construction as of ")
    assert [row.split() for row in rows[:2]] == [
        ["3,453.45", "Approved", "in", "Procore", "now"],
        ["3,453.45", "Posted", "and", "linked", "bills"],
    ]
    assert rows[2:] == ["ties to the cent", "1 open and 0 explained differences"]
    code, _, said = await command(database_url, "reconcile", "1")
    assert code == 2 and "nobody of Procore company 1 has signed in yet" in said
    code, _, said = await command("", "reconcile", procore_id)
    assert code == 2 and said.startswith("settings: DATABASE_URL is empty")
