"""The two company files of the world: complete, within Desktop's limits, and matching the projects and vendors."""

from __future__ import annotations

from decimal import Decimal

import pytest

from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.world.company_files import COMPANY_FILES, LONGEST_NAME, desktop_name
from simulators.world.documents import Documents
from simulators.world.expectation import fit_number
from simulators.world.projects import TIDEWATER, TIDEWATER_PROJECTS
from simulators.world.vendors import tidewater_vendors


@pytest.fixture(scope="module")
def files(demo: Documents) -> dict[str, CompanyFile]:
    simulation = Simulation()
    simulation.load(demo.quickbooks_desktop)
    return {file.key: file for file in simulation.files.values()}


def test_every_project_is_a_job_of_one_file(files: dict[str, CompanyFile]) -> None:
    for place, project in enumerate(TIDEWATER_PROJECTS):
        home = "tidewater-norfolk" if place < 2 else "tidewater-tennessee"
        for key, file in files.items():
            assert (file.by_name("Customer", project.customer_path()) is not None) == (key == home), project.name


def test_every_expected_bill_can_stand_in_its_file_and_only_there(
    demo: Documents, files: dict[str, CompanyFile]
) -> None:
    bills = [each for each in demo.expected["desktop"]["requisitions"].values() if each["verdict"] == "bill"]
    assert {each["file"] for each in bills} == set(files)
    assert len(bills) >= 20
    for each in bills:
        bill = each["bill"]
        assert len(bill["number"]) <= 20
        for key, file in files.items():
            assert file.by_name("Vendor", bill["vendor"]) is not None
            for line in bill["lines"]:
                assert file.by_name("Account", line["account"]) is not None
                assert (file.by_name("Customer", line["customer"]) is not None) == (key == each["file"])


def test_a_number_of_21_characters_is_shortened_for_desktop() -> None:
    number = "TIDE-2026-00000012345"
    assert fit_number(number) == number
    short = fit_number(number, 20)
    assert (len(short), short[:16]) == (20, "026-00000012345-")


def test_every_vendor_of_the_books_is_in_both_files_under_a_name_that_desktop_takes(
    files: dict[str, CompanyFile],
) -> None:
    for file in files.values():
        for vendor in tidewater_vendors(TIDEWATER):
            found = file.by_name("Vendor", desktop_name(vendor.name))
            assert (found is not None) == vendor.in_books, vendor.name
        names = [str(entry["Name"]) for kind in ("Vendor", "Customer") for entry in file.books.lists[kind].values()]
        assert max(map(len, names)) <= LONGEST_NAME
        assert all(name.encode("cp1252") for name in names)
        assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("🔥 Fireline Fire Protection", "Fireline Fire Protection"),
        ("Maunakea Masonry Hawaiʻi", "Maunakea Masonry Hawaii"),
        ("Hudson Valley Electric Cooperative Contractors", "Hudson Valley Electric Cooperative Contra"),
        ("Peña & Sons Drywall", "Peña & Sons Drywall"),
        ("Main: Street", "Main Street"),
    ],
)
def test_names_as_a_bookkeeper_typed_them(name: str, typed: str) -> None:
    assert desktop_name(name) == typed


def test_no_id_of_one_file_is_known_to_the_other(files: dict[str, CompanyFile]) -> None:
    ids = [{identity for shelf in file.books.lists.values() for identity in shelf} for file in files.values()]
    assert len(files) == len(COMPANY_FILES) == 2
    assert not set.intersection(*ids)


def test_the_older_bills_are_paid_by_checks(files: dict[str, CompanyFile]) -> None:
    for file in files.values():
        bills = list(file.books.transactions["Bill"].values())
        assert (len(bills), sum(file.open_amount(bill) == 0 for bill in bills)) == (40, 28)
        for payment in file.books.transactions["BillPaymentCheck"].values():
            assert sum((each.amount for each in file.used_of(payment["TxnID"])), Decimal(0)) == payment["Amount"]


def test_accounts_have_the_names_of_the_online_books(files: dict[str, CompanyFile]) -> None:
    for file in files.values():
        for name, account_type in (
            ("Job Costs:Subcontractor Expense", "CostOfGoodsSold"),
            ("Retainage Payable", "OtherCurrentLiability"),
            ("Accounts Payable (A/P)", "AccountsPayable"),
        ):
            account = file.by_name("Account", name)
            assert account is not None
            assert account["AccountType"] == account_type
