"""What the Web Connector takes, and with which code it refuses the rest."""

from __future__ import annotations

import pytest

from simulators.quickbooks_desktop.qwc_file import QwcError, read_qwc
from tests.simulators.quickbooks_desktop.conftest import APPLICATION, Office
from tests.simulators.quickbooks_desktop.service import FILE_ID, OWNER, qwc

URL = "http://127.0.0.1:8080"


def test_a_file_is_read() -> None:
    read = read_qwc(qwc(URL))
    assert (read.app_url, read.user_name, read.owner_id, read.file_id) == (f"{URL}/soap", APPLICATION, OWNER, FILE_ID)
    assert (read.every_seconds, read.style, read.is_read_only) == (900, "Document", False)
    assert read.certificate_url == read.app_url


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"UserName": None}, "QBWC1020"),
        ({"AppID": None}, "QBWC1020"),
        ({"Colour": "red"}, "QBWC1021"),
        ({"FileID": FILE_ID.strip("{}")}, "QBWC1026"),
        ({"QBType": "QBPOS"}, "QBWC1024"),
        ({"Style": "Loose"}, "QBWC1025"),
        ({"Scheduler": "<RunEveryNMinutes>often</RunEveryNMinutes>"}, "QBWC1022"),
        ({"AppDescription": "x" * 81}, "QBWC1023"),
        ({"AppURL": "http://sync.example/soap", "AppSupport": "https://sync.example/help"}, "QBWC1010"),
        ({"AppURL": "https://203.0.113.9/soap", "AppSupport": "https://203.0.113.9/help"}, "QBWC1001"),
        ({"AppURL": "https://sync.example/soap", "AppSupport": "https://help.example/"}, "QBWC1000"),
    ],
)
def test_files_that_are_refused(changes: dict[str, str | None], code: str) -> None:
    with pytest.raises(QwcError) as refused:
        read_qwc(qwc(URL, **changes))
    assert refused.value.code == code


async def test_adding_writes_the_file_id_into_the_company_file(office: Office) -> None:
    await office.add()
    assert office.file.books.stamps == {OWNER: FILE_ID}
    state = await office.control("GET", "state")
    assert [each["user_name"] for each in state["pcs"][0]["applications"]] == [APPLICATION]
    await office.add()
    assert len(office.pc.applications) == 1


async def test_another_file_id_for_the_same_owner_is_refused(office: Office) -> None:
    await office.add()
    another = "{11111111-86F1-4FCC-B1EE-566DE1813D20}"
    other = qwc(office.service_url, UserName="acme-books-2", FileID=another)
    refused = await office.desk("add_application", status=409, qwc=other, password="x")
    assert refused["code"] == "QBWC1039"
    await office.person("remove_stamps")
    await office.desk("add_application", qwc=other, password="x")


@pytest.mark.parametrize(
    ("first", "fields", "code"),
    [
        ("quit_quickbooks", {}, "QBWC1008"),
        ("open_dialog", {}, "QBWC1008"),
        ("wake", {"permission": "no"}, "QBWC1035"),
    ],
)
async def test_adding_needs_the_admin_at_the_open_company_file(
    office: Office, first: str, fields: dict[str, str], code: str
) -> None:
    await office.desk(first)
    text = qwc(office.service_url)
    refused = await office.desk("add_application", status=409, qwc=text, password="x", **fields)
    assert refused["code"] == code


async def test_the_addresses_must_answer(office: Office) -> None:
    text = qwc(office.service_url, CertURL=f"{office.service_url}/nowhere")
    assert (await office.desk("add_application", status=409, qwc=text, password="x"))["code"] == "QBWC1048"
    text = qwc(office.service_url, AppSupport=f"{office.service_url}/nowhere")
    assert (await office.desk("add_application", status=409, qwc=text, password="x"))["code"] == "QBWC1003"
