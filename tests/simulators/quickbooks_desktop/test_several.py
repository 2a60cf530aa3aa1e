"""Several company files on one PC, one .qwc file on two PCs."""

from __future__ import annotations

import copy
import json

import pytest

from tests.exchanges.matching import FOLDER
from tests.simulators.quickbooks_desktop.conftest import Office
from tests.simulators.quickbooks_desktop.service import OWNER, PASSWORD, bill_add, qwc

SECOND_ID = "{9D0C1B2A-0000-4000-8000-00000000000B}"


@pytest.fixture
def two_files(office: Office) -> Office:
    """A second company file beside the first, with the same lists."""
    document = json.loads((FOLDER / "quickbooks_desktop_world.json").read_text("utf-8"))
    second = copy.deepcopy(document["company_files"][0])
    second |= {"key": "other", "path": "C:\\Books\\Other.QBW", "company": {"CompanyName": "Other Builders"}}
    document["company_files"].append(second)
    office.simulation.load(document)
    return office


async def both_added(office: Office) -> None:
    await office.add()
    await office.desk("open_file", file="other")
    text = qwc(office.service_url, UserName="other-books", AppName="inBuild Sync 2", FileID=SECOND_ID)
    await office.desk("add_application", qwc=text, password=PASSWORD)


async def test_each_application_writes_into_its_own_file(two_files: Office) -> None:
    await both_added(two_files)
    await two_files.desk("quit_quickbooks")
    service = two_files.service
    for user, path in (("acme-books", r"C:\Books\Acme Builders.QBW"), ("other-books", r"C:\Books\Other.QBW")):
        service.path, service.requests = path, [*service.requests, bill_add(f"for {user}")]
        await two_files.control("POST", "pcs/office/update", {"application": user})
    assert two_files.numbers() == ["for acme-books"]
    other = two_files.simulation.file("other").books
    assert [bill["RefNumber"] for bill in other.transactions["Bill"].values()] == ["INV-900", "for other-books"]
    assert other.stamps == {OWNER: SECOND_ID}


async def test_the_other_file_is_in_the_window(two_files: Office) -> None:
    await both_added(two_files)
    two_files.service.path = r"C:\Books\Acme Builders.QBW"
    assert (await two_files.update()).startswith("0x8004040A")
    await two_files.desk("open_file", file="acme")
    two_files.service.requests = [bill_add("A-1")]
    assert await two_files.update() == "Complete"


async def test_one_update_at_a_time_on_one_pc(two_files: Office) -> None:
    await both_added(two_files)
    await two_files.trouble("after:authenticate", "sleep", application="acme-books")
    two_files.service.answers["authenticate"] = ["t-1|none", "t-2|none"]
    for name in ("acme-books", "other-books"):
        await two_files.http.post("/pcs/office/update", data={"application": name})
    await two_files.until(lambda: two_files.pc.is_asleep)
    assert two_files.service.operations.count("authenticate") == 1
    await two_files.desk("wake")
    await two_files.until(lambda: two_files.service.operations.count("closeConnection") == 2)


async def test_a_qwc_file_on_a_second_pc_shows_in_the_app_lock(office: Office) -> None:
    await office.add()
    await office.control("POST", "pcs", {"name": "laptop"})
    text = {"action": "add_application", "qwc": qwc(office.service_url), "password": PASSWORD}
    await office.control("POST", "pcs/laptop/actions", {"action": "open_file", "file": "acme"})
    await office.control("POST", "pcs/laptop/actions", text)
    for pc in ("office", "laptop"):
        await office.control("POST", f"pcs/{pc}/update", {"application": "acme-books"})
        assert office.file.books.app_locks == {OWNER: f"LOCKED:{pc.upper()}:1"}
