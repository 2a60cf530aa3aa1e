"""Mappings: suggestions, saving and freeing, versions, and the CSV sheet."""

import csv
import io
from uuid import UUID

import pytest

from accounting.blockers import BlockerReason, Hold
from models.exact_names import Named, map_by_exact_name
from models.members import switch_feature
from models.procore_vendors import SeenVendor, store_vendors
from models.tables import MappingKind
from tests.api.booked import books, invoice, map_vendor
from tests.api.conftest import Office, SignIn, code_of
from tests.api.world import MARISOL, TOM

R = BlockerReason
VENDOR = Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
CODE = Hold(R.COST_CODE_UNMAPPED, "26-050.S", "2158")
NOBODYS = "5f0c1c52-6c1e-4f7e-9a55-0d6b3d1f2a11"


def path(connection_id: UUID, rest: str) -> str:
    return f"/api/v1/connections/{connection_id}/{rest}"


async def states(office: Office) -> dict[str, tuple[str, list[str]]]:
    listed = (await office.admin.get("/api/v1/invoices")).json()["invoices"]
    shown = [(await office.admin.get(f"/api/v1/invoices/{one['id']}")).json() for one in listed]
    return {one["number"]: (one["state"], [reason["reason"] for reason in one["reasons"]]) for one in shown}


async def test_what_waits_is_listed_first_with_suggestions_and_their_reason(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    answer = (await office.admin.get(path(connection_id, "mapping-subjects?kind=vendor"))).json()
    assert (answer["mapped"], answer["unmapped"]) == (0, 1)
    (subject,) = answer["subjects"]
    assert (subject["procore_id"], subject["waiting"]) == ("8881", 1)
    assert subject["suggestions"][0] == {
        "quickbooks_list": "Vendor",
        "quickbooks_id": "56",
        "name": "Ernies Electric LLC",
        "score": 96.0,
        "reason": "same name but for legal form, order or abbreviations",
        "exact": False,
    }


async def test_procores_directory_makes_suggestions_surer_and_finds_what_no_name_would(office: Office) -> None:
    connection_id = await books(office)
    async with office.database.company(office.company_id, office.actor) as session:
        listed = (("8881", "Ernie's Electrical"), ("8882", "Sound Power Group"))
        await store_vendors(session, [SeenVendor(one, name, email="AP@ernies.example") for one, name in listed])
    answer = (await office.admin.get(path(connection_id, "mapping-subjects?kind=vendor"))).json()
    told = {
        one["name"]: [(of["name"], of["score"], of["reason"]) for of in one["suggestions"]]
        for one in answer["subjects"]
    }
    by_mail = "same e-mail address, e-mail at the same company"
    assert told == {
        "Ernie's Electrical": [
            ("Ernies Electric LLC", 99.0, f"same name but for legal form, order or abbreviations, {by_mail}")
        ],
        "Sound Power Group": [("Ernies Electric LLC", 93.0, by_mail)],
    }
    second = (await office.admin.get(path(connection_id, "mapping-subjects?kind=vendor&limit=1&offset=1"))).json()
    assert (second["unmapped"], [one["name"] for one in second["subjects"]]) == (2, ["Sound Power Group"])


@pytest.mark.parametrize(
    ("in_procore", "mapped"),
    [
        ([("1", "Harbor  STEEL", True)], ["1"]),
        ([("1", "Harbor Steel", True), ("2", "harbor steel", True)], []),
        ([("1", "Harbor Steel", True), ("2", "Harbor Steel", False)], ["1"]),
        # Python's white space and small letters, not PostgreSQL's: a no-break space, a file separator, a long s.
        ([("1", "Harbor Steel", True), ("2", "Harbor\u00a0Steel", True)], []),
        ([("1", "Harbor Steel", True), ("2", "\x1cHARBOR\tSteel", True)], []),
        ([("1", "Harbor Steel", True), ("2", "Harbor \u017fteel", True)], []),
        # The same letters are not the same name.
        ([("1", "Harbor Steel", True), ("2", "Har bor Steel", True), ("3", "Hárbor Steel", True)], ["1"]),
    ],
)
async def test_a_name_maps_by_itself_where_one_vendor_of_each_side_has_it(
    office: Office, in_procore: list[tuple[str, str, bool]], mapped: list[str]
) -> None:
    connection_id = await books(office)
    async with office.database.company(office.company_id, office.actor) as session:
        await store_vendors(session, [SeenVendor(one, name, is_active=active) for one, name, active in in_procore])
        made = await map_by_exact_name(session, connection_id, [Named(MappingKind.VENDOR, "1", "Harbor Steel")])
    assert [(one.procore_id, one.target_id) for one in made] == [(one, "57") for one in mapped]


@pytest.mark.parametrize(
    ("listed", "on_invoice", "mapped"),
    [
        ((), "harbor  steel", []),
        ((), "Harbor\u00a0Steel", []),
        ((), "Ernie's Electrical", ["1"]),
        # The directory's name counts where it has one, unless Procore has retired it.
        ((SeenVendor("8881", "Harbor Iron"),), "Harbor Steel", ["1"]),
        ((SeenVendor("8881", "Harbor Iron", is_active=False),), "Harbor Steel", []),
    ],
)
async def test_a_namesake_that_only_an_invoice_names_keeps_a_name_from_mapping_by_itself(
    office: Office, listed: tuple[SeenVendor, ...], on_invoice: str, mapped: list[str]
) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, vendor=on_invoice)
    await invoice(office, "INV-0002", connection_id, vendor=on_invoice)
    async with office.database.company(office.company_id, office.actor) as session:
        await store_vendors(session, listed)
        made = await map_by_exact_name(session, connection_id, [Named(MappingKind.VENDOR, "1", "Harbor Steel")])
    assert [one.procore_id for one in made] == mapped


