"""A connection's settings: every one with its default, kept with who and when, never overwritten by an older form."""

import re
from uuid import UUID

import pytest
import pytest_asyncio
from sqlmodel import select

from models.tables import AuditLog
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import EXPENSE, RETAINAGE, add_connection
from tests.api.world import BERT, MARISOL

DEFAULTS = {
    "default_account_id": None,
    "default_item_id": None,
    "retainage_account_id": None,
    "ap_account_id": None,
    "default_terms_days": 30,
    "posting_basis": "account",
    "line_grouping": "sov_line",
    "bill_date_source": "billing_date",
    "retainage_booking": "gross",
    "missing_lien_waiver": "mark",
    "changed_invoice": "ask",
    "billable": False,
    "review_before_posting": False,
    "confirm_exact_matches": True,
    "all_projects": True,
    "lock_date": None,
    "write_back": False,
    "write_back_from": None,
    "quiet_from": None,
    "quiet_until": None,
    "quiet_time_zone": "America/New_York",
    "posting_paused": False,
}
OTHERS = {
    "posting_basis": "item",
    "line_grouping": "budget_code",
    "bill_date_source": "period_end",
    "retainage_booking": "net",
    "missing_lien_waiver": "wait",
    "changed_invoice": "update",
    "billable": True,
    "review_before_posting": True,
    "confirm_exact_matches": False,
    "all_projects": False,
    "lock_date": "2026-05-31",
    "write_back": True,
    "write_back_from": "2026-06-01",
    "quiet_from": "22:00:00",
    "quiet_until": "05:30:00",
    "quiet_time_zone": "America/Denver",
}


@pytest_asyncio.fixture
async def connection_id(office: Office) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        return await add_connection(session, office.admin_id)


def api(connection_id: UUID) -> str:
    return f"/api/v1/connections/{connection_id}/settings"


def page(connection_id: UUID) -> str:
    return f"/settings/accounting-integrations/{connection_id}"


def shown_version(html: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found
    return found[1]


async def test_a_new_connection_has_the_defaults(office: Office, connection_id: UUID) -> None:
    shown = (await office.admin.get(api(connection_id))).json()
    assert {name: shown[name] for name in DEFAULTS} == DEFAULTS


async def test_every_setting_is_kept_and_audited(office: Office, connection_id: UUID) -> None:
    answer = await office.admin.put(api(connection_id), json=OTHERS)
    assert answer.status_code == 200, answer.text
    shown = (await office.admin.get(api(connection_id))).json()
    assert {name: shown[name] for name in OTHERS} == OTHERS
    async with office.database.company(office.company_id, office.actor) as session:
        rows = (await session.exec(select(AuditLog).where(AuditLog.action == "connection_settings_changed"))).all()
    # Which projects post there is written by itself: other connections have a word in it.
    changed, projects = sorted((row.data["changed"] for row in rows), key=len, reverse=True)
    assert (set(changed), set(projects)) == (set(OTHERS) - {"all_projects"}, {"all_projects"})
    assert changed["retainage_booking"] == ["gross", "net"]
    assert {row.actor_id for row in rows} == {str(office.admin_id)}


async def test_what_is_left_out_stays(office: Office, connection_id: UUID) -> None:
    await office.admin.put(api(connection_id), json={"default_account_id": EXPENSE, "lock_date": "2026-05-31"})
    shown = (await office.admin.put(api(connection_id), json={"retainage_account_id": RETAINAGE})).json()
    assert (shown["default_account_id"], shown["lock_date"]) == (EXPENSE, "2026-05-31")
    assert (await office.admin.put(api(connection_id), json={"lock_date": None})).json()["lock_date"] is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"write_back": True}, "write_back_start_missing"),
        ({"quiet_from": "22:00"}, "quiet_hours_incomplete"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_hours_empty"),
        ({"quiet_time_zone": "Mars/Olympus"}, "unknown_time_zone"),
        ({"default_item_id": "no such item"}, "item_refused"),
        ({"retainage_booking": "sideways"}, "invalid_input"),
        ({"lock_date": "soon"}, "invalid_input"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    office: Office, connection_id: UUID, change: dict[str, object], code: str
) -> None:
    answer = await office.admin.put(api(connection_id), json=change)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert (await office.admin.get(api(connection_id))).json()["version"] == 1


async def test_the_form_changes_what_it_shows(office: Office, connection_id: UUID) -> None:
    # A toggle sends its off, and its on where it is on.
    form = {"posting_basis": "item", "review_before_posting": ["false", "true"], "confirm_exact_matches": "false"}
    answer = await office.admin.post(page(connection_id), data={**form, "version": "1", "lock_date": ""})
    assert answer.status_code == 303, answer.text
    shown = (await office.admin.get(api(connection_id))).json()
    assert [shown[name] for name in form] == ["item", True, False]
    html = (await office.admin.get(page(connection_id))).text
    assert re.search(r'name="posting_basis" value="item" checked', html)
    assert "Last changed by Ada Hartwell" in html


async def test_an_older_form_overwrites_nothing_and_says_who_was_faster(
    office: Office, connection_id: UUID, sign_in: SignIn
) -> None:
    opened = shown_version((await office.admin.get(page(connection_id))).text)
    bert = await sign_in(BERT)
    await bert.post(page(connection_id), data={"default_terms_days": "45", "version": opened})
    late = await office.admin.post(page(connection_id), data={"default_terms_days": "10", "version": opened})
    assert late.status_code == 409
    assert "Bert Hartwell has changed these settings since you opened them. Nothing of yours was saved" in late.text
    # The form now shows what stands, and saving it again is a decision made with that in sight.
    assert 'value="45"' in late.text and 'value="10"' not in late.text
    again = {"default_terms_days": "10", "version": shown_version(late.text)}
    assert (await office.admin.post(page(connection_id), data=again)).status_code == 303


async def test_the_same_form_sent_twice_changes_nothing_twice(office: Office, connection_id: UUID) -> None:
    form = {"default_terms_days": "45", "version": "1"}
    for _ in range(2):
        assert (await office.admin.post(page(connection_id), data=form)).status_code == 303
    assert (await office.admin.get(api(connection_id))).json()["version"] == 2


async def test_only_admins_see_and_change_it(office: Office, connection_id: UUID, sign_in: SignIn) -> None:
    marisol = await sign_in(MARISOL)
    for path in (page(connection_id), f"{page(connection_id)}/mapping", f"{page(connection_id)}/projects"):
        shown = await marisol.get(path)
        assert shown.status_code == 403
        assert "Only admin users can access accounting integrations." in shown.text
        assert (await marisol.post(path, data={"default_terms_days": "45"})).status_code == 403
    assert (await office.admin.get(api(connection_id))).json()["version"] == 1
