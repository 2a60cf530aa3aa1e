"""Whatever is lost, changed or made beside what was kept is found, in a real database."""

import pytest

from demo.check.kept import EVERYTHING, LASTING, Kept, changes, lost, read_kept
from tests.demo.check.customer import PROCORE_ID, Customer


def test_what_was_left_alone_is_unchanged(customer: Customer) -> None:
    before = read_kept(customer.url, PROCORE_ID, EVERYTHING)
    customer.run("UPDATE connection_attempt SET outcome = 'failed'")
    assert changes(before, read_kept(customer.url, PROCORE_ID, EVERYTHING)) == []
    assert {table: len(rows) for table, rows in before.rows.items()} == {
        "mapping": 2,
        "connection_settings": 1,
        "project_route": 0,
        "bill_link": 0,
        "connection": 1,
        "credential": 1,
    }


@pytest.mark.parametrize(
    ("broken", "table"),
    [
        ("DELETE FROM mapping WHERE kind = 'vendor'", "mapping"),
        ("UPDATE mapping SET target_id = '71' WHERE kind = 'vendor'", "mapping"),
        ("UPDATE mapping SET superseded_at = '2026-01-02Z' WHERE kind = 'project'", "mapping"),
        ("UPDATE connection_settings SET posting_paused = false", "connection_settings"),
        ("UPDATE connection_settings SET updated_at = '2026-01-02Z'", "connection_settings"),
        ("DELETE FROM connection_settings", "connection_settings"),
    ],
)
def test_a_lost_or_changed_row_is_found(customer: Customer, broken: str, table: str) -> None:
    before = read_kept(customer.url, PROCORE_ID)
    customer.run(broken)
    after = read_kept(customer.url, PROCORE_ID)
    assert [said.split(":")[0] for said in lost(before, after)] == [table]
    assert set(lost(before, after)) <= set(changes(before, after))


@pytest.mark.parametrize(
    "broken",
    [
        "INSERT INTO mapping SELECT company_id, gen_random_uuid(), connection_id, kind, 'project:1', procore_id, "
        "procore_name, target_entity, target_id, version, author_kind, author_id, created_at, superseded_at "
        "FROM mapping WHERE kind = 'vendor'",
        "INSERT INTO project_route (company_id, id, project_id, connection_id, version, routed_at, routed_by) VALUES "
        "(%(company)s, gen_random_uuid(), '1', %(connection)s, 1, '2026-01-01Z', %(company)s)",
    ],
)
def test_a_row_nobody_made_is_found(customer: Customer, broken: str) -> None:
    before = read_kept(customer.url, PROCORE_ID)
    customer.run(broken)
    after = read_kept(customer.url, PROCORE_ID)
    assert lost(before, after) == []
    (said,) = changes(before, after)
    assert "1 rows are new" in said


@pytest.mark.parametrize(
    "broken",
    ["UPDATE connection SET quickbooks_company_id = '2'", "UPDATE credential SET refresh_token = 'other'"],
)
def test_a_refused_attempt_that_touched_the_connection_is_found(customer: Customer, broken: str) -> None:
    before = read_kept(customer.url, PROCORE_ID, EVERYTHING)
    customer.run(broken)
    assert lost(before, read_kept(customer.url, PROCORE_ID, EVERYTHING))


@pytest.mark.parametrize(("posted", "found"), [((), 1), (("link 2",), 0), (("link 2", "link 3"), 1)])
def test_each_bill_has_one_new_link(posted: tuple[str, ...], found: int) -> None:
    before = Kept({table: ("link 1",) if table == "bill_link" else () for table in LASTING})
    after = Kept({**before.rows, "bill_link": ("link 1", *posted)})
    assert len(changes(before, after, new_links=1)) == found