async def test_saving_frees_exactly_what_nothing_else_holds(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    await invoice(office, "INV-0002", connection_id, holds=(VENDOR, CODE))
    await invoice(office, "INV-0003", connection_id, holds=(CODE,))
    saved = await map_vendor(office, connection_id, version=0)
    assert saved["freed"] == 1
    assert await states(office) == {
        "INV-0001": ("imported", []),
        "INV-0002": ("needs_you", ["cost_code_unmapped"]),
        "INV-0003": ("needs_you", ["cost_code_unmapped"]),
    }
    pair = {"kind": "budget_code", "procore_id": "26-050.s", "quickbooks_list": "Item", "quickbooks_id": "501"}
    answer = await office.admin.put(path(connection_id, "mappings"), json={"mappings": [pair]})
    assert answer.json()["freed"] == 2


async def test_a_mapping_of_another_pair_frees_nothing(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(CODE,))
    pair = {"kind": "budget_code", "procore_id": "26-050.l", "quickbooks_list": "Account", "quickbooks_id": "80"}
    answer = await office.admin.put(path(connection_id, "mappings"), json={"mappings": [pair]})
    assert answer.json()["freed"] == 0


async def test_a_mapping_for_one_commitment_frees_only_its_invoices(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(CODE,))
    await invoice(office, "INV-0002", connection_id, holds=(Hold(R.LIKELY_DUPLICATE, "bill 145", "Bill:145"),))
    code = {"kind": "cost_code", "procore_id": "2158", "quickbooks_list": "Account", "quickbooks_id": "80"}
    vendor = {"kind": "vendor", "procore_id": "8881", "quickbooks_list": "Vendor", "quickbooks_id": "57"}
    for row in (code, vendor):
        for scope, freed in (("commitment:702", 0), ("project:9002", 0), ("commitment:701", 1)):
            mapped = {"mappings": [{**row, "scope": scope}]}
            assert (await office.admin.put(path(connection_id, "mappings"), json=mapped)).json()["freed"] == freed


async def test_versions_are_kept_and_an_earlier_one_comes_back(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id, version=0)
    await map_vendor(office, connection_id, "57", version=1)
    key = {"kind": "vendor", "procore_id": "8881"}
    answer = await office.admin.post(path(connection_id, "mappings/revert"), json={**key, "to": 1, "version": 2})
    assert answer.json()["mapping"]["quickbooks_id"] == "56"
    history = (await office.admin.get(path(connection_id, "mapping-history?kind=vendor&procore_id=8881"))).json()[
        "mappings"
    ]
    assert [(one["version"], one["quickbooks_id"], one["superseded_at"] is None) for one in history] == [
        (3, "56", True),
        (2, "57", False),
        (1, "56", False),
    ]
    assert {one["by"] for one in history} == {"person"} and history[0]["author_id"] == str(office.admin_id)
    removed = await office.admin.post(path(connection_id, "mappings/remove"), json={**key, "version": 3})
    assert removed.json() == {"removed": True}
    assert (await office.admin.get(path(connection_id, "mappings"))).json() == {"mappings": []}
    assert (await map_vendor(office, connection_id, version=0))["saved"][0]["mapping"]["version"] == 4  # type: ignore[index]


async def test_two_people_saving_the_same_mapping_do_not_overwrite_each_other(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id, version=0)
    row = {"kind": "vendor", "procore_id": "8881", "quickbooks_list": "Vendor", "quickbooks_id": "57", "version": 0}
    answer = await office.admin.put(path(connection_id, "mappings"), json={"mappings": [row]})
    assert (answer.status_code, code_of(answer)) == (409, "mapping_outdated")
    said = answer.json()["error"]["message"]
    assert said.startswith(
        "Nothing was saved. Ernie's Electrical: Ada Hartwell has changed this to “Ernies Electric LLC”"
    )


@pytest.mark.parametrize(
    ("kind", "entity", "quickbooks_id", "words"),
    [
        ("vendor", "Vendor", "58", "Old Vendor is inactive in QuickBooks"),
        ("vendor", "Vendor", "999", "not in this QuickBooks company"),
        ("vendor", "Customer", "12", "a vendor is mapped to Vendor, not to a Customer"),
        ("cost_code", "Account", "35", "is a bank or card account"),
        ("cost_code", "Account", "38", "is inactive"),
        ("cost_code", "Item", "502", "an inventory item"),
        ("retainage_account", "Account", "39", "detail type Retainage"),
        ("ap_account", "Account", "80", "is not an accounts payable account"),
        ("tax_code", "Account", "80", "tax is job cost in US books"),
    ],
)
async def test_a_target_that_quickbooks_would_refuse_is_refused_and_nothing_is_saved(
    office: Office, kind: str, entity: str, quickbooks_id: str, words: str
) -> None:
    connection_id = await books(office)
    good = {"kind": "cost_code", "procore_id": "1", "quickbooks_list": "Account", "quickbooks_id": "80"}
    bad = {"kind": kind, "procore_id": "2", "quickbooks_list": entity, "quickbooks_id": quickbooks_id}
    answer = await office.admin.put(path(connection_id, "mappings"), json={"mappings": [good, bad]})
    assert (answer.status_code, code_of(answer)) == (422, "target_refused")
    assert words in answer.json()["error"]["message"]
    assert (await office.admin.get(path(connection_id, "mappings"))).json() == {"mappings": []}


async def test_only_targets_that_may_be_chosen_are_offered(office: Office) -> None:
    connection_id = await books(office)
    offered = (await office.admin.get(path(connection_id, "mapping-targets?kind=cost_code"))).json()["targets"]
    assert {(one["quickbooks_list"], one["quickbooks_id"]) for one in offered} == {
        ("Account", "80"),
        ("Account", "81"),
        ("Account", "39"),
        ("Item", "501"),
    }


async def test_everyone_else_may_not_map(office: Office, sign_in: SignIn) -> None:
    connection_id = await books(office)
    reader = await sign_in(TOM)
    answer = await reader.get(path(connection_id, "mapping-subjects?kind=vendor"))
    assert (answer.status_code, code_of(answer)) == (403, "not_accountant")
    assert (await office.admin.get(f"/api/v1/connections/{NOBODYS}/mappings")).status_code == 404
    accountant = await sign_in(MARISOL)
    assert (await accountant.post(path(connection_id, "mappings.csv"), content=b"")).status_code == 403
    named = (await accountant.get("/api/v1/me")).json()["id"]
    await office.admin.post(f"/settings/company/people/{named}", data={"accountant": "true"})
    assert (await accountant.get(path(connection_id, "mappings"))).json() == {"mappings": []}
    # What is missing they match on the invoice that waits for it; a mapping as such is an admin's.
    row = {"kind": "vendor", "procore_id": "8881", "quickbooks_list": "Vendor", "quickbooks_id": "56", "version": 0}
    answer = await accountant.put(path(connection_id, "mappings"), json={"mappings": [row]})
    assert (answer.status_code, code_of(answer)) == (403, "not_admin")


async def test_with_the_feature_off_nothing_is_mapped(office: Office) -> None:
    connection_id = await books(office)
    async with office.database.company(office.company_id, office.actor) as session:
        await switch_feature(session, False)
    row = {"kind": "vendor", "procore_id": "8881", "quickbooks_list": "Vendor", "quickbooks_id": "56", "version": 0}
    answer = await office.admin.put(path(connection_id, "mappings"), json={"mappings": [row]})
    assert (answer.status_code, code_of(answer)) == (403, "feature_not_available")


# --- the sheet

HEADER = "kind,scope,procore_id,procore_name,quickbooks_list,quickbooks_id,quickbooks_name"


async def upload(
    office: Office, connection_id: UUID, *rows: str, dry_run: bool = False, start: str = ""
) -> dict[str, object]:
    content = f"{start}{HEADER}\r\n" + "\r\n".join(rows) + "\r\n"
    answer = await office.admin.post(
        path(connection_id, f"mappings.csv?dry_run={str(dry_run).lower()}"), content=content.encode()
    )
    assert answer.status_code == 200, answer.text
    read: dict[str, object] = answer.json()
    return read


ROWS = (
    "vendor,,8881,Ernie's Electrical,Vendor,56,",
    "cost_code,,2158,Rough-in,,,Electrical sub",
    "project,,9001,Harbor Point Tower,Customer,12,",
)


async def test_a_dry_run_saves_nothing_and_says_what_would_be(office: Office) -> None:
    connection_id = await books(office)
    read = await upload(office, connection_id, *ROWS, dry_run=True)
    assert (read["new"], read["errors"], read["saved"], read["dry_run"]) == (3, 0, 0, True)
    assert (await office.admin.get(path(connection_id, "mappings"))).json() == {"mappings": []}


async def test_a_checked_sheet_overwrites_nothing_that_was_saved_since(office: Office) -> None:
    connection_id = await books(office)
    checked = await upload(office, connection_id, *ROWS, dry_run=True)
    await map_vendor(office, connection_id, "57")
    saving = path(connection_id, f"mappings.csv?dry_run=false&seen={checked['seen']}")
    answer = await office.admin.post(saving, content=f"{HEADER}\r\n{ROWS[0]}\r\n{ROWS[1]}\r\n{ROWS[2]}\r\n".encode())
    assert (answer.status_code, code_of(answer)) == (409, "mappings_changed")
    (kept,) = (await office.admin.get(path(connection_id, "mappings"))).json()["mappings"]
    assert (kept["quickbooks_id"], kept["version"]) == ("57", 1)
    again = await upload(office, connection_id, *ROWS, dry_run=True)
    assert (again["changed"], again["new"]) == (1, 2) and again["seen"] != checked["seen"]


async def test_a_sheet_of_a_million_rows_is_refused_in_the_words_of_a_sheet(office: Office) -> None:
    connection_id = await books(office)
    row = b"vendor,,8881,Ernie's Electrical,Vendor,56,\r\n"
    answer = await office.admin.post(path(connection_id, "mappings.csv"), content=row * 1_000_000)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")
    assert answer.json()["error"]["message"].endswith("up to 20,000 rows. Keep only the mappings you change.")


async def test_a_sheet_is_saved_whole_and_frees(office: Office) -> None:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(VENDOR, CODE))
    read = await upload(office, connection_id, *ROWS, start="\ufeff")
    assert (read["new"], read["saved"], read["freed"]) == (3, 3, 1)
    again = await upload(office, connection_id, *ROWS)
    assert (again["unchanged"], again["saved"]) == (3, 0)
    changed = await upload(office, connection_id, "vendor,,8881,,Vendor,57,")
    assert changed["rows"] == [
        {"line": 2, "outcome": "changed", "name": "Ernie's Electrical", "message": "was Vendor 56"}
    ]


