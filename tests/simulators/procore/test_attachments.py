from __future__ import annotations

import httpx

from simulators.procore.attachments import pdf
from tests.simulators.procore.account import HIDDEN, TOWER, Procore


async def address(procore: Procore) -> str:
    shown = await procore.get("/rest/v1.1/requisitions/58001", {"project_id": TOWER})
    return str(shown.json()["attachments"][0]["url"])


async def test_a_download_needs_the_token_here_and_no_token_there(dmsa: Procore) -> None:
    url = await address(dmsa)
    assert url == f"{dmsa.url}/files/5001"
    assert (await dmsa.http.get(url)).status_code == 401
    redirect = await dmsa.http.get(url, headers=dmsa.headers)
    assert redirect.status_code == 302
    storage = redirect.headers["location"]
    assert httpx.URL(storage).host == "localhost"
    path = httpx.URL(storage).path
    assert (await dmsa.http.get(path, headers=dmsa.headers)).status_code == 400
    stored = await dmsa.http.get(path)
    assert stored.headers["content-type"] == "application/pdf"
    assert stored.content.startswith(b"%PDF-1.4")
    assert b"Invoice INV-1" in stored.content
    assert b"cnry" in stored.content
    assert (await dmsa.http.get("/storage/guessed")).status_code == 403


async def test_a_file_of_a_project_one_may_not_see_is_404(dmsa: Procore) -> None:
    url = await address(dmsa)
    await dmsa.control("PATCH", f"projects/{TOWER}", {"permitted": False})
    assert (await dmsa.http.get(url, headers=dmsa.headers)).status_code == 404
    assert (await dmsa.http.get(f"{dmsa.url}/files/{HIDDEN}", headers=dmsa.headers)).status_code == 404


def test_the_table_of_a_pdf_points_at_its_objects() -> None:
    document = pdf(["a (b) \\ c"])
    assert b"(a \\(b\\) \\\\ c) Tj" in document
    start = int(document.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert document[start:].startswith(b"xref")
    places = [int(line[:10]) for line in document[start:].split(b"\n")[3:8]]
    assert [document[place : place + 7] for place in places] == [b"%d 0 obj" % number for number in range(1, 6)]
