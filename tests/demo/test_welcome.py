"""What `make demo` prints: every address, every person, and steps that can be followed in their order."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from demo.stack import Stack
from demo.welcome import addresses, what_to_try
from simulators.world.demo import demo_world
from simulators.world.documents import Documents

URLS = {
    "app_url": "http://localhost:8000",
    "temporal_ui_url": "http://127.0.0.1:8233",
    "procore_url": "http://127.0.0.1:8100",
    "quickbooks_url": "http://127.0.0.1:8200",
    "quickbooks_desktop_url": "http://127.0.0.1:8300",
    "mail_url": "http://127.0.0.1:8400",
}
STACK = cast(Stack, SimpleNamespace(**URLS, folder=Path("/demo")))


@pytest.fixture(scope="module")
def documents() -> Documents:
    return demo_world()


def test_every_address_and_every_person_is_printed(documents: Documents) -> None:
    users = documents.procore["users"]
    lines = addresses(STACK, users).splitlines()
    assert [url for url in URLS.values() if not any(f"  {url}  " in line for line in lines)] == []
    assert [user["name"] for user in users if not any(user["name"] in line for line in lines)] == []
    assert {"Project accountant", "inBuild support"} <= {user["persona"] for user in users}


def test_the_steps_are_numbered_and_lead_to_what_the_seed_has(documents: Documents) -> None:
    said = what_to_try(STACK, documents.expected, documents.procore["users"])
    numbers = [int(number) for number in re.findall(r"^  (\d+)\. ", said, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    (approved,) = re.findall(r"8100/requisitions/(\d+)", said)
    rows = {str(row["id"]): row for row in documents.procore["requisitions"]}
    assert rows[approved]["status"] == "under_review"
    (realm,) = re.findall(r"8200/companies/(\d+)", said)
    assert realm in {company["realm_id"] for company in documents.quickbooks_online["companies"]}
    assert "as Nell Avery connect two company files of Tidewater Constructors" in said
    (pc,) = re.findall(r"8300/pcs/(\w+)", said)
    assert pc in {one["name"] for one in documents.quickbooks_desktop["pcs"]}
    asleep, woken = said.index("to sleep, approve"), said.index("wake it")
    assert asleep < woken