async def test_what_is_exported_comes_back_unchanged(office: Office) -> None:
    connection_id = await books(office)
    await map_vendor(office, connection_id, procore_name="=cmd|' /C calc'!A0")
    exported = await office.admin.get(path(connection_id, "mappings.csv"))
    assert exported.headers["content-type"].startswith("text/csv") and exported.text.startswith("\ufeff")
    row = list(csv.reader(io.StringIO(exported.text)))[1]
    assert row[3].startswith("'=cmd"), "no spreadsheet may take a name for a formula"
    answer = await office.admin.post(path(connection_id, "mappings.csv?dry_run=false"), content=exported.content)
    assert answer.json()["errors"] == 1, "a formula comes back as text and is refused as a name"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("vendor,,8881,x,Vendor", "has 5 cells instead of 7"),
        ("customer,,8881,x,Vendor,56,", "kind 'customer' is none of vendor"),
        ("vendor,invoice:1,8881,x,Vendor,56,", "scope must be empty"),
        ("vendor,,,x,Vendor,56,", "procore_id is empty"),
        ("vendor,,8881,=1+1,Vendor,56,", "a cell is a formula"),
        ("vendor,,8881,x,Vendor,58,", "Old Vendor is inactive"),
        ("vendor,,8881,x,,,Nobody", "0 entries of QuickBooks are called 'Nobody'"),
        ("cost_code,,1,x,Account,35,", "is a bank or card account"),
        ("tax_code,,611,x,Account,35,", "tax is job cost in US books"),
        ("vendor,,8882,x,Vendor,56,\r\nvendor,,8882,x,Vendor,57,", "stands on line 3 already"),
    ],
)
async def test_one_bad_row_saves_nothing_and_is_named(office: Office, row: str, message: str) -> None:
    connection_id = await books(office)
    read = await upload(office, connection_id, "vendor,,8881,Ernie,Vendor,56,", row)
    assert (read["errors"], read["saved"]) == (1, 0)
    rows = read["rows"]
    assert isinstance(rows, list)
    assert any(message in one["message"] for one in rows if one["outcome"] == "error"), rows
    assert (await office.admin.get(path(connection_id, "mappings"))).json() == {"mappings": []}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "wrong_columns"),
        (b"vendor,56\r\n", "wrong_columns"),
        (b"\xff\xfe\x00", "not_utf8"),
        (f'{HEADER}\r\nvendor,,"8881'.encode(), "not_csv"),
        (f"{HEADER}\r\n".encode() + b"vendor,,1,x,Vendor,56,\r\n" * 20_001, "too_many_rows"),
    ],
)
async def test_what_is_no_sheet_is_refused_in_words(office: Office, content: bytes, code: str) -> None:
    connection_id = await books(office)
    answer = await office.admin.post(path(connection_id, "mappings.csv"), content=content)
    assert (answer.status_code, code_of(answer)) == (422, code)
