"""No SQL is put together from text."""

from pathlib import Path

import pytest

from tests.linters import sql_text
from tests.linters.planting import found_in

OFFENCES = {
    "f-string in text()": "import sqlalchemy as sa\nsa.text(f'{column} = 1')",
    "f-string in execute": "def f(session, table):\n    session.execute(f'LOCK {table}')",
    "added": "def f(session, name):\n    session.execute('LOCK ' + name)",
    "percent": "def f(cursor, name):\n    cursor.execute('LOCK %s' % name)",
    "format": "def f(session, name):\n    session.exec('LOCK {}'.format(name))",
    "kept in a variable": "query = f\"SELECT * FROM invoice WHERE number = '{number}'\"",
    "a table's name": "query = f'DELETE FROM {table} WHERE id = 1'",
    "an update, added": "query = 'UPDATE invoice SET state = ' + state",
}


@pytest.mark.parametrize("code", OFFENCES.values(), ids=OFFENCES)
def test_composed_sql_is_an_offence(tmp_path: Path, code: str) -> None:
    [(line, sentence)] = found_in(tmp_path, "models/invoices.py", code, sql_text.offences)
    assert line == code.count("\n") + 1
    assert "parameter" in sentence


INNOCENTS = {
    "parameters": "def f(cursor, name):\n    cursor.execute('SELECT 1 FROM invoice WHERE number = %s', [name])",
    "plain text": "import sqlalchemy as sa\nsa.text('state = :state')",
    "a sentence": "said = f'Select {account} from the list.'",
    "another sentence": "said = f'Update {count} bills'",
    "psycopg's composition": "def f(admin, sql, name):\n    admin.execute(sql.SQL('DROP DATABASE {}').format(name))",
}


@pytest.mark.parametrize("code", INNOCENTS.values(), ids=INNOCENTS)
def test_what_carries_its_values_apart_passes(tmp_path: Path, code: str) -> None:
    assert found_in(tmp_path, "models/invoices.py", code, sql_text.offences) == []


def test_a_quickbooks_query_may_be_composed_by_its_provider(tmp_path: Path) -> None:
    code = "query = f'select * from {entity} where Active = true'"
    assert found_in(tmp_path, "providers/quickbooks_online/query.py", code, sql_text.offences) == []
