"""The tenancy linter: SQL in models/ only, each query naming its company, sessions from one place."""

from pathlib import Path

import pytest

from tests.linters import tenancy
from tests.linters.planting import found_in

SQL_OUTSIDE = {
    "select": "from sqlmodel import select\nquery = select(1)",
    "sa.update": "import sqlalchemy as sa\nquery = sa.update(Invoice)",
    "sa.text": "import sqlalchemy as sa\nquery = sa.text('SELECT 1')",
    "insert": "from sqlalchemy.dialects.postgresql import insert\nquery = insert(Invoice)",
    "session.exec": "async def f(session):\n    await session.exec(named)",
    "a session kept in an object": "async def f(self):\n    await self.unit.company_session.execute(named)",
    "session.get of a row": "async def f(session):\n    await session.get(InvoiceRow, key)",
    "SQL text": "query = '''\n    SELECT id\n    FROM invoice'''",
    "small letters": "query = 'select id from invoice'",
    "SQL text that writes": "def f(cursor):\n    cursor.execute('DELETE FROM invoice WHERE id = %s', [1])",
}


@pytest.mark.parametrize("path", ["api/routes/invoices.py", "activities/posting.py", "cli/main.py", "worker.py"])
@pytest.mark.parametrize("code", SQL_OUTSIDE.values(), ids=SQL_OUTSIDE)
def test_sql_outside_models_is_an_offence(tmp_path: Path, path: str, code: str) -> None:
    found = found_in(tmp_path, path, code, tenancy.offences)
    assert found
    assert all("in models/" in sentence for _, sentence in found)


NO_SQL = {
    "a cookie": "def f(request):\n    request.session.get('user_id')",
    "a row handed back": "def f(session, row):\n    session.add(row)",
    "another select": "from selectors import select\nselect(1)",
    "an update of a set": "def f(seen):\n    seen.update({1})",
    "a sentence": "said = 'Select an account from the list.'",
    "a named query": "from models import invoices\n\nasync def f(session):\n    await invoices.waiting(session)",
}


@pytest.mark.parametrize("code", NO_SQL.values(), ids=NO_SQL)
def test_what_is_no_sql_is_left_alone(tmp_path: Path, code: str) -> None:
    assert found_in(tmp_path, "api/pages/home.py", code, tenancy.offences) == []


def test_the_query_language_of_quickbooks_is_not_sql_of_ours(tmp_path: Path) -> None:
    code = "query = 'select * from Bill where TotalAmt > 0'"
    assert found_in(tmp_path, "providers/quickbooks_online/query.py", code, tenancy.offences) == []


FORGETFUL = {
    "select": "found = session.exec(select(InvoiceRow).where(InvoiceRow.id == 1))",
    "update": "session.execute(sa.update(InvoiceRow).values(state='posted'))",
    "delete": "session.execute(sa.delete(InvoiceRow))",
    "get": "found = session.get(InvoiceRow, invoice_id)",
    "condition of a loop": "for row in session.exec(select(InvoiceRow)):\n        row.company_id",
    "next to one that remembers": "a = select(Bill).where(Bill.company_id == 1)\n    b = select(InvoiceRow)",
    "a subselect over a table": "busy = sa.select(InvoiceRow.id).exists()",
}


@pytest.mark.parametrize("statement", FORGETFUL.values(), ids=FORGETFUL)
def test_a_query_that_names_no_company_is_an_offence(tmp_path: Path, statement: str) -> None:
    code = f"import sqlalchemy as sa\nfrom sqlmodel import select\n\ndef f(session):\n    {statement}\n"
    [(_, sentence)] = found_in(tmp_path, "models/invoices.py", code, tenancy.offences)
    assert "names no company_id" in sentence


REMEMBERING = {
    "attribute": "found = session.exec(select(InvoiceRow).where(InvoiceRow.company_id == session.company_id))",
    "keyword": "session.exec(select(InvoiceRow).filter_by(company_id=session.company_id))",
    "local name": "session.execute(sa.delete(InvoiceRow).where(owner == company_id))",
    "by its key": "session.get(InvoiceRow, (session.company_id, invoice_id))",
    "over a subquery that remembers": (
        "queue = select(InvoiceRow).where(InvoiceRow.company_id == 1).subquery()\n"
        "    session.execute(sa.select(queue).where(queue.c.place < 3))"
    ),
}


@pytest.mark.parametrize("statement", REMEMBERING.values(), ids=REMEMBERING)
def test_a_query_that_names_its_company_passes(tmp_path: Path, statement: str) -> None:
    code = f"import sqlalchemy as sa\nfrom sqlmodel import select\n\ndef f(session, company_id):\n    {statement}\n"
    assert found_in(tmp_path, "models/invoices.py", code, tenancy.offences) == []


@pytest.mark.parametrize("path", ["models/directory/realms.py", "models/database.py"])
def test_only_the_directory_looks_across_companies(tmp_path: Path, path: str) -> None:
    code = "from sqlmodel import select\nquery = select(Company)"
    assert found_in(tmp_path, path, code, tenancy.offences) == []


ENGINES = {
    "engine": "from sqlalchemy.ext.asyncio import create_async_engine\nengine = create_async_engine(url)",
    "session": "from sqlmodel.ext.asyncio.session import AsyncSession\nsession = AsyncSession(engine)",
    "session maker": "import sqlalchemy.orm\nmaker = sqlalchemy.orm.sessionmaker(engine)",
    "company session": "from models.database import CompanySession\nsession = CompanySession(engine)",
}


@pytest.mark.parametrize("path", ["models/invoices.py", "api/services.py", "demo/stack.py"])
@pytest.mark.parametrize("code", ENGINES.values(), ids=ENGINES)
def test_sessions_are_made_in_one_place(tmp_path: Path, path: str, code: str) -> None:
    [(line, sentence)] = found_in(tmp_path, path, code, tenancy.offences)
    assert line == 2
    assert "models/database.py only" in sentence


def test_a_directory_session_is_for_named_callers_only(tmp_path: Path) -> None:
    code = "async def f(database):\n    async with database.directory() as session:\n        return session\n"
    assert found_in(tmp_path / "a", "api/people.py", code, tenancy.offences) == []
    [(line, sentence)] = found_in(tmp_path / "b", "api/routes/invoices.py", code, tenancy.offences)
    assert line == 2
    assert "sees every company" in sentence
